package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// placeOf is the column with the host of a headnode, whose table goes by a name.
func placeOf(name string) string {
	return "COALESCE((SELECT place.host FROM headnode_places AS place WHERE place.headnode_id = " + name + ".id), '') AS host"
}

// PlaceHeadnode says on which host the machine of a headnode is made; empty takes that back. It takes a transaction, in which
// the headnode is locked.
func (q Queries) PlaceHeadnode(ctx context.Context, id int64, host string) error {
	if _, err := q.db.NewDelete().Table("headnode_places").Where("headnode_id = ?", id).Exec(ctx); err != nil || host == "" {
		return translate(err)
	}
	_, err := q.db.NewRaw("INSERT INTO headnode_places (headnode_id, host) VALUES (?, ?)", id, host).Exec(ctx)
	return translate(err)
}

// HeadnodesOn are the headnodes whose machines are made on a host, sorted by label.
func (q Queries) HeadnodesOn(ctx context.Context, host string) ([]core.Headnode, error) {
	var found []core.Headnode
	err := q.db.NewSelect().Model(&found).Join("JOIN headnode_places AS place ON place.headnode_id = headnode.id").
		Where("place.host = ?", host).OrderExpr("headnode.label").Scan(ctx)
	return found, translate(err)
}

// RenameHost says that a host goes by another name now.
func (q Queries) RenameHost(ctx context.Context, from, to string) error {
	for _, table := range []string{"headnode_places", "headnode_debts"} {
		if _, err := q.db.NewUpdate().Table(table).Set("host = ?", to).Where("host = ?", from).Exec(ctx); err != nil {
			return translate(err)
		}
	}
	return nil
}
