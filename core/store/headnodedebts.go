package store

import (
	"context"

	"github.com/CCI-MOC/haas/core"
)

// OweHeadnode records that the machine of a headnode, which is about to be deleted, is still to be removed. The caller tries
// that itself for the milliseconds of the lease; it has locked the headnode.
func (q Queries) OweHeadnode(ctx context.Context, h core.Headnode, leaseMS int64) error {
	_, err := q.db.NewRaw("INSERT INTO headnode_debts (machine, host, headnode, project, project_id, since, tries, last_error, retry_at)"+
		" SELECT ?, ?, ?, p.label, p.id, "+q.clock()+", 1, '', "+q.clock()+" + ? FROM projects AS p WHERE p.id = ?",
		h.MachineID(), h.Host, h.Label, leaseMS, h.ProjectID).Exec(ctx)
	if err != nil {
		return translate(err)
	}
	_, err = q.db.NewRaw("INSERT INTO headnode_debt_networks (machine, network_id)"+
		" SELECT DISTINCT ?, network_id FROM hnics WHERE headnode_id = ? AND network_id IS NOT NULL", h.MachineID(), h.ID).Exec(ctx)
	return translate(err)
}

// HeadnodeDebt finds a debt by its machine.
func (q Queries) HeadnodeDebt(ctx context.Context, machine string) (core.HeadnodeDebt, error) {
	var d core.HeadnodeDebt
	err := one(ctx, q.db.NewSelect().Model(&d).Where("machine = ?", machine), core.Missing("debt for machine", machine))
	return d, err
}

// HeadnodeDebtInfo is a debt with the labels of the networks that the machine may be on, sorted.
type HeadnodeDebtInfo struct {
	core.HeadnodeDebt
	Networks []string
}

// HeadnodeDebts are all debts, the oldest first.
func (q Queries) HeadnodeDebts(ctx context.Context) ([]HeadnodeDebtInfo, error) {
	var debts []core.HeadnodeDebt
	if err := q.db.NewSelect().Model(&debts).OrderExpr("since, machine").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	var rows []struct{ Machine, Label string }
	err := q.db.NewSelect().TableExpr("headnode_debt_networks AS d").ColumnExpr("d.machine, w.label").
		Join("JOIN networks AS w ON w.id = d.network_id").OrderExpr("w.label").Scan(ctx, &rows)
	networks := map[string][]string{}
	for _, r := range rows {
		networks[r.Machine] = append(networks[r.Machine], r.Label)
	}
	found := make([]HeadnodeDebtInfo, 0, len(debts))
	for _, d := range debts {
		found = append(found, HeadnodeDebtInfo{d, networks[d.Machine]})
	}
	return found, translate(err)
}

// DueHeadnodeDebts are the debts whose time has come, the oldest first.
func (q Queries) DueHeadnodeDebts(ctx context.Context, limit int) ([]core.HeadnodeDebt, error) {
	var found []core.HeadnodeDebt
	err := q.db.NewSelect().Model(&found).Where("retry_at <= " + q.clock()).OrderExpr("since, machine").Limit(int64(limit)).Scan(ctx)
	return found, translate(err)
}

// ClaimHeadnodeDebt puts off others who would remove the machine too; false if one of them was faster, or nothing is owed
// any more.
func (q Queries) ClaimHeadnodeDebt(ctx context.Context, d core.HeadnodeDebt, leaseMS int64) (bool, error) {
	res, err := q.db.NewUpdate().Model((*core.HeadnodeDebt)(nil)).
		Set("tries = tries + 1").Set("retry_at = "+q.clock()+" + ?", leaseMS).
		Where("machine = ?", d.Machine).Where("tries = ?", d.Tries).Exec(ctx)
	if err != nil {
		return false, translate(err)
	}
	count, err := res.RowsAffected()
	return count == 1, err
}

