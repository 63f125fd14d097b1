package store

import (
	"context"
	"fmt"

	"github.com/CCI-MOC/haas/core"
)

// forgotten is how long, in milliseconds, a question is kept that nobody waits for any more: who asked it is gone.
const forgotten = 5 * 60 * 1000

// Ask records a question to a switch, for whoever holds its lane to answer within ttl milliseconds.
func (q Queries) Ask(ctx context.Context, sw int64, what string, ttl int64) (core.Question, error) {
	_, err := q.db.NewDelete().Model((*core.Question)(nil)).Where("until < "+q.clock()+" - ?", forgotten).Exec(ctx)
	if err != nil {
		return core.Question{}, translate(err)
	}
	asked := core.Question{SwitchID: sw, What: what}
	_, err = q.db.NewInsert().Model(&asked).Value("until", q.clock()+" + ?", ttl).Returning("id").Exec(ctx)
	return asked, translate(err)
}

// waiting is what keeps a question open, for a query of questions AS question.
func (q Queries) waiting() string { return "NOT question.answered AND question.until > " + q.clock() }

// Questions are those of a switch that wait for an answer, in the order in which they were asked.
func (q Queries) Questions(ctx context.Context, sw int64) ([]core.Question, error) {
	var found []core.Question
	err := q.db.NewSelect().Model(&found).ColumnExpr("question.*, question.until - "+q.clock()+" AS left_ms").
		Where("question.switch_id = ?", sw).Where(q.waiting()).OrderExpr("question.id").Scan(ctx)
	return found, translate(err)
}

// Question finds a question by its ID.
func (q Queries) Question(ctx context.Context, id int64) (core.Question, error) {
	var found core.Question
	err := one(ctx, q.db.NewSelect().Model(&found).Where("id = ?", id), core.Errorf(core.NotFound, "the switch was deleted meanwhile"))
	return found, err
}

// AnswerQuestion answers a question, if somebody still waits for it.
func (q Queries) AnswerQuestion(ctx context.Context, id int64, answer string) error {
	_, err := q.db.NewUpdate().Table("questions").Set("answer = ?", answer).Set("answered = ?", true).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// ForgetQuestion removes a question.
func (q Queries) ForgetQuestion(ctx context.Context, id int64) error {
	_, err := q.db.NewDelete().Model((*core.Question)(nil)).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// MarkChecked notes when all ports of a switch were held against its running configuration.
func (q Queries) MarkChecked(ctx context.Context, sw, at int64) error {
	_, err := q.db.NewRaw("INSERT INTO checks (switch_id, checked_at) VALUES (?, ?)"+
		" ON CONFLICT (switch_id) DO UPDATE SET checked_at = excluded.checked_at", sw, at).Exec(ctx)
	return translate(err)
}

// WantCheck says that a switch is to be checked at once.
func (q Queries) WantCheck(ctx context.Context, sw int64) error {
	_, err := q.db.NewDelete().Table("checks").Where("switch_id = ?", sw).Exec(ctx)
	return translate(err)
}

// Drifted notes that a port was seen to carry VLANs that it should not, or not as it should: it is to be visited, and
// until then no network gets one of them. Nothing happens if the port has been deleted meanwhile.
func (q Queries) Drifted(ctx context.Context, port int64, vlans []int) error {
	found, err := q.db.NewSelect().Table("ports").Where("id = ?", port).Exists(ctx)
	if err != nil || !found {
		return translate(err)
	}
	notes := make([]core.PortVLAN, 0, len(vlans))
	for _, v := range vlans {
		notes = append(notes, core.PortVLAN{PortID: port, VLAN: v})
	}
	if err := q.NotePortVLANs(ctx, notes); err != nil {
		return fmt.Errorf("note what port %d carries: %w", port, err)
	}
	return q.WantPort(ctx, port)
}
