package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// ErrConsoleOpen says that the node cannot change hands: its console is open on some server.
var ErrConsoleOpen error = core.Errorf(core.Blocked, "the node's console is open; close it, or try again")

// forgottenServer is how long, in milliseconds, a server without sign of life is remembered.
const forgottenServer = 60 * 60 * 1000

// Console is a node's console. One that nobody has opened yet is in the node's first term.
func (q Queries) Console(ctx context.Context, node int64) (core.Console, error) {
	var found []core.Console
	err := q.db.NewSelect().Model(&found).ColumnExpr("console.*, console."+q.closing()).Where("node_id = ?", node).Scan(ctx)
	if err != nil || len(found) == 0 {
		return core.Console{NodeID: node}, translate(err)
	}
	return found[0], nil
}

// closing is a column that says whether a console is to be closed now.
func (q Queries) closing() string { return "closed_until >= " + q.clock() + " AS closing" }

// NodeConsole is a node and its console, as they are at one moment.
func (q Queries) NodeConsole(ctx context.Context, label string) (core.Node, core.Console, error) {
	var found struct {
		core.Node
		Term   int64
		LogID  string `bun:"log_id"`
		Server string
	}
	err := one(ctx, q.db.NewSelect().TableExpr("nodes AS node").ColumnExpr("node.*").
		ColumnExpr("COALESCE(c.term, 0) AS term, COALESCE(c.log_id, '') AS log_id, COALESCE(c.server, '') AS server").
		Join("LEFT JOIN consoles AS c ON c.node_id = node.id").Where("node.label = ?", label), core.Missing("node", label), &found)
	c := core.Console{NodeID: found.ID, Term: found.Term, LogID: found.LogID, Server: found.Server}
	return found.Node, c, err
}

// held is true of a console that a living server has open, for statements about consoles.
func (q Queries) held() string {
	return "EXISTS (SELECT 1 FROM console_servers AS alive WHERE alive.name = consoles.server AND alive.until >= " + q.clock() + ")"
}

// ClaimConsole gives the server the node's console, unless another living server has it, or it is to be closed: then
// mine is false, and the console is as it is. The caller has locked the node, and the server has beaten.
func (q Queries) ClaimConsole(ctx context.Context, node int64, server string) (c core.Console, mine bool, err error) {
	var claimed []core.Console
	err = q.db.NewRaw("INSERT INTO consoles (node_id, term, log_id, server, closed_until) VALUES (?, 0, '', ?, 0)"+
		" ON CONFLICT (node_id) DO UPDATE SET server = excluded.server"+
		" WHERE consoles.closed_until < "+q.clock()+" AND (consoles.server = excluded.server OR NOT "+q.held()+") RETURNING *",
		node, server).Scan(ctx, &claimed)
	if err != nil {
		return core.Console{}, false, translate(err)
	}
	if len(claimed) == 1 {
		return claimed[0], true, nil
	}
	c, err = q.Console(ctx, node)
	return c, false, err
}

// FreeConsole gives the server's claim on a console back.
func (q Queries) FreeConsole(ctx context.Context, node int64, server string) error {
	_, err := q.db.NewUpdate().Table("consoles").Set("server = ''").
		Where("node_id = ?", node).Where("server = ?", server).Exec(ctx)
	return translate(err)
}

// CloseConsole asks the server that has a node's console open to close it, if one has. Nobody opens it again for ttl
// milliseconds. Nothing happens if the console has come to another term.
func (q Queries) CloseConsole(ctx context.Context, c core.Console, ttl int64) error {
	_, err := q.db.NewUpdate().Table("consoles").Set("closed_until = "+q.clock()+" + ?", ttl).
		Where("node_id = ?", c.NodeID).Where("term = ?", c.Term).Where("server <> ''").Exec(ctx)
	return translate(err)
}

// ForgetConsole begins a new term of the same owner, so that every server forgets what was printed. Who has the console
// open is asked to close it as well (CloseConsole), before that. Nothing happens if the console has come to another term.
func (q Queries) ForgetConsole(ctx context.Context, c core.Console) error {
	_, err := q.db.NewUpdate().Table("consoles").Set("term = term + 1").
		Where("node_id = ?", c.NodeID).Where("term = ?", c.Term).Exec(ctx)
	return translate(err)
}

