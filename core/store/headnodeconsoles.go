package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// HeadnodeConsole is a headnode, and the server that has its console open, empty if none has.
func (q Queries) HeadnodeConsole(ctx context.Context, label string) (h core.Headnode, server string, err error) {
	var found struct {
		core.Headnode
		Server string
	}
	err = one(ctx, q.db.NewSelect().TableExpr("headnodes AS h").ColumnExpr("h.*, "+placeOf("h")).ColumnExpr("COALESCE(c.server, '') AS server").
		Join("LEFT JOIN headnode_consoles AS c ON c.headnode_id = h.id").Where("h.label = ?", label), core.Missing("headnode", label), &found)
	return found.Headnode, found.Server, err
}

// ClaimHeadnodeConsole gives the server the headnode's console, unless another living server has it. It says which server
// has it then. The caller has locked the headnode, and the server has beaten.
func (q Queries) ClaimHeadnodeConsole(ctx context.Context, headnode int64, server string) (holder string, err error) {
	_, err = q.db.NewRaw("INSERT INTO headnode_consoles (headnode_id, server) VALUES (?, ?)"+
		" ON CONFLICT (headnode_id) DO UPDATE SET server = excluded.server WHERE NOT EXISTS"+
		" (SELECT 1 FROM console_servers AS alive WHERE alive.name = headnode_consoles.server AND alive.until >= "+q.clock()+")",
		headnode, server).Exec(ctx)
	if err != nil {
		return "", translate(err)
	}
	err = q.db.NewSelect().Table("headnode_consoles").Column("server").Where("headnode_id = ?", headnode).Scan(ctx, &holder)
	return holder, translate(err)
}

// FreeHeadnodeConsole gives the server's claim on a headnode's console back.
func (q Queries) FreeHeadnodeConsole(ctx context.Context, headnode int64, server string) error {
	_, err := q.db.NewDelete().Table("headnode_consoles").Where("headnode_id = ?", headnode).Where("server = ?", server).Exec(ctx)
	return translate(err)
}

// HeadnodeConsolesOf are the IDs of the headnodes whose consoles a server has claimed.
func (q Queries) HeadnodeConsolesOf(ctx context.Context, server string) ([]int64, error) {
	var found []int64
	err := q.db.NewSelect().Table("headnode_consoles").Column("headnode_id").Where("server = ?", server).OrderExpr("headnode_id").Scan(ctx, &found)
	return found, translate(err)
}
