package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// Project finds a project by its label.
func (q Queries) Project(ctx context.Context, label string) (core.Project, error) {
	var p core.Project
	err := one(ctx, q.db.NewSelect().Model(&p).Where("label = ?", label), core.Missing("project", label))
	return p, err
}

// LockProject lets one transaction at a time count what the project has.
func (q Queries) LockProject(ctx context.Context, id int64) error {
	var p core.Project
	return one(ctx, q.locked(q.db.NewSelect().Model(&p).Where("id = ?", id)), core.Errorf(core.NotFound, "the project was deleted meanwhile"))
}

// ProjectLabels are the labels of all projects, sorted.
func (q Queries) ProjectLabels(ctx context.Context, after string, limit int) ([]string, error) {
	return labels(ctx, paged(q.db.NewSelect().Table("projects").Column("label").OrderExpr("label"), after, limit))
}

// CreateProject adds a project; a second one with the same label is a Duplicate.
func (q Queries) CreateProject(ctx context.Context, label string) error {
	return q.insert(ctx, &core.Project{Label: label})
}

// DeleteProject removes a project nothing refers to but its members.
func (q Queries) DeleteProject(ctx context.Context, id int64) error {
	return q.remove(ctx, (*core.Project)(nil), id, "project")
}

// ProjectUse counts what keeps a project from being deleted.
type ProjectUse struct {
	Nodes, Networks, Accesses, Headnodes int
}

// ProjectUse counts what the project still has.
func (q Queries) ProjectUse(ctx context.Context, id int64) (ProjectUse, error) {
	var u ProjectUse
	err := q.db.NewSelect().
		ColumnExpr("(SELECT count(*) FROM nodes WHERE project_id = ?) AS nodes", id).
		ColumnExpr("(SELECT count(*) FROM networks WHERE owner_id = ?) AS networks", id).
		ColumnExpr("(SELECT count(*) FROM network_accesses WHERE project_id = ?) AS accesses", id).
		ColumnExpr("(SELECT count(*) FROM headnodes WHERE project_id = ?) AS headnodes", id).
		Scan(ctx, &u.Nodes, &u.Networks, &u.Accesses, &u.Headnodes)
	return u, translate(err)
}

// ProjectNodes are the labels of the project's nodes, sorted.
func (q Queries) ProjectNodes(ctx context.Context, id int64) ([]string, error) {
	return labels(ctx, q.db.NewSelect().Table("nodes").Column("label").Where("project_id = ?", id).OrderExpr("label"))
}

// ProjectNetworks are the labels of the networks that name the project in their access list, sorted.
func (q Queries) ProjectNetworks(ctx context.Context, id int64) ([]string, error) {
	return labels(ctx, q.db.NewSelect().TableExpr("networks AS n").ColumnExpr("n.label").
		Join("JOIN network_accesses AS a ON a.network_id = n.id").Where("a.project_id = ?", id).OrderExpr("n.label"))
}

// ProjectHeadnodes are the labels of the project's headnodes, sorted.
func (q Queries) ProjectHeadnodes(ctx context.Context, id int64) ([]string, error) {
	return labels(ctx, q.db.NewSelect().Table("headnodes").Column("label").Where("project_id = ?", id).OrderExpr("label"))
}

// ProjectByID finds a project by its ID.
func (q Queries) ProjectByID(ctx context.Context, id int64) (core.Project, error) {
	var p core.Project
	err := one(ctx, q.db.NewSelect().Model(&p).Where("id = ?", id), core.Errorf(core.NotFound, "the project does not exist any more"))
	return p, err
}
