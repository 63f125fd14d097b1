package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// Switch finds a switch by its label.
func (q Queries) Switch(ctx context.Context, label string) (core.Switch, error) {
	var s core.Switch
	err := one(ctx, q.db.NewSelect().Model(&s).Where("label = ?", label), core.Missing("switch", label))
	return s, err
}

// LockSwitch is Switch, and keeps every other transaction off the switch: its settings and its ports go together.
func (q Queries) LockSwitch(ctx context.Context, label string) (core.Switch, error) {
	var s core.Switch
	err := one(ctx, q.locked(q.db.NewSelect().Model(&s).Where("label = ?", label)), core.Missing("switch", label))
	return s, err
}

// SwitchByID finds a switch by its ID.
func (q Queries) SwitchByID(ctx context.Context, id int64) (core.Switch, error) {
	var s core.Switch
	err := one(ctx, q.db.NewSelect().Model(&s).Where("id = ?", id), core.Errorf(core.NotFound, "the switch does not exist any more"))
	return s, err
}

// SwitchLabels are the labels of all switches, sorted.
func (q Queries) SwitchLabels(ctx context.Context) ([]string, error) {
	return labels(ctx, q.db.NewSelect().Table("switches").Column("label").OrderExpr("label"))
}

// CreateSwitch adds a switch, and its lane. There is nothing to check on it yet.
func (q Queries) CreateSwitch(ctx context.Context, s *core.Switch) error {
	if err := q.insert(ctx, s); err != nil {
		return err
	}
	if err := q.insert(ctx, &core.Lane{SwitchID: s.ID}); err != nil {
		return err
	}
	return q.MarkChecked(ctx, s.ID, q.millis())
}

// UpdateSwitch gives a switch other settings, if those of s are still the present ones. The new ones may lead to another
// device, of which nothing is known: whoever works the switch's lane writes nothing of what it still does by the old ones,
// failures are forgotten, and all ports that are kept have work.
func (q Queries) UpdateSwitch(ctx context.Context, s core.Switch, settings core.Settings) error {
	res, err := q.db.NewUpdate().Table("switches").Set("settings = ?", string(settings)).
		Where("id = ?", s.ID).Where("settings = ?", string(s.Settings)).Exec(ctx)
	meanwhile := core.Errorf(core.IllegalState, "switch %s has been changed by somebody else meanwhile; try again", s.Label)
	if err := changed(res, err, meanwhile); err != nil {
		return err
	}
	_, err = q.db.NewUpdate().Table("lanes").Set("fence = fence + 1").
		Set("failures = 0").Set("retry_at = 0").Set("last_error = ''").Where("switch_id = ?", s.ID).Exec(ctx)
	if err != nil {
		return translate(err)
	}
	_, err = q.db.NewUpdate().Table("ports").
		Set("wanted_gen = wanted_gen + 1").Set("attempts = 0").Set("retry_at = 0").Set("last_error = ''").
		Where("switch_id = ?", s.ID).Where("wanted_gen > 0").Exec(ctx)
	return translate(err)
}

// DeleteSwitch removes a switch without ports.
func (q Queries) DeleteSwitch(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.Switch)(nil), id, "switch")
}

// PortLabels are the labels of a switch's ports, sorted.
func (q Queries) PortLabels(ctx context.Context, sw int64) ([]string, error) {
	return labels(ctx, q.db.NewSelect().Table("ports").Column("label").Where("switch_id = ?", sw).OrderExpr("label"))
}

// SwitchOfPort finds the switch a port is on.
func (q Queries) SwitchOfPort(ctx context.Context, port int64) (core.Switch, error) {
	var s core.Switch
	err := one(ctx, q.db.NewSelect().Model(&s).Where("id = (SELECT switch_id FROM ports WHERE id = ?)", port),
		core.Errorf(core.NotFound, "the port's switch does not exist any more"))
	return s, err
}
