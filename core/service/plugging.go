package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

const (
	// plugDeadline bounds one move of a NIC on its host.
	plugDeadline = time.Minute
	// changeDeadline bounds a change but for taking it back, which is one move.
	changeDeadline = 2 * plugDeadline
	// plugLease is how long a NIC is its mover's: longer than the change and taking it back, so that nothing of them comes late.
	plugLease = changeDeadline + 2*plugDeadline
)

// plugging is the change of a NIC of a headnode. Of one that has been started, what the database says is never less than what
// the machine is on: a network is noted before the NIC is plugged into it, and forgotten when the host has confirmed that
// it is not plugged any more.
type plugging struct {
	h   core.Headnode
	nic core.HNIC
	to  core.Network // none to unplug it
	// until names the claim of the NIC: who else wants to change it is refused meanwhile. It is 0 if the headnode was never
	// started, and all is done.
	until int64
}

// HeadnodeConnectNetwork puts a NIC of a headnode that was never started on a network from the pool, in place of the one it
// is on. Live, the headnode may have been started: the NIC is plugged at once, and for all its starts to come.
func (s *Service) HeadnodeConnectNetwork(ctx context.Context, label, hnic, network string, live bool) error {
	p, err := s.beginPlugging(ctx, "headnode_connect", label, hnic, func(ctx context.Context, q store.Queries, p *plugging) (err error) {
		if p.to, err = q.LockNetwork(ctx, network); err != nil {
			return err
		}
		return s.joinable(ctx, q, p.h, p.to, live)
	})
	if err != nil || p.until == 0 {
		return err
	}
	return s.finish(ctx, p, s.plugInto)
}

// HeadnodeDetachNetwork takes a NIC of a headnode that was never started off its network, if it is on one. Live is as in
// HeadnodeConnectNetwork.
func (s *Service) HeadnodeDetachNetwork(ctx context.Context, label, hnic string, live bool) error {
	p, err := s.beginPlugging(ctx, "headnode_detach", label, hnic, func(_ context.Context, _ store.Queries, p *plugging) error {
		return changeable(p.h, live)
	})
	if err != nil || p.until == 0 {
		return err
	}
	return s.finish(ctx, p, s.leave)
}

// finish makes the change of a claimed NIC, and gives it back. It goes on when the caller has hung up: half a change helps
// nobody.
func (s *Service) finish(ctx context.Context, p plugging, change func(context.Context, plugging) error) error {
	ctx = context.WithoutCancel(ctx)
	soon, cancel := context.WithTimeout(ctx, changeDeadline)
	defer cancel()
	return errors.Join(change(soon, p), s.Store.FreeHNIC(ctx, p.nic.ID, p.until))
}

// beginPlugging looks whether a NIC may be changed, and claims it if its headnode has been started; else the change is made.
func (s *Service) beginPlugging(ctx context.Context, call auth.Call, label, hnic string,
	may func(context.Context, store.Queries, *plugging) error,
) (p plugging, err error) {
	err = s.onHeadnode(ctx, call, label, func(ctx context.Context, q store.Queries, h core.Headnode) error {
		p = plugging{h: h}
		if p.nic, err = q.HNIC(ctx, h, hnic); err != nil {
			return err
		}
		if err := may(ctx, q, &p); err != nil {
			return err
		}
		if !h.Frozen {
			return q.SetHNICNetwork(ctx, p.nic.ID, p.to.ID)
		}
		if s.DryRun {
			return core.Errorf(core.Blocked, "this server makes a dry run: the NICs of headnode %s, which has been started, stay as they are", label)
		}
		p.until, err = q.ClaimHNIC(ctx, p.nic.ID, plugLease.Milliseconds())
		if err == nil && p.until == 0 {
			err = core.Errorf(core.Blocked, "NIC %s of headnode %s is being plugged by somebody else; try again", hnic, label)
		}
		return err
	})
	return p, err
}

// plugInto moves a claimed NIC to its network. It is unplugged first, also if it should be: before anything is noted, the
// host is known to do as it is told.
func (s *Service) plugInto(ctx context.Context, p plugging) error {
	stays := p.nic.NetworkID == p.to.ID
	if !stays {
		if err := s.leave(ctx, p); err != nil {
			return err
		}
	}
	if err := s.notePlug(ctx, p); err != nil {
		return err
	}
	err := s.plug(ctx, p, p.to.VLAN)
	if err == nil || !stays && s.unplug(context.WithoutCancel(ctx), p) == nil {
		return err
	}
	return remark(err, "NIC %s of headnode %s may be on network %s, and counts as on it; connect it again or detach it, live, "+
		"when its host answers", p.nic.Label, p.h.Label, p.to.Label)
}

