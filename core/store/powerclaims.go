package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// ClaimTerms are on what terms nodes are claimed to be asked for their power.
type ClaimTerms struct {
	// Most is how many nodes are claimed at most.
	Most int
	// Rate is how many nodes all servers together ask in a second; AheadMS is for how many milliseconds nodes may be
	// claimed ahead of it.
	Rate, AheadMS int64
	// Unwanted claims nodes too that nobody wants to know of, if they are due.
	Unwanted bool
	// LeaseMS is for how many milliseconds a server that does not settle its claims is waited for.
	LeaseMS int64
}

// PowerClaim is the right to ask a node for its power.
type PowerClaim struct {
	core.Node
	WantedGen    int64
	ClaimedUntil int64
}

// ClaimPowers claims nodes that are due and that nobody else asks, first those that somebody waits for. It takes a
// transaction. More says that others may be due.
func (q Queries) ClaimPowers(ctx context.Context, t ClaimTerms) (claims []PowerClaim, more bool, err error) {
	due, err := q.powersDue(ctx, t)
	if err != nil || len(due) == 0 {
		return nil, false, err
	}
	room, err := q.powersAllowed(ctx, t)
	if err != nil || room == 0 {
		return nil, true, err
	}
	claims, err = q.claim(ctx, t, due[:min(len(due), int(room))])
	if err != nil || len(claims) == 0 {
		return nil, true, err
	}
	// Rounded up, so that the rate is never exceeded.
	spent := (int64(len(claims))*1000 + t.Rate - 1) / t.Rate
	_, err = q.db.NewUpdate().Table("power_pace").Set("free_at = free_at + ?", spent).Where("TRUE").Exec(ctx)
	return claims, len(claims) < len(due) || len(due) == t.Most, translate(err)
}

// isDue is what makes a row of powers due, for a query with the argument ClaimTerms.Unwanted.
func (q Queries) isDue() string {
	return "powers.claimed_until < " + q.clock() + " AND (powers.seen_gen < powers.wanted_gen OR ? AND powers.due_at <= " + q.clock() + ")"
}

func (q Queries) powersDue(ctx context.Context, t ClaimTerms) ([]core.Node, error) {
	var due []core.Node
	err := q.db.NewSelect().Model(&due).Join("LEFT JOIN powers ON powers.node_id = node.id").
		Where("node.obm_enabled").Where("powers.node_id IS NULL AND ? OR "+q.isDue(), t.Unwanted, t.Unwanted).
		OrderExpr("CASE WHEN powers.seen_gen < powers.wanted_gen THEN 0 ELSE 1 END, COALESCE(powers.due_at, 0), node.id").
		Limit(int64(t.Most)).Scan(ctx)
	return due, translate(err)
}

// longestPace is how many milliseconds the next node can have to wait for the rate; more can only come from a clock that
// was set back.
const longestPace = 5000

// powersAllowed is how many nodes the rate lets be claimed now. Until the end of the transaction nobody else claims any.
func (q Queries) powersAllowed(ctx context.Context, t ClaimTerms) (int64, error) {
	var wait int64
	err := q.db.NewRaw("UPDATE power_pace SET free_at = CASE WHEN free_at BETWEEN "+q.clock()+" AND "+q.clock()+" + ?"+
		" THEN free_at ELSE "+q.clock()+" END RETURNING free_at - "+q.clock(), longestPace).Scan(ctx, &wait)
	if err != nil || wait > t.AheadMS {
		return 0, translate(err)
	}
	return (t.AheadMS-max(wait, 0))*t.Rate/1000 + 1, nil
}

// claim claims those of the nodes that are still due.
func (q Queries) claim(ctx context.Context, t ClaimTerms, nodes []core.Node) ([]PowerClaim, error) {
	ids := make([]int64, 0, len(nodes))
	for _, n := range nodes {
		ids = append(ids, n.ID)
	}
	rows := q.db.NewSelect().TableExpr("nodes AS n").Where("n.id IN (?)", bun.List(ids)).OrderExpr("n.id").
		ColumnExpr("n.id, ?, '', 0, 0, 0, 0, "+q.clock()+" + ?", core.PowerUnknown, t.LeaseMS)
	var taken []core.Power
	err := q.db.NewRaw("INSERT INTO powers ("+powerColumns+") ? ON CONFLICT (node_id)"+
		" DO UPDATE SET claimed_until = excluded.claimed_until WHERE "+q.isDue()+" RETURNING *", rows, t.Unwanted).Scan(ctx, &taken)
	if err != nil {
		return nil, translate(err)
	}
	byID := make(map[int64]core.Power, len(taken))
	for _, p := range taken {
		byID[p.NodeID] = p
	}
	var claims []PowerClaim
	for _, n := range nodes {
		if p, ok := byID[n.ID]; ok {
			claims = append(claims, PowerClaim{Node: n, WantedGen: p.WantedGen, ClaimedUntil: p.ClaimedUntil})
		}
	}
	return claims, nil
}

// PowerOutcome is what came of a claim.
type PowerOutcome struct {
	PowerClaim
	// State is what the controller told, or core.PowerUnknown; Error is then why.
	State, Error string
	// NextMS is in how many milliseconds the node is due again.
	NextMS int64
	// Abandoned says that the controller was not asked to the end: the node is due as it was.
	Abandoned bool
}

// told is a PowerOutcome as a row.
type told struct {
	NodeID       int64 `bun:"node_id"`
	State, Error string
	Gen          int64
	NextMS       int64 `bun:"next_ms"`
	ClaimedUntil int64
}

// SettlePowers writes what came of claims and ends them. A claim that was lost, because its time was over, changes nothing.
func (q Queries) SettlePowers(ctx context.Context, outcomes []PowerOutcome) error {
	var kept, left []told
	for _, o := range outcomes {
		row := told{o.ID, o.State, o.Error, o.WantedGen, o.NextMS, o.ClaimedUntil}
		if o.Abandoned {
			left = append(left, row)
		} else {
			kept = append(kept, row)
		}
	}
	if err := q.settlePowers(ctx, left); err != nil {
		return err
	}
	return q.settlePowers(ctx, kept, "state = told.state", "error = told.error", "seen_gen = told.gen",
		"told_at = "+q.clock(), "due_at = "+q.clock()+" + told.next_ms")
}

func (q Queries) settlePowers(ctx context.Context, rows []told, sets ...string) error {
	if len(rows) == 0 {
		return nil
	}
	u := q.db.NewUpdate().With("told", q.db.NewValues(&rows)).Table("powers").TableExpr("told").Set("claimed_until = 0")
	for _, s := range sets {
		u = u.Set(s)
	}
	_, err := u.Where("powers.node_id = told.node_id").Where("powers.claimed_until = told.claimed_until").Exec(ctx)
	return translate(err)
}