// FailHeadnodeDebt keeps the reason why a machine is not known to be gone, and tries again in some milliseconds.
func (q Queries) FailHeadnodeDebt(ctx context.Context, machine, reason string, delayMS int64) error {
	_, err := q.db.NewUpdate().Model((*core.HeadnodeDebt)(nil)).
		Set("last_error = ?", reason).Set("retry_at = "+q.clock()+" + ?", delayMS).Where("machine = ?", machine).Exec(ctx)
	return translate(err)
}

// HurryHeadnodeDebts makes all debts due.
func (q Queries) HurryHeadnodeDebts(ctx context.Context) error {
	_, err := q.db.NewUpdate().Model((*core.HeadnodeDebt)(nil)).Set("retry_at = 0").Where("TRUE").Exec(ctx)
	return translate(err)
}

// DeleteHeadnodeDebt forgets a debt: its machine is gone.
func (q Queries) DeleteHeadnodeDebt(ctx context.Context, machine string) error {
	if err := q.ForgetHeadnodeStarts(ctx, machine); err != nil {
		return err
	}
	res, err := q.db.NewDelete().Model((*core.HeadnodeDebt)(nil)).Where("machine = ?", machine).Exec(ctx)
	return changed(res, err, core.Missing("debt for machine", machine))
}

// owedFor is a debt that keeps a network in use, nil if there is none; of one project alone, if project is not 0.
func (q Queries) owedFor(ctx context.Context, network, project int64) (*core.HeadnodeDebt, error) {
	var found []core.HeadnodeDebt
	s := q.db.NewSelect().Model(&found).Join("JOIN headnode_debt_networks AS n ON n.machine = headnode_debt.machine").
		Where("n.network_id = ?", network).OrderExpr("headnode_debt.since, headnode_debt.machine").Limit(1)
	if project != 0 {
		s = s.Where("headnode_debt.project_id = ?", project)
	}
	if err := s.Scan(ctx); err != nil || len(found) == 0 {
		return nil, translate(err)
	}
	return &found[0], nil
}

// BeginHeadnodeStart notes that a machine may be made for the milliseconds that follow.
func (q Queries) BeginHeadnodeStart(ctx context.Context, machine string, mostMS int64) (start int64, err error) {
	err = q.db.NewRaw("INSERT INTO headnode_starts (machine, until) VALUES (?, "+q.clock()+" + ?) RETURNING id", machine, mostMS).Scan(ctx, &start)
	return start, translate(err)
}

// EndHeadnodeStart notes that a start is over, however it went. The last one of a machine is remembered.
func (q Queries) EndHeadnodeStart(ctx context.Context, start int64) error {
	if _, err := q.db.NewUpdate().Table("headnode_starts").Set("until = 0").Where("id = ?", start).Exec(ctx); err != nil {
		return translate(err)
	}
	_, err := q.db.NewDelete().Table("headnode_starts").Where("until < " + q.clock()).
		Where("EXISTS (SELECT 1 FROM headnode_starts AS later WHERE later.machine = headnode_starts.machine AND later.id > headnode_starts.id)").Exec(ctx)
	return translate(err)
}

// IsLastHeadnodeStart reports whether no other start of the machine has begun since.
func (q Queries) IsLastHeadnodeStart(ctx context.Context, machine string, start int64) (bool, error) {
	later, err := q.db.NewSelect().Table("headnode_starts").Where("machine = ?", machine).Where("id > ?", start).Exists(ctx)
	return !later, translate(err)
}

// ForgetHeadnodeStarts forgets a machine that there is no more, but for the starts of it that are under way.
func (q Queries) ForgetHeadnodeStarts(ctx context.Context, machine string) error {
	_, err := q.db.NewDelete().Table("headnode_starts").Where("machine = ?", machine).Where("until < " + q.clock()).Exec(ctx)
	return translate(err)
}

// HeadnodeStarting reports whether a start of the machine may be under way.
func (q Queries) HeadnodeStarting(ctx context.Context, machine string) (bool, error) {
	found, err := q.db.NewSelect().Table("headnode_starts").Where("machine = ?", machine).Where("until >= " + q.clock()).Exists(ctx)
	return found, translate(err)
}
