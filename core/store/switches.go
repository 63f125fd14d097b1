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
