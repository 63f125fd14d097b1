package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// CreateAction records a networking action as pending, unless the NIC has one; the port's lane has work with it.
func (q Queries) CreateAction(ctx context.Context, a core.Action, port int64) error {
	a.Status, a.CreatedAt = core.Pending, q.millis()
	if err := q.insert(ctx, &a); err != nil {
		return err
	}
	return q.WantPort(ctx, port)
}

// ActionInfo is an action with the project that owns its node now, 0 if the node is free or gone.
type ActionInfo struct {
	core.Action
	ProjectID int64 `bun:"project_id"`
}

// Action finds an action by its UUID.
func (q Queries) Action(ctx context.Context, uuid string) (ActionInfo, error) {
	var a ActionInfo
	err := one(ctx, q.db.NewSelect().TableExpr("actions AS a").ColumnExpr("a.*, n.project_id").
		Join("LEFT JOIN nodes AS n ON n.id = a.node_id").Where("a.uuid = ?", uuid),
		core.Missing("networking action", uuid), &a)
	return a, err
}

// HasPendingAction reports whether the NIC has an action that has not ended.
func (q Queries) HasPendingAction(ctx context.Context, nic int64) (bool, error) {
	found, err := q.db.NewSelect().Model((*core.Action)(nil)).
		Where("nic_id = ?", nic).Where("status = ?", core.Pending).Exists(ctx)
	return found, translate(err)
}

// PruneActions forgets the actions that ended before a time, in milliseconds since 1970.
func (q Queries) PruneActions(ctx context.Context, before int64) error {
	_, err := q.db.NewDelete().Model((*core.Action)(nil)).
		Where("status <> ?", core.Pending).Where("finished_at < ?", before).Exec(ctx)
	return translate(err)
}
