package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// CreateNotice records that the maintenance service is to be told of a node.
func (q Queries) CreateNotice(ctx context.Context, node, url string) error {
	return q.insert(ctx, &core.MaintenanceNotice{Node: node, URL: url, CreatedAt: q.millis()})
}

// DueNotices are the notices whose time has come, oldest first.
func (q Queries) DueNotices(ctx context.Context, limit int) ([]core.MaintenanceNotice, error) {
	var found []core.MaintenanceNotice
	err := q.db.NewSelect().Model(&found).Where("retry_at <= ?", q.millis()).OrderExpr("id").Limit(int64(limit)).Scan(ctx)
	return found, translate(err)
}

// ClaimNotice puts off a notice's next attempt; false if another server was faster.
func (q Queries) ClaimNotice(ctx context.Context, n core.MaintenanceNotice, retryAt int64) (bool, error) {
	res, err := q.db.NewUpdate().Model((*core.MaintenanceNotice)(nil)).
		Set("attempts = attempts + 1").Set("retry_at = ?", retryAt).
		Where("id = ?", n.ID).Where("attempts = ?", n.Attempts).Exec(ctx)
	if err != nil {
		return false, translate(err)
	}
	count, err := res.RowsAffected()
	return count == 1, err
}

// FailNotice keeps the reason why a notice was not delivered, and when it is to be tried again.
func (q Queries) FailNotice(ctx context.Context, id, retryAt int64, reason string) error {
	_, err := q.db.NewUpdate().Model((*core.MaintenanceNotice)(nil)).
		Set("last_error = ?", reason).Set("retry_at = ?", retryAt).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// DeleteNotice forgets a notice that was delivered.
func (q Queries) DeleteNotice(ctx context.Context, id int64) error {
	_, err := q.db.NewDelete().Model((*core.MaintenanceNotice)(nil)).Where("id = ?", id).Exec(ctx)
	return translate(err)
}
