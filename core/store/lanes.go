package store

import (
	"context"
	"errors"

	"github.com/CCI-MOC/haas/core"
)

// ErrLaneLost says that another server holds the lane now: whatever this one was about to write is void.
var ErrLaneLost = errors.New("another server has taken over the switch")

// clock is the database's own time in milliseconds since 1970: leases compare times of several servers.
func (q Queries) clock() string {
	if q.postgres {
		return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
	}
	return "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
}

// Lane is the state of a switch's lane.
func (q Queries) Lane(ctx context.Context, sw int64) (core.Lane, error) {
	var l core.Lane
	err := one(ctx, q.db.NewSelect().Model(&l).ColumnExpr("lane.*, "+checkedAt+" AS checked_at").Where("lane.switch_id = ?", sw),
		core.Errorf(core.NotFound, "the switch has no lane"))
	return l, err
}

// checkedAt is when a lane's switch was last checked.
const checkedAt = "COALESCE((SELECT c.checked_at FROM checks AS c WHERE c.switch_id = lane.switch_id), 0)"

// Chores are what there is to do on a switch without anybody asking for it: to save a configuration that is unsaved since
// SaveBefore or longer, and to check a switch that was last checked at CheckBefore or earlier.
type Chores struct{ SaveBefore, CheckBefore int64 }

// LanesWithWork are the lanes that nobody else holds, and that somebody waits at for an answer, or whose switch has a port
// to visit now or a chore to be done. One that is to be left alone after a failure only answers. After a save in vain
// only the save is left alone, not the ports.
func (q Queries) LanesWithWork(ctx context.Context, owner string, due Chores) ([]core.Lane, error) {
	now := q.millis()
	var found []core.Lane
	err := q.db.NewSelect().Model(&found).
		Where("lane.owner = ? OR lane.until < "+q.clock(), owner).
		Where("EXISTS (SELECT 1 FROM questions AS question WHERE question.switch_id = lane.switch_id AND "+q.waiting()+")"+
			" OR (lane.retry_at <= ? OR lane.failures = 0) AND (lane.unsaved_since <= ? AND lane.retry_at <= ?"+
			" OR EXISTS (SELECT 1 FROM ports AS p WHERE p.switch_id = lane.switch_id AND p.seen_gen < p.wanted_gen AND p.retry_at <= ?)"+
			" OR "+checkedAt+" <= ? AND EXISTS (SELECT 1 FROM ports AS p WHERE p.switch_id = lane.switch_id AND p.wanted_gen > 0))",
			now, due.SaveBefore, now, now, due.CheckBefore).
		OrderExpr("lane.switch_id").Scan(ctx)
	return found, translate(err)
}

// TakeLane gives the owner the lane for ttl milliseconds, or longer if the owner has it; ErrLaneLost if another has it.
func (q Queries) TakeLane(ctx context.Context, sw int64, owner string, ttl int64) (core.Lane, error) {
	var l core.Lane
	res, err := q.db.NewUpdate().Model(&l).
		Set("until = "+q.clock()+" + ?", ttl).
		Set("fence = fence + CASE WHEN owner = ? THEN 0 ELSE 1 END", owner).
		Set("owner = ?", owner).
		Where("switch_id = ?", sw).
		Where("owner = ? OR until < "+q.clock(), owner).
		Returning("*").Exec(ctx)
	return l, changed(res, err, ErrLaneLost)
}

// HoldLane makes sure, inside a transaction, that the lane is still held as it was taken, and keeps it so until the end
// of the transaction.
func (q Queries) HoldLane(ctx context.Context, l core.Lane) error {
	res, err := q.db.NewUpdate().Table("lanes").Set("fence = fence").
		Where("switch_id = ?", l.SwitchID).Where("owner = ?", l.Owner).Where("fence = ?", l.Fence).Exec(ctx)
	return changed(res, err, ErrLaneLost)
}

// FreeLane gives the lane back.
func (q Queries) FreeLane(ctx context.Context, l core.Lane) error {
	_, err := q.db.NewUpdate().Table("lanes").Set("until = 0").
		Where("switch_id = ?", l.SwitchID).Where("owner = ?", l.Owner).Where("fence = ?", l.Fence).Exec(ctx)
	return translate(err)
}

// LaneReached notes that a visit reached the switch.
func (q Queries) LaneReached(ctx context.Context, sw int64) error {
	_, err := q.db.NewUpdate().Table("lanes").Set("failures = 0").Set("retry_at = 0").Set("last_error = ''").
		Where("switch_id = ?", sw).Exec(ctx)
	return translate(err)
}

// LaneFailed notes that a visit did not reach the switch, and when to try again.
func (q Queries) LaneFailed(ctx context.Context, sw, retryAt int64, reason string) error {
	_, err := q.db.NewUpdate().Table("lanes").Set("failures = failures + 1").Set("retry_at = ?", retryAt).
		Set("last_error = ?", reason).Where("switch_id = ?", sw).Exec(ctx)
	return translate(err)
}

// SaveFailed notes that the configuration could not be saved, and when to try again.
func (q Queries) SaveFailed(ctx context.Context, sw, retryAt int64, reason string) error {
	_, err := q.db.NewUpdate().Table("lanes").Set("retry_at = ?", retryAt).Set("last_error = ?", reason).
		Where("switch_id = ?", sw).Exec(ctx)
	return translate(err)
}

// MarkUnsaved notes that the running configuration is about to differ from the saved one.
func (q Queries) MarkUnsaved(ctx context.Context, sw int64) error {
	_, err := q.db.NewUpdate().Table("lanes").Set("unsaved_since = ?", q.millis()).
		Where("switch_id = ?", sw).Where("unsaved_since IS NULL").Exec(ctx)
	return translate(err)
}

// MarkSaved notes that the running configuration was saved.
func (q Queries) MarkSaved(ctx context.Context, sw int64) error {
	_, err := q.db.NewUpdate().Table("lanes").Set("unsaved_since = NULL").Where("switch_id = ?", sw).Exec(ctx)
	return translate(err)
}
