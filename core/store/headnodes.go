package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// Headnode finds a headnode by its label.
func (q Queries) Headnode(ctx context.Context, label string) (core.Headnode, error) {
	var h core.Headnode
	err := one(ctx, q.headnode(&h, label), core.Missing("headnode", label))
	return h, err
}

func (q Queries) headnode(h *core.Headnode, label string) *bun.SelectQuery {
	return q.db.NewSelect().Model(h).ColumnExpr("headnode.*, "+placeOf("headnode")).Where("headnode.label = ?", label)
}

// LockHeadnode is Headnode, and keeps others from changing or starting it meanwhile.
func (q Queries) LockHeadnode(ctx context.Context, label string) (core.Headnode, error) {
	var h core.Headnode
	err := one(ctx, q.locked(q.headnode(&h, label)), core.Missing("headnode", label))
	return h, err
}

// HeadnodeInfo is a headnode with the label of its project.
type HeadnodeInfo struct {
	core.Headnode
	Project string
}

// HeadnodeInfo finds a headnode with the label of its project.
func (q Queries) HeadnodeInfo(ctx context.Context, label string) (HeadnodeInfo, error) {
	var h HeadnodeInfo
	err := one(ctx, q.db.NewSelect().TableExpr("headnodes AS h").ColumnExpr("h.*, p.label AS project, "+placeOf("h")).
		Join("JOIN projects AS p ON p.id = h.project_id").Where("h.label = ?", label),
		core.Missing("headnode", label), &h)
	return h, err
}

// CreateHeadnode adds a headnode.
func (q Queries) CreateHeadnode(ctx context.Context, h core.Headnode) error { return q.insert(ctx, &h) }

// DeleteHeadnode removes a headnode and its NICs.
func (q Queries) DeleteHeadnode(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.Headnode)(nil), id, "headnode")
}

// SetFrozen says whether a headnode's NICs may still change.
func (q Queries) SetFrozen(ctx context.Context, id int64, frozen bool) error {
	_, err := q.db.NewUpdate().Table("headnodes").Set("frozen = ?", frozen).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// HNIC finds a NIC of a headnode by its label.
func (q Queries) HNIC(ctx context.Context, h core.Headnode, label string) (core.HNIC, error) {
	var n core.HNIC
	err := one(ctx, q.db.NewSelect().Model(&n).Where("headnode_id = ?", h.ID).Where("label = ?", label),
		core.Errorf(core.NotFound, "NIC %q on headnode %q does not exist", label, h.Label))
	return n, err
}

// CreateHNIC adds a NIC to a headnode.
func (q Queries) CreateHNIC(ctx context.Context, n core.HNIC) error { return q.insert(ctx, &n) }

// DeleteHNIC removes a NIC of a headnode.
func (q Queries) DeleteHNIC(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.HNIC)(nil), id, "NIC")
}

// SetHNICNetwork puts a headnode's NIC on a network, 0 on none. Who was about to plug it does so no more.
func (q Queries) SetHNICNetwork(ctx context.Context, id, network int64) error {
	if _, err := q.db.NewDelete().Table("hnic_pluggings").Where("hnic_id = ?", id).Exec(ctx); err != nil {
		return translate(err)
	}
	_, err := q.db.NewUpdate().Table("hnics").Set("network_id = ?", nullable(network)).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// HNICInfo is a NIC of a headnode with its network and that one's VLAN, "" and 0 if it is on none.
type HNICInfo struct {
	Label   string
	Network string
	VLAN    int `bun:"vlan"`
}

// HNICs are the NICs of a headnode, sorted by label.
func (q Queries) HNICs(ctx context.Context, headnode int64) ([]HNICInfo, error) {
	var found []HNICInfo
	err := q.db.NewSelect().TableExpr("hnics AS h").ColumnExpr("h.label, w.label AS network, w.vlan").
		Join("LEFT JOIN networks AS w ON w.id = h.network_id").
		Where("h.headnode_id = ?", headnode).OrderExpr("h.label").Scan(ctx, &found)
	return found, translate(err)
}