// BarConsole is CloseConsole, and nobody opens the console for ttl milliseconds, whether it was open or not.
func (q Queries) BarConsole(ctx context.Context, c core.Console, ttl int64) error {
	_, err := q.db.NewInsert().Model(&core.Console{NodeID: c.NodeID, Term: c.Term}).Value("closed_until", q.clock()+" + ?", ttl).
		On("CONFLICT (node_id) DO UPDATE").Set("closed_until = EXCLUDED.closed_until").Where("console.term = EXCLUDED.term").Exec(ctx)
	return translate(err)
}

// NextConsoleTerm begins the term of another owner, inside the transaction that changes the owner: nobody wants a log
// any more. ErrConsoleOpen if the console is open.
func (q Queries) NextConsoleTerm(ctx context.Context, node int64) error {
	res, err := q.db.NewRaw("INSERT INTO consoles (node_id, term, log_id, server, closed_until) VALUES (?, 1, '', '', 0)"+
		" ON CONFLICT (node_id) DO UPDATE SET term = consoles.term + 1, log_id = '', server = '', closed_until = 0"+
		" WHERE NOT "+q.held(), node).Exec(ctx)
	return changed(res, err, ErrConsoleOpen)
}

// SetConsoleLog names the log in which a node's console's output is to be kept; an empty name ends that.
func (q Queries) SetConsoleLog(ctx context.Context, node int64, id string) error {
	_, err := q.db.NewInsert().Model(&core.Console{NodeID: node, LogID: id}).
		On("CONFLICT (node_id) DO UPDATE").Set("log_id = EXCLUDED.log_id").Exec(ctx)
	return translate(err)
}

// LoggedNode is a node and its console, whose output is to be kept.
type LoggedNode struct {
	core.Node
	Term  int64
	LogID string `bun:"log_id"`
}

// LoggedNodes are the nodes whose console's output is to be kept, and whose console no other living server has.
func (q Queries) LoggedNodes(ctx context.Context, server string) ([]LoggedNode, error) {
	var found []LoggedNode
	err := q.db.NewSelect().TableExpr("nodes AS node").ColumnExpr("node.*, consoles.term, consoles.log_id").Join("JOIN consoles ON consoles.node_id = node.id").
		Where("consoles.log_id <> '' AND node.obm_enabled").
		Where("consoles.server = ? OR NOT "+q.held(), server).OrderExpr("node.id").Scan(ctx, &found)
	return found, translate(err)
}

// BeatConsoleServer is a server's sign of life, good for ttl milliseconds.
func (q Queries) BeatConsoleServer(ctx context.Context, server, address string, ttl int64) error {
	_, err := q.db.NewInsert().Model(&core.ConsoleServer{Name: server, Address: address}).Value("until", q.clock()+" + ?", ttl).
		On("CONFLICT (name) DO UPDATE").Set("until = EXCLUDED.until").Exec(ctx)
	return translate(err)
}

// LivingConsoleServer finds a server that has consoles open; alive is false if it gives no sign of life.
func (q Queries) LivingConsoleServer(ctx context.Context, name string) (s core.ConsoleServer, alive bool, err error) {
	var found []core.ConsoleServer
	err = q.db.NewSelect().Model(&found).Where("name = ?", name).Where("until >= " + q.clock()).Scan(ctx)
	if err != nil || len(found) == 0 {
		return core.ConsoleServer{}, false, translate(err)
	}
	return found[0], true, nil
}

// ForgetConsoleServers removes the servers that have been dead for long; their claims are void.
func (q Queries) ForgetConsoleServers(ctx context.Context) error {
	_, err := q.db.NewDelete().Model((*core.ConsoleServer)(nil)).Where("until < "+q.clock()+" - ?", forgottenServer).Exec(ctx)
	return translate(err)
}

// ConsolesOf are the consoles that a server has claimed.
func (q Queries) ConsolesOf(ctx context.Context, server string) ([]core.Console, error) {
	var found []core.Console
	err := q.db.NewSelect().Model(&found).ColumnExpr("console.*, console."+q.closing()).Where("server = ?", server).OrderExpr("node_id").Scan(ctx)
	return found, translate(err)
}

// AllConsoles are the consoles that anything is known of.
func (q Queries) AllConsoles(ctx context.Context) ([]core.Console, error) {
	var found []core.Console
	err := q.db.NewSelect().Model(&found).OrderExpr("node_id").Scan(ctx)
	return found, translate(err)
}
