package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// CreateSeed keeps a headnode's seed, until the headnode is deleted.
func (q Queries) CreateSeed(ctx context.Context, s core.HeadnodeSeed) error { return q.insert(ctx, &s) }

// Seed is a headnode's seed. NotFound if it has none.
func (q Queries) Seed(ctx context.Context, headnode int64) (core.HeadnodeSeed, error) {
	var s core.HeadnodeSeed
	err := one(ctx, q.db.NewSelect().Model(&s).Where("headnode_id = ?", headnode), core.Errorf(core.NotFound, "the headnode has no seed"))
	return s, err
}
