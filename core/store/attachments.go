package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
)

// Attached is a network on a NIC.
type Attached struct {
	core.Network
	NICID   int64 `bun:"nic_id"`
	Channel string
}

// AttachedTo are the networks on a NIC, sorted by channel.
func (q Queries) AttachedTo(ctx context.Context, nic int64) ([]Attached, error) {
	return q.attached(ctx, []int64{nic})
}

func (q Queries) attached(ctx context.Context, nics []int64) ([]Attached, error) {
	var found []Attached
	if len(nics) == 0 {
		return nil, nil
	}
	err := q.db.NewSelect().TableExpr("attachments AS a").ColumnExpr("n.*, a.nic_id, a.channel").
		Join("JOIN networks AS n ON n.id = a.network_id").
		Where("a.nic_id IN (?)", bun.List(nics)).OrderExpr("a.nic_id, a.channel").Scan(ctx, &found)
	return found, translate(err)
}