// leave takes a claimed NIC off the network it is on, if it is on one.
func (s *Service) leave(ctx context.Context, p plugging) error {
	err := s.unplug(ctx, p)
	if err == nil || p.nic.NetworkID == 0 {
		return err
	}
	return remark(err, "NIC %s of headnode %s still counts as on its network; try again when its host answers, and if its machine is gone, "+
		"start the headnode first", p.nic.Label, p.h.Label)
}

// remark adds what the caller has to know to an error: of several errors the caller would be told the first alone.
func remark(err error, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if e, ok := errors.AsType[*core.Error](err); ok {
		told := *e
		told.Text += "; " + text
		return &told
	}
	return fmt.Errorf("%w; %s", err, text)
}

// notePlug notes the network before the NIC is plugged into it, if that may still be.
func (s *Service) notePlug(ctx context.Context, p plugging) error {
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		h, err := q.LockHeadnode(ctx, p.h.Label)
		if err != nil {
			return err
		}
		w, err := q.LockNetwork(ctx, p.to.Label)
		if err != nil {
			return err
		}
		if w.ID != p.to.ID {
			return core.Missing("network", p.to.Label)
		}
		if err := s.joinable(ctx, q, h, w, true); err != nil {
			return err
		}
		return q.PlugHNIC(ctx, p.nic.ID, p.until, w.ID)
	})
}

// unplug takes a claimed NIC off whatever it is on, and forgets that when the host has confirmed it.
func (s *Service) unplug(ctx context.Context, p plugging) error {
	if err := s.plug(ctx, p, 0); err != nil {
		return err
	}
	return s.Store.PlugHNIC(ctx, p.nic.ID, p.until, 0)
}

// plug puts a NIC on a VLAN on the headnode's host.
func (s *Service) plug(ctx context.Context, p plugging, vlan int) error {
	ctx, cancel := context.WithTimeout(ctx, plugDeadline)
	defer cancel()
	return s.onHost(ctx, p.h, func(ctx context.Context, host headnode.Session) error { return p.on(ctx, host, vlan) })
}

func (p plugging) on(ctx context.Context, host headnode.Session, vlan int) error {
	plugger, ok := host.(headnode.Plugger)
	if !ok {
		return &sdk.Error{Code: sdk.Unsupported, Text: "the headnode's host cannot plug NICs of machines that were started"}
	}
	return plugger.Plug(ctx, p.h.MachineID(), headnode.NIC{Label: p.nic.Label, VLAN: vlan})
}

// settle plugs the NICs of a headnode that is started again into what they are noted to be on: its machine may come from a
// backup of its host, or have been made anew with the networks of a moment ago. One that is being plugged is its mover's.
func (s *Service) settle(ctx context.Context, host headnode.Session, h core.Headnode) error {
	nics, err := s.claimAll(ctx, h)
	soon, cancel := context.WithTimeout(ctx, changeDeadline)
	defer cancel()
	for _, p := range nics {
		if err == nil {
			err = p.on(soon, host, p.to.VLAN)
		}
		if sdk.CodeOf(err) == sdk.Unsupported { // then nobody has changed anything
			err = nil
		}
		err = errors.Join(err, s.Store.FreeHNIC(context.WithoutCancel(ctx), p.nic.ID, p.until))
	}
	return err
}

// claimAll claims the NICs of a headnode that nobody has, each with the VLAN that it is noted to be on.
func (s *Service) claimAll(ctx context.Context, h core.Headnode) (claimed []plugging, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		claimed = nil
		if _, err := lockSame(ctx, q, h); err != nil {
			return err
		}
		nics, err := q.HNICs(ctx, h.ID)
		for _, n := range nics {
			p := plugging{h: h, to: core.Network{VLAN: n.VLAN}}
			if p.nic, err = q.HNIC(ctx, h, n.Label); err != nil {
				return err
			}
			if p.until, err = q.ClaimHNIC(ctx, p.nic.ID, plugLease.Milliseconds()); err != nil {
				return err
			}
			if p.until != 0 {
				claimed = append(claimed, p)
			}
		}
		return err
	})
	return claimed, err
}
