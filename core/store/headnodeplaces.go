package store

import "context"

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
