package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// Network finds a network by its label.
func (q Queries) Network(ctx context.Context, label string) (core.Network, error) {
	var n core.Network
	err := one(ctx, q.db.NewSelect().Model(&n).Where("label = ?", label), core.Missing("network", label))
	return n, err
}

// LockNetwork is Network, and keeps others from connecting to it, revoking access and deleting it meanwhile.
func (q Queries) LockNetwork(ctx context.Context, label string) (core.Network, error) {
	var n core.Network
	err := one(ctx, q.locked(q.db.NewSelect().Model(&n).Where("label = ?", label)), core.Missing("network", label))
	return n, err
}

// CreateNetwork adds a network and gives it its ID.
func (q Queries) CreateNetwork(ctx context.Context, n *core.Network) error { return q.insert(ctx, n) }

// DeleteNetwork removes a network that nothing is on, and its access list.
func (q Queries) DeleteNetwork(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.Network)(nil), id, "network")
}

// poolKey is the advisory lock of the VLAN pool; like migrationKey an arbitrary number.
const poolKey = 0x48616154

// LockPool lets one transaction at a time choose a VLAN.
func (q Queries) LockPool(ctx context.Context) error {
	if !q.postgres {
		return nil
	}
	_, err := q.db.NewRaw("SELECT pg_advisory_xact_lock(?)", poolKey).Exec(ctx)
	return translate(err)
}

// TakenVLANs are the VLANs of networks, and those that some port may still carry.
func (q Queries) TakenVLANs(ctx context.Context) (map[int]bool, error) {
	var found []int
	err := q.db.NewRaw("SELECT vlan FROM networks UNION SELECT vlan FROM port_vlans").Scan(ctx, &found)
	taken := make(map[int]bool, len(found))
	for _, v := range found {
		taken[v] = true
	}
	return taken, translate(err)
}

// NetworkUse counts what keeps a network from being deleted.
type NetworkUse struct {
	Attachments, HNICs, Pending int
	// Leftovers are ports of the project that may still carry the network; they keep access from being revoked only.
	Leftovers int
	// Debt is a machine of a deleted headnode that may still be on the network, nil if there is none.
	Debt *core.HeadnodeDebt
}

// NetworkUse counts what is on the network, or is about to be.
func (q Queries) NetworkUse(ctx context.Context, id int64) (NetworkUse, error) {
	var u NetworkUse
	err := q.db.NewSelect().
		ColumnExpr("(SELECT count(*) FROM attachments WHERE network_id = ?) AS attachments", id).
		ColumnExpr("(SELECT count(*) FROM hnics WHERE network_id = ?) AS hnics", id).
		ColumnExpr("(SELECT count(*) FROM actions WHERE status = 'PENDING' AND network_id = ?) AS pending", id).
		Scan(ctx, &u.Attachments, &u.HNICs, &u.Pending)
	if err == nil { // after the NICs, for these become debts
		u.Debt, err = q.owedFor(ctx, id, 0)
	}
	return u, translate(err)
}

// ProjectUseOfNetwork counts the same for the nodes and headnodes of one project.
func (q Queries) ProjectUseOfNetwork(ctx context.Context, network, project int64) (NetworkUse, error) {
	const nics = "SELECT i.id FROM nics AS i JOIN nodes AS n ON n.id = i.node_id WHERE n.project_id = ?"
	const ofProject = " AND nic_id IN (" + nics + ")"
	var u NetworkUse
	err := q.db.NewSelect().
		ColumnExpr("(SELECT count(*) FROM attachments WHERE network_id = ?"+ofProject+") AS attachments", network, project).
		ColumnExpr("(SELECT count(*) FROM hnics AS h JOIN headnodes AS d ON d.id = h.headnode_id"+
			" WHERE h.network_id = ? AND d.project_id = ?) AS hnics", network, project).
		ColumnExpr("(SELECT count(*) FROM actions WHERE status = 'PENDING' AND network_id = ?"+ofProject+") AS pending", network, project).
		ColumnExpr("(SELECT count(*) FROM port_vlans AS v JOIN networks AS w ON w.vlan = v.vlan JOIN nics AS c ON c.port_id = v.port_id"+
			" WHERE w.id = ? AND c.id IN ("+nics+")) AS leftovers", network, project).
		Scan(ctx, &u.Attachments, &u.HNICs, &u.Pending, &u.Leftovers)
	if err == nil {
		u.Debt, err = q.owedFor(ctx, network, project)
	}
	return u, translate(err)
}

