package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// PowerScope is whose nodes somebody is shown the power of: everybody's, or those of some projects.
type PowerScope struct {
	Everywhere bool
	Projects   []int64
}

// of narrows a select of nodes AS n.
func (s PowerScope) of(nodes *bun.SelectQuery) *bun.SelectQuery {
	if s.Everywhere {
		return nodes
	}
	return nodes.Where("n.project_id IN (?)", bun.List(s.Projects))
}

// NodePower is a node with the label of its project, empty while it is free, and what its power was last seen to be.
type NodePower struct {
	Node       string
	Project    string
	OBMEnabled bool `bun:"obm_enabled"`
	// Asked says that the controller was asked ever; AgeMS is for how many milliseconds it has not been asked since.
	Asked bool
	AgeMS int64 `bun:"age_ms"`
	// State and Error are those of core.Power.
	State, Error string
}

// NodePowers are the nodes of the scope with their power, sorted by label.
func (q Queries) NodePowers(ctx context.Context, scope PowerScope) ([]NodePower, error) {
	found := []NodePower{}
	err := scope.of(q.db.NewSelect()).TableExpr("nodes AS n").
		ColumnExpr("n.label AS node, n.obm_enabled, p.label AS project").
		ColumnExpr("COALESCE(w.told_at, 0) > 0 AS asked, "+q.clock()+" - COALESCE(w.told_at, 0) AS age_ms").
		ColumnExpr("COALESCE(w.state, ?) AS state, COALESCE(w.error, '') AS error", core.PowerUnknown).
		Join("LEFT JOIN projects AS p ON p.id = n.project_id").
		Join("LEFT JOIN powers AS w ON w.node_id = n.id").
		OrderExpr("n.label").Scan(ctx, &found)
	return found, translate(err)
}

// PowerWish is somebody's wish to know the power of a node now. It is fulfilled when SeenGen has reached Gen.
type PowerWish struct {
	NodeID int64 `bun:"node_id"`
	Gen    int64
}

// WantPowers makes the nodes of the scope due at once, those apart whose controllers may not be asked.
func (q Queries) WantPowers(ctx context.Context, scope PowerScope) ([]PowerWish, error) {
	return q.want(ctx, scope.of(q.db.NewSelect()))
}

// WantPower makes one node due at once. Nothing happens if its controller may not be asked.
func (q Queries) WantPower(ctx context.Context, node int64) error {
	_, err := q.want(ctx, q.db.NewSelect().Where("n.id = ?", node))
	return err
}

// want adds a wish for each of the nodes AS n, always in the same order, so that two who do it do not block each other.
func (q Queries) want(ctx context.Context, nodes *bun.SelectQuery) ([]PowerWish, error) {
	nodes = nodes.TableExpr("nodes AS n").Where("n.obm_enabled").OrderExpr("n.id").
		ColumnExpr("n.id, ?, '', 0, 0, 1, 0, 0", core.PowerUnknown)
	var made []PowerWish
	err := q.db.NewRaw("INSERT INTO powers ("+powerColumns+") ? ON CONFLICT (node_id)"+
		" DO UPDATE SET wanted_gen = powers.wanted_gen + 1 RETURNING node_id, wanted_gen AS gen", nodes).Scan(ctx, &made)
	return made, translate(err)
}

// powerColumns are all columns of powers, as inserts have them.
const powerColumns = "node_id, state, error, told_at, due_at, wanted_gen, seen_gen, claimed_until"

// PowerWishes are the wishes that are not fulfilled yet, each with the last one that was as its Gen.
func (q Queries) PowerWishes(ctx context.Context) ([]PowerWish, error) {
	var open []PowerWish
	err := q.db.NewSelect().TableExpr("powers AS w").ColumnExpr("w.node_id, w.seen_gen AS gen").
		Join("JOIN nodes AS n ON n.id = w.node_id").
		Where("n.obm_enabled").Where("w.seen_gen < w.wanted_gen").OrderExpr("w.node_id").Scan(ctx, &open)
	return open, translate(err)
}

// scatter is a prime number far from all round ones: its multiples are spread evenly over any interval.
const scatter = 611_953

// SpreadPowers spreads what is due over a number of milliseconds: a server that was down for long would have everything
// due at once. What somebody wants to know, or a server asks, stays as it is.
func (q Queries) SpreadPowers(ctx context.Context, over int64) error {
	nodes := q.db.NewSelect().TableExpr("nodes AS n").Where("n.obm_enabled").OrderExpr("n.id").
		ColumnExpr("n.id, ?, '', 0, "+q.clock()+" + (n.id * ?) % ?, 0, 0, 0", core.PowerUnknown, scatter, max(over, 1))
	_, err := q.db.NewRaw("INSERT INTO powers ("+powerColumns+") ? ON CONFLICT (node_id) DO UPDATE SET due_at = excluded.due_at"+
		" WHERE powers.due_at < "+q.clock(), nodes).Exec(ctx)
	return translate(err)
}
