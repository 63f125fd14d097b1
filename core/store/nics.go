package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// NIC finds a NIC of a node by its label.
func (q Queries) NIC(ctx context.Context, node core.Node, label string) (core.NIC, error) {
	var n core.NIC
	err := one(ctx, q.db.NewSelect().Model(&n).Where("node_id = ?", node.ID).Where("label = ?", label),
		core.Errorf(core.NotFound, "NIC %q on node %q does not exist", label, node.Label))
	return n, err
}

// CreateNIC adds a NIC.
func (q Queries) CreateNIC(ctx context.Context, n core.NIC) error { return q.insert(ctx, &n) }

// DeleteNIC removes a NIC that is on no network.
func (q Queries) DeleteNIC(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.NIC)(nil), id, "NIC")
}

// SetNICPort cables a NIC to a port, 0 to unplug it.
func (q Queries) SetNICPort(ctx context.Context, nic, port int64) error {
	_, err := q.db.NewUpdate().Table("nics").Set("port_id = ?", nullable(port)).Where("id = ?", nic).Exec(ctx)
	return translate(err)
}

// NICDetail is a NIC with its cable and one of its networks; those it has not are empty. A NIC on two networks comes twice.
type NICDetail struct {
	Label   string
	MACAddr string `bun:"mac_addr"`
	Port    string
	Switch  string
	Channel string
	Network string
}

// NICDetails are the NICs of a node with cables and networks, sorted by label.
func (q Queries) NICDetails(ctx context.Context, node int64) ([]NICDetail, error) {
	var found []NICDetail
	err := q.db.NewSelect().TableExpr("nics AS i").
		ColumnExpr("i.label, i.mac_addr, p.label AS port, s.label AS switch, a.channel, w.label AS network").
		Join("LEFT JOIN ports AS p ON p.id = i.port_id").
		Join("LEFT JOIN switches AS s ON s.id = p.switch_id").
		Join("LEFT JOIN attachments AS a ON a.nic_id = i.id").
		Join("LEFT JOIN networks AS w ON w.id = a.network_id").
		Where("i.node_id = ?", node).OrderExpr("i.label, a.channel").Scan(ctx, &found)
	return found, translate(err)
}

// NICUse is what a node's NICs are up to.
type NICUse struct {
	NICs, Attachments, Pending int
	// Unsettled are the ports not yet seen to carry what they should.
	Unsettled int
	// Leftovers are VLANs that ports may carry though no attachment wants them.
	Leftovers int
}

// NICUse counts, over a node's NICs, what keeps the node from being released or deleted.
func (q Queries) NICUse(ctx context.Context, node int64) (NICUse, error) {
	const ofNode = "IN (SELECT id FROM nics WHERE node_id = ?)"
	const portsOfNode = "IN (SELECT port_id FROM nics WHERE node_id = ? AND port_id IS NOT NULL)"
	var u NICUse
	err := q.db.NewSelect().
		ColumnExpr("(SELECT count(*) FROM nics WHERE node_id = ?) AS nics", node).
		ColumnExpr("(SELECT count(*) FROM attachments WHERE nic_id "+ofNode+") AS attachments", node).
		ColumnExpr("(SELECT count(*) FROM actions WHERE status = 'PENDING' AND nic_id "+ofNode+") AS pending", node).
		ColumnExpr("(SELECT count(*) FROM ports WHERE seen_gen < wanted_gen AND id "+portsOfNode+") AS unsettled", node).
		ColumnExpr("(SELECT count(*) FROM port_vlans AS v JOIN nics AS i ON i.port_id = v.port_id WHERE i.node_id = ?"+
			" AND NOT EXISTS (SELECT 1 FROM attachments AS a JOIN networks AS w ON w.id = a.network_id"+
			" WHERE a.nic_id = i.id AND w.vlan = v.vlan)) AS leftovers", node).
		Scan(ctx, &u.NICs, &u.Attachments, &u.Pending, &u.Unsettled, &u.Leftovers)
	return u, translate(err)
}
