package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// Port finds a port of a switch by its label.
func (q Queries) Port(ctx context.Context, sw core.Switch, label string) (core.Port, error) {
	var p core.Port
	err := one(ctx, q.db.NewSelect().Model(&p).Where("switch_id = ?", sw.ID).Where("label = ?", label),
		core.Errorf(core.NotFound, "port %q on switch %q does not exist", label, sw.Label))
	return p, err
}

// CreatePort adds a port, of which nothing is known and nothing wanted yet.
func (q Queries) CreatePort(ctx context.Context, p core.Port) error { return q.insert(ctx, &p) }

// DeletePort removes a port without a NIC. Forced, what it may still carry is forgotten with it.
func (q Queries) DeletePort(ctx context.Context, id int64, forced bool) error {
	if forced {
		if _, err := q.db.NewDelete().Model((*core.PortVLAN)(nil)).Where("port_id = ?", id).Exec(ctx); err != nil {
			return translate(err)
		}
	}
	return q.remove(ctx, (*core.Port)(nil), id, "port")
}

// WantPort says that what the port should carry has changed: the switch's lane has work with it, at once.
func (q Queries) WantPort(ctx context.Context, id int64) error {
	_, err := q.db.NewUpdate().Table("ports").
		Set("wanted_gen = wanted_gen + 1").Set("attempts = 0").Set("retry_at = 0").Set("last_error = ''").
		Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// PortVLANs are the VLANs the ports may carry, by port.
func (q Queries) PortVLANs(ctx context.Context, ports ...int64) (map[int64][]int, error) {
	var found []core.PortVLAN
	if len(ports) == 0 {
		return nil, nil
	}
	err := q.db.NewSelect().Model(&found).Where("port_id IN (?)", bun.List(ports)).OrderExpr("port_id, vlan").Scan(ctx)
	byPort := make(map[int64][]int, len(ports))
	for _, v := range found {
		byPort[v.PortID] = append(byPort[v.PortID], v.VLAN)
	}
	return byPort, translate(err)
}

// Cable is the NIC on a port, and its node.
type Cable struct {
	NICID     int64  `bun:"nic_id"`
	NIC       string `bun:"nic"`
	NodeID    int64  `bun:"node_id"`
	Node      string
	ProjectID int64 `bun:"project_id"`
}

// Cable finds the NIC on a port; ok is false if there is none.
func (q Queries) Cable(ctx context.Context, port int64) (c Cable, ok bool, err error) {
	var found []Cable
	err = q.db.NewSelect().TableExpr("nics AS i").
		ColumnExpr("i.id AS nic_id, i.label AS nic, n.id AS node_id, n.label AS node, n.project_id").
		Join("JOIN nodes AS n ON n.id = i.node_id").Where("i.port_id = ?", port).Scan(ctx, &found)
	if err != nil || len(found) == 0 {
		return Cable{}, false, translate(err)
	}
	return found[0], true, nil
}
