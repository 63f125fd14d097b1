package service

import (
	"context"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

const (
	// longestStart is when a start of a headnode is over for certain: making its machine and taking that back have deadlines.
	longestStart = 2*hostDeadline + time.Minute
	// noteDeadline bounds a write that must be made although the caller has gone.
	noteDeadline = 10 * time.Second
)

// HeadnodeDebtList lists the machines of deleted headnodes that are not known to be gone, the oldest first.
func (s *Service) HeadnodeDebtList(ctx context.Context) ([]HeadnodeDebt, error) {
	if err := auth.Check(ctx, "headnode_debt_list", auth.Nothing); err != nil {
		return nil, err
	}
	debts, err := s.Store.HeadnodeDebts(ctx)
	found := make([]HeadnodeDebt, 0, len(debts))
	for _, d := range debts {
		found = append(found, HeadnodeDebt{
			Machine: d.Machine, Host: d.Host, Headnode: d.Headnode, Project: d.Project, Networks: d.Networks,
			Since: d.Since, Tries: d.Tries, LastError: d.LastError, RetryAt: d.RetryAt,
		})
	}
	return found, err
}

// HeadnodeForgive forgets a machine that its host will never confirm to be gone, because the host is. The networks it was on
// are used again, so the machine must be known to be off.
func (s *Service) HeadnodeForgive(ctx context.Context, machine string) error {
	if err := auth.Check(ctx, "headnode_forgive", auth.Nothing); err != nil {
		return err
	}
	d, err := s.Store.HeadnodeDebt(ctx, machine)
	if err != nil {
		return err
	}
	if err := s.Store.DeleteHeadnodeDebt(ctx, machine); err != nil {
		return err
	}
	s.Log.Info("machine of a deleted headnode forgiven", "machine", machine, "headnode", d.Headnode, "host", d.Host, "caller", auth.From(ctx).Name)
	return nil
}

// giveUp deletes a headnode. If it was ever started, its machine is owed from then on.
func (s *Service) giveUp(ctx context.Context, h core.Headnode) (owes bool, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		now, err := lockSame(ctx, q, h)
		if err != nil {
			return err
		}
		starting, err := q.HeadnodeStarting(ctx, now.MachineID())
		if err != nil {
			return err
		}
		if owes = now.Frozen || starting; owes {
			if err := q.OweHeadnode(ctx, now, payLease.Milliseconds()); err != nil {
				return err
			}
		} else if err := q.ForgetHeadnodeStarts(ctx, now.MachineID()); err != nil {
			return err
		}
		return q.DeleteHeadnode(ctx, now.ID)
	})
	return owes, err
}

// endStart notes that a start is over. Until that is noted, a debt of the machine is not settled.
func (s *Service) endStart(ctx context.Context, start int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteDeadline)
	defer cancel()
	if err := s.Store.EndHeadnodeStart(ctx, start); err != nil {
		s.Log.Warn("the end of a headnode's start is not noted", "err", err)
	}
}

// owed says which machine keeps a network from being used otherwise.
func owed(network string, d core.HeadnodeDebt) error {
	return core.Errorf(core.Blocked, "network %s may still be on machine %s of the deleted headnode %s: %s has not confirmed since %s that it is gone; "+
		"the server keeps trying, so try again later (an administrator sees why with \"haas headnode debts\", and can forgive it there if the machine "+
		"is known to be off)", network, d.Machine, d.Headnode, hostWords(d.Host), time.UnixMilli(d.Since).UTC().Format(time.RFC3339))
}

// hostWords are a host in a sentence.
func hostWords(host string) string {
	if host == "" {
		return "its host"
	}
	return "host " + host
}
