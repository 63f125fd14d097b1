package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// Node finds a node by its label.
func (q Queries) Node(ctx context.Context, label string) (core.Node, error) {
	var n core.Node
	err := one(ctx, q.db.NewSelect().Model(&n).Where("label = ?", label), core.Missing("node", label))
	return n, err
}

// LockNode is Node, and keeps every other transaction off the node: its owner, NICs and networking change one at a time.
func (q Queries) LockNode(ctx context.Context, label string) (core.Node, error) {
	var n core.Node
	err := one(ctx, q.locked(q.db.NewSelect().Model(&n).Where("label = ?", label)), core.Missing("node", label))
	return n, err
}

// NodeFilter narrows a list of nodes. Its zero value narrows nothing.
type NodeFilter struct {
	// Free keeps the nodes without a project.
	Free bool
	// Label keeps the nodes with a note under the label; with Values, one with one of these JSON texts.
	Label  string
	Values []string
	// Unless Everywhere, a note counts only on free nodes and those of Projects.
	Everywhere bool
	Projects   []int64
}

// NodeLabels are the labels of the nodes that the filter keeps, sorted.
func (q Queries) NodeLabels(ctx context.Context, f NodeFilter, after string, limit int) ([]string, error) {
	s := q.db.NewSelect().Table("nodes").Column("label").OrderExpr("label")
	if f.Free {
		s = s.Where("project_id IS NULL")
	}
	if f.Label != "" {
		s = f.noted(s)
	}
	return labels(ctx, paged(s, after, limit))
}

func (f NodeFilter) noted(s *bun.SelectQuery) *bun.SelectQuery {
	const hasNote = "EXISTS (SELECT 1 FROM metadata AS m WHERE m.node_id = nodes.id AND m.label = ?"
	if f.Values == nil {
		s = s.Where(hasNote+")", f.Label)
	} else {
		s = s.Where(hasNote+" AND m.value IN (?))", f.Label, bun.List(f.Values))
	}
	if f.Everywhere {
		return s
	}
	return s.Where("project_id IS NULL OR project_id IN (?)", bun.List(f.Projects))
}

// CreateNode adds a node and gives it its ID.
func (q Queries) CreateNode(ctx context.Context, n *core.Node) error { return q.insert(ctx, n) }

// DeleteNode removes a node without NICs, and its metadata.
func (q Queries) DeleteNode(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.Node)(nil), id, "node")
}

// SetNodeProject moves a node to a project, 0 to free it. The owner it had is part of the condition, so of two
// that claim a node one loses.
func (q Queries) SetNodeProject(ctx context.Context, id, from, to int64) error {
	u := q.db.NewUpdate().Table("nodes").Set("project_id = ?", nullable(to)).Where("id = ?", id)
	if from == 0 {
		u = u.Where("project_id IS NULL")
	} else {
		u = u.Where("project_id = ?", from)
	}
	res, err := u.Exec(ctx)
	return changed(res, err, core.Errorf(core.Blocked, "the node has changed its owner meanwhile"))
}

// SetNodeOBM switches a node's out-of-band calls on or off.
func (q Queries) SetNodeOBM(ctx context.Context, id int64, enabled bool) error {
	_, err := q.db.NewUpdate().Table("nodes").Set("obm_enabled = ?", enabled).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// nullable is nil for 0, which the database keeps as NULL.
func nullable(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// NodeInfo is a node with the label of its project.
type NodeInfo struct {
	core.Node
	Project string
}

// NodeInfo finds a node with the label of its project, which is empty while the node is free.
func (q Queries) NodeInfo(ctx context.Context, label string) (NodeInfo, error) {
	var n NodeInfo
	err := one(ctx, q.db.NewSelect().TableExpr("nodes AS n").ColumnExpr("n.*, p.label AS project").
		Join("LEFT JOIN projects AS p ON p.id = n.project_id").Where("n.label = ?", label),
		core.Missing("node", label), &n)
	return n, err
}

// Metadata are a node's notes, sorted by label.
func (q Queries) Metadata(ctx context.Context, node int64) ([]core.Metadata, error) {
	var found []core.Metadata
	err := q.db.NewSelect().Model(&found).Where("node_id = ?", node).OrderExpr("label").Scan(ctx)
	return found, translate(err)
}

// PutMetadata adds a note, or replaces the one with the same label.
func (q Queries) PutMetadata(ctx context.Context, m core.Metadata) error {
	_, err := q.db.NewInsert().Model(&m).On("CONFLICT (node_id, label) DO UPDATE").Set("value = EXCLUDED.value").Exec(ctx)
	return translate(err)
}

// DeleteMetadata removes a note.
func (q Queries) DeleteMetadata(ctx context.Context, node int64, label string) error {
	res, err := q.db.NewDelete().Model((*core.Metadata)(nil)).
		Where("node_id = ?", node).Where("label = ?", label).Exec(ctx)
	return changed(res, err, core.Missing("metadata", label))
}
