package service

import (
	"context"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// HeadnodeHostRename notes that a host of headnodes goes by another URI now, as it does when it got another address. Another host would
// confirm that machines are gone which run on, on VLANs that are then given to others: so the machines must be seen there.
func (s *Service) HeadnodeHostRename(ctx context.Context, from, to string) error {
	if err := auth.Check(ctx, "headnode_host_rename", auth.Nothing); err != nil {
		return err
	}
	host, err := s.Headnodes.renamed(from, to)
	if err != nil {
		return err
	}
	headnodes, err := s.Store.HeadnodesOn(ctx, from)
	if err != nil {
		return err
	}
	debts, err := s.Store.HeadnodeDebts(ctx)
	if err != nil {
		return err
	}
	debts = slices.DeleteFunc(debts, func(d store.HeadnodeDebtInfo) bool { return d.Host != from })
	if len(headnodes)+len(debts) == 0 {
		return core.Errorf(core.NotFound, "from: no headnode is or was on a host %q", from)
	}
	err = s.Headnodes.on(ctx, s.Drivers, host, func(ctx context.Context, h headnode.Session) error { return isSame(ctx, h, headnodes, debts) })
	if err != nil {
		return driverError("headnode", err)
	}
	if err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error { return q.RenameHost(ctx, from, to) }); err != nil {
		return err
	}
	s.Log.Info("host of headnodes renamed", "from", from, "to", to, "headnodes", len(headnodes), "debts", len(debts), "caller", auth.From(ctx).Name)
	return nil
}

// renamed is the host that is known as to now. What it was called before is no host any more.
func (c HeadnodeConfig) renamed(from, to string) (HeadnodeHost, error) {
	hosts, names := c.All(), []string{c.URI}
	if len(c.Hosts) > 0 {
		names = names[:0]
		for _, h := range hosts {
			names = append(names, h.Name)
		}
	}
	if slices.Contains(names, from) {
		return HeadnodeHost{}, core.FieldErrorf(core.BadArgument, "from", "host %s is in the configuration, under [headnode]; replace it there first", from)
	}
	at := slices.Index(names, to)
	if at < 0 || to == "" {
		return HeadnodeHost{}, core.FieldErrorf(core.BadArgument, "to", "%q is no host of the configuration; choose one of %s", to, strings.Join(names, ", "))
	}
	return hosts[at], nil
}

// isSame is an error unless the host has the machines of headnodes or, if there are none, one of those that are owed: these may
// be gone.
func isSame(ctx context.Context, host headnode.Session, headnodes []core.Headnode, debts []store.HeadnodeDebtInfo) error {
	for _, h := range headnodes {
		_, err := host.State(ctx, h.MachineID())
		if sdk.CodeOf(err) == sdk.NotFound {
			return core.Errorf(core.Blocked, "to: it does not have the machine %s of headnode %s, so it is another host; if that machine is gone, delete the headnode first",
				h.MachineID(), h.Label)
		}
		if err != nil {
			return err
		}
	}
	if len(headnodes) > 0 {
		return nil
	}
	for _, d := range debts {
		if _, err := host.State(ctx, d.Machine); sdk.CodeOf(err) != sdk.NotFound {
			return err
		}
	}
	return core.Errorf(core.Blocked, "to: it has none of the machines that are owed, so it may be another host; forgive those that are known to be off")
}