// GrantAccess lets a project connect to a network; twice is a Duplicate.
func (q Queries) GrantAccess(ctx context.Context, network, project int64) error {
	return q.insert(ctx, &core.NetworkAccess{NetworkID: network, ProjectID: project})
}

// RevokeAccess takes a project off a network's access list.
func (q Queries) RevokeAccess(ctx context.Context, network, project int64) error {
	res, err := q.db.NewDelete().Model((*core.NetworkAccess)(nil)).
		Where("network_id = ?", network).Where("project_id = ?", project).Exec(ctx)
	return changed(res, err, core.Errorf(core.NotFound, "the project is not on the network's access list"))
}

// RevokeAll empties a network's access list.
func (q Queries) RevokeAll(ctx context.Context, network int64) error {
	_, err := q.db.NewDelete().Model((*core.NetworkAccess)(nil)).Where("network_id = ?", network).Exec(ctx)
	return translate(err)
}

// Accesses are the projects on a network's access list, sorted by label.
func (q Queries) Accesses(ctx context.Context, network int64) ([]core.Project, error) {
	var found []core.Project
	err := q.db.NewSelect().Model(&found).Join("JOIN network_accesses AS a ON a.project_id = project.id").
		Where("a.network_id = ?", network).OrderExpr("project.label").Scan(ctx)
	return found, translate(err)
}

// HasAccess reports whether the network is public or lists the project.
func (q Queries) HasAccess(ctx context.Context, n core.Network, project int64) (bool, error) {
	if n.Public {
		return true, nil
	}
	found, err := q.db.NewSelect().Model((*core.NetworkAccess)(nil)).
		Where("network_id = ?", n.ID).Where("project_id = ?", project).Exists(ctx)
	return found, translate(err)
}

// NetworkAccessRow is a network with one project of its access list; Project is empty for a network that lists none.
type NetworkAccessRow struct {
	core.Network
	ProjectID int64 `bun:"project_id"`
	Project   string
}

// NetworkAccessRows are all networks with their access lists, sorted by network and project.
func (q Queries) NetworkAccessRows(ctx context.Context) ([]NetworkAccessRow, error) {
	var found []NetworkAccessRow
	err := q.db.NewSelect().TableExpr("networks AS n").ColumnExpr("n.*, p.id AS project_id, p.label AS project").
		Join("LEFT JOIN network_accesses AS a ON a.network_id = n.id").
		Join("LEFT JOIN projects AS p ON p.id = a.project_id").
		OrderExpr("n.label, p.label").Scan(ctx, &found)
	return found, translate(err)
}

// AttachedNIC is a NIC on a network, with its node and the node's project.
type AttachedNIC struct {
	Node, NIC, Channel, Project string
	ProjectID                   int64 `bun:"project_id"`
}

// AttachedNICs are the NICs on a network, sorted by node and NIC.
func (q Queries) AttachedNICs(ctx context.Context, network int64) ([]AttachedNIC, error) {
	var found []AttachedNIC
	err := q.db.NewSelect().TableExpr("attachments AS a").
		ColumnExpr("n.label AS node, i.label AS nic, a.channel, p.label AS project, p.id AS project_id").
		Join("JOIN nics AS i ON i.id = a.nic_id").
		Join("JOIN nodes AS n ON n.id = i.node_id").
		Join("LEFT JOIN projects AS p ON p.id = n.project_id").
		Where("a.network_id = ?", network).OrderExpr("n.label, i.label").Scan(ctx, &found)
	return found, translate(err)
}
