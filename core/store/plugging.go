package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/CCI-MOC/haas/core"
)

// ClaimHNIC gives the caller the right to plug a headnode's NIC for ttl milliseconds, unless somebody else has it. until
// names the claim; it is 0 if somebody has. The caller has locked the headnode.
func (q Queries) ClaimHNIC(ctx context.Context, id, ttl int64) (until int64, err error) {
	err = q.db.NewRaw("INSERT INTO hnic_pluggings (hnic_id, until) VALUES (?, "+q.clock()+" + ?)"+
		" ON CONFLICT (hnic_id) DO UPDATE SET until = excluded.until WHERE hnic_pluggings.until < "+q.clock()+" RETURNING until",
		id, ttl).Scan(ctx, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return until, translate(err)
}

// PlugHNIC notes the network that a claimed NIC is about to be plugged into, 0 that it is in none. It is NotFound when the
// claim is not the caller's any more.
func (q Queries) PlugHNIC(ctx context.Context, id, until, network int64) error {
	res, err := q.db.NewUpdate().Table("hnics").Set("network_id = ?", nullable(network)).Where("id = ?", id).
		Where("EXISTS (SELECT 1 FROM hnic_pluggings AS p WHERE p.hnic_id = ? AND p.until = ?)", id, until).Exec(ctx)
	return changed(res, err, core.Errorf(core.NotFound, "the NIC was changed or deleted meanwhile"))
}

// FreeHNIC gives a claim back.
func (q Queries) FreeHNIC(ctx context.Context, id, until int64) error {
	_, err := q.db.NewDelete().Table("hnic_pluggings").Where("hnic_id = ?", id).Where("until = ?", until).Exec(ctx)
	return translate(err)
}
