package service

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// HeadnodeImages lists the base images headnodes may be made from, sorted.
func (s *Service) HeadnodeImages(ctx context.Context) ([]string, error) {
	if err := auth.Check(ctx, "headnode_images", auth.Nothing); err != nil {
		return nil, err
	}
	return slices.Sorted(slices.Values(s.Headnodes.Images)), nil
}

// HeadnodeCreate adds a headnode. Its machine is made at the first start, with the NICs it has by then.
func (s *Service) HeadnodeCreate(ctx context.Context, label, project, baseImg string, seed HeadnodeSeed) error {
	if !slices.Contains(s.Headnodes.Images, baseImg) {
		return core.FieldErrorf(core.BadArgument, "base_img", "%q is not a base image; choose one of %v", baseImg, s.Headnodes.Images)
	}
	if err := core.CheckLabel("headnode", label); err != nil {
		return err
	}
	sown, err := seed.row()
	if err != nil {
		return err
	}
	if _, err := s.Store.Headnode(ctx, label); core.KindOf(err) != core.NotFound {
		return exists("headnode", label, err)
	}
	p, err := s.Store.Project(ctx, project)
	if err != nil {
		return err
	}
	if err := auth.Check(ctx, "headnode_create", auth.Of(p.ID)); err != nil {
		return err
	}
	return s.createHeadnode(ctx, core.Headnode{Label: label, ProjectID: p.ID, BaseImg: baseImg, UUID: uuid.NewString()}, sown)
}

// roomForHeadnode refuses a headnode too many of a project. Others wait, or they would not be counted.
func (s *Service) roomForHeadnode(ctx context.Context, q store.Queries, project int64) error {
	most := s.Headnodes.MaxPerProject
	if most == 0 {
		return nil
	}
	if err := q.LockProject(ctx, project); err != nil {
		return err
	}
	use, err := q.ProjectUse(ctx, project)
	if err == nil && use.Headnodes >= most {
		err = core.Errorf(core.Blocked, "the project has %d headnodes, and %d is the most it may have; delete one, or ask for a higher "+
			"max_per_project under [headnode]", use.Headnodes, most)
	}
	return err
}

// HeadnodeDelete removes a headnode with its machine and NICs. A machine whose host does not confirm at once that it is gone
// becomes a debt.
func (s *Service) HeadnodeDelete(ctx context.Context, label string) error {
	h, err := s.ownedHeadnode(ctx, "headnode_delete", label)
	if err != nil {
		return err
	}
	defer s.endHeadnode(h)
	owes, err := s.giveUp(ctx, h)
	if err == nil && owes && !s.DryRun {
		s.Debts.payNow(ctx, h.MachineID())
	}
	return err
}

// scrap removes a headnode's machine from its host.
func (s *Service) scrap(ctx context.Context, h core.Headnode) error {
	return s.onHost(ctx, h, func(ctx context.Context, host headnode.Session) error { return host.Delete(ctx, h.MachineID()) })
}

// HeadnodeStart turns a headnode on. The first start makes its machine and freezes its NICs; if it fails, nothing is
// left and the NICs may change again.
func (s *Service) HeadnodeStart(ctx context.Context, label string) error {
	h, err := s.ownedHeadnode(ctx, "headnode_start", label)
	if err != nil || s.DryRun {
		return err
	}
	host, placed, err := s.chooseHost(ctx, h)
	if err != nil {
		return err
	}
	defer placed()
	begun, err := s.freeze(ctx, &h, host)
	if err != nil {
		return err
	}
	defer begun.ended()
	reached := false
	err = s.onHost(ctx, h, func(ctx context.Context, host headnode.Session) error {
		reached = true
		return s.bringUp(ctx, host, h, begun)
	})
	switch {
	case err == nil, core.KindOf(err) == core.NotFound: // which no host says
		begun.ended()
		return s.stillWanted(ctx, h)
	case !begun.first:
		return err
	}
	return errors.Join(err, s.thaw(context.WithoutCancel(ctx), h, begun, reached))
}

// bringUp makes a headnode's machine, unless there is one, and turns it on.
func (s *Service) bringUp(ctx context.Context, host headnode.Session, h core.Headnode, begun beginning) error {
	if err := sow(ctx, host, begun.spec, begun.seed); err != nil {
		return err
	}
	if !begun.first {
		if err := s.settle(ctx, host, h); err != nil {
			return err
		}
	}
	// Copying an image takes its time. The networks of a headnode that was deleted may be others' by now.
	if err := s.stillThere(ctx, h); err != nil {
		return err
	}
	return host.Start(ctx, begun.spec.ID)
}

// stillWanted removes the machine of a headnode that was deleted while it was started. What is owed since then is paid.
func (s *Service) stillWanted(ctx context.Context, h core.Headnode) error {
	err := s.stillThere(ctx, h)
	if core.KindOf(err) == core.NotFound {
		s.Debts.payNow(ctx, h.MachineID())
	}
	return err
}

// stillThere is a NotFound error if the headnode was deleted, whatever has its name now.
func (s *Service) stillThere(ctx context.Context, h core.Headnode) error {
	now, err := s.Store.Headnode(ctx, h.Label)
	if err == nil && now.ID != h.ID {
		err = core.Missing("headnode", h.Label)
	}
	return err
}

// chooseHost chooses a host for a headnode that was never started.
func (s *Service) chooseHost(ctx context.Context, h core.Headnode) (host string, placed func(), err error) {
	if h.Frozen {
		return h.Host, func() {}, nil
	}
	return s.hosts.place(ctx, h)
}

// lockSame locks a headnode that was found before. Another one that was made since does not pass for it.
func lockSame(ctx context.Context, q store.Queries, h core.Headnode) (core.Headnode, error) {
	now, err := q.LockHeadnode(ctx, h.Label)
	if err == nil && now.ID != h.ID {
		err = core.Missing("headnode", h.Label)
	}
	return now, err
}

// beginning is a start of a headnode that has begun.
type beginning struct {
	// spec and seed are how its machine is made, first says that its NICs and host were not fixed before.
	spec  headnode.Spec
	seed  *headnode.Seed
	first bool
	// start names it among others.
	start int64
	// ended is to be called when the machine will not be made any more; until then it may be at any time, whatever becomes of
	// the headnode.
	ended func()
}

// freeze fixes a headnode's NICs and its host.
func (s *Service) freeze(ctx context.Context, h *core.Headnode, host string) (begun beginning, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		now, err := lockSame(ctx, q, *h)
		if err != nil {
			return err
		}
		if !now.Frozen {
			now.Host = host
			if err := q.PlaceHeadnode(ctx, now.ID, host); err != nil {
				return err
			}
		}
		nics, err := q.HNICs(ctx, now.ID)
		if err != nil {
			return err
		}
		if begun.seed, err = seedOf(ctx, q, now); err != nil {
			return err
		}
		begun.spec, begun.first = headnode.Spec{ID: now.MachineID(), Image: now.BaseImg}, !now.Frozen
		for _, n := range nics {
			begun.spec.NICs = append(begun.spec.NICs, headnode.NIC{Label: n.Label, VLAN: n.VLAN})
		}
		if begun.start, err = q.BeginHeadnodeStart(ctx, begun.spec.ID, longestStart.Milliseconds()); err != nil {
			return err
		}
		h.Host = now.Host
		return q.SetFrozen(ctx, now.ID, true)
	})
	begun.ended = sync.OnceFunc(func() { s.endStart(ctx, begun.start) })
	return begun, err
}

// thaw takes a first start back. A host that was reached may have made the machine; while that cannot be removed, the
// headnode stays frozen, and so it does when it has been started again since: the machine is that start's.
func (s *Service) thaw(ctx context.Context, h core.Headnode, begun beginning, reached bool) error {
	last, err := s.Store.IsLastHeadnodeStart(ctx, h.MachineID(), begun.start)
	if err != nil || !last {
		return err
	}
	if reached && s.scrap(ctx, h) != nil {
		return nil // the failed start is what the caller hears of; starting or deleting again mends this.
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		_, err := lockSame(ctx, q, h)
		if core.KindOf(err) == core.NotFound {
			return nil // it was deleted, and its machine is owed
		}
		if err != nil {
			return err
		}
		last, err := q.IsLastHeadnodeStart(ctx, h.MachineID(), begun.start)
		if err != nil || !last {
			return err
		}
		return q.SetFrozen(ctx, h.ID, false)
	})
}

// HeadnodeStop cuts a headnode's power.
func (s *Service) HeadnodeStop(ctx context.Context, label string) error {
	h, err := s.ownedHeadnode(ctx, "headnode_stop", label)
	if err != nil || s.DryRun {
		return err
	}
	return s.onHost(ctx, h, func(ctx context.Context, host headnode.Session) error { return host.Stop(ctx, h.MachineID()) })
}

// HeadnodeShow tells of a headnode. A host that does not answer leaves the screen's port unknown.
func (s *Service) HeadnodeShow(ctx context.Context, label string) (Headnode, error) {
	h, nics, err := s.lookAtHeadnode(ctx, "headnode_show", label)
	if err != nil {
		return Headnode{}, err
	}
	shown := Headnode{Name: h.Label, Project: h.Project, HNICs: []string{}, UUID: h.UUID, BaseImg: h.BaseImg}
	for _, n := range nics {
		shown.HNICs = append(shown.HNICs, n.Label)
	}
	if h.Frozen && !s.DryRun {
		shown.VNCPort = s.screen(ctx, h.Headnode)
	}
	if h.Frozen && len(s.Headnodes.Hosts) > 0 && auth.Check(ctx, "headnode_show_host", auth.Nothing) == nil {
		shown.Host = h.Host
	}
	return shown, nil
}

// HeadnodeHNICs tells of the NICs of a headnode, sorted by label.
func (s *Service) HeadnodeHNICs(ctx context.Context, label string) ([]HNIC, error) {
	_, nics, err := s.lookAtHeadnode(ctx, "headnode_hnics", label)
	var found []HNIC
	for _, n := range nics {
		found = append(found, HNIC{Label: n.Label, Network: n.Network})
	}
	return found, err
}

// lookAtHeadnode is a headnode and its NICs, for who may do what is named.
func (s *Service) lookAtHeadnode(ctx context.Context, what auth.Call, label string) (store.HeadnodeInfo, []store.HNICInfo, error) {
	h, err := s.Store.HeadnodeInfo(ctx, label)
	if err != nil {
		return h, nil, err
	}
	if err := auth.Check(ctx, what, auth.Of(h.ProjectID)); err != nil {
		return h, nil, err
	}
	nics, err := s.Store.HNICs(ctx, h.ID)
	return h, nics, err
}

// screen is the TCP port of a running headnode's screen, 0 if there is none or nobody can tell.
func (s *Service) screen(ctx context.Context, h core.Headnode) int {
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	var state headnode.State
	err := s.onHost(ctx, h, func(ctx context.Context, host headnode.Session) (err error) {
		state, err = host.State(ctx, h.MachineID())
		return err
	})
	if err != nil || !state.Running {
		return 0
	}
	return state.VNCPort
}

// HeadnodeCreateHNIC adds a NIC to a headnode that was never started.
func (s *Service) HeadnodeCreateHNIC(ctx context.Context, label, hnic string) error {
	if err := core.CheckLabel("hnic", hnic); err != nil {
		return err
	}
	return s.onHeadnode(ctx, "headnode_create_hnic", label, func(ctx context.Context, q store.Queries, h core.Headnode) error {
		if _, err := q.HNIC(ctx, h, hnic); core.KindOf(err) != core.NotFound {
			return exists("hnic", hnic, err)
		}
		if err := changeable(h, false); err != nil {
			return err
		}
		if err := s.roomForHNIC(ctx, q, h); err != nil {
			return err
		}
		return q.CreateHNIC(ctx, core.HNIC{HeadnodeID: h.ID, Label: hnic})
	})
}

// roomForHNIC refuses a NIC too many. The caller has locked the headnode.
func (s *Service) roomForHNIC(ctx context.Context, q store.Queries, h core.Headnode) error {
	most := s.Headnodes.MaxHNICs
	if most == 0 {
		return nil
	}
	nics, err := q.HNICs(ctx, h.ID)
	if err == nil && len(nics) >= most {
		err = core.Errorf(core.Blocked, "headnode %s has %d NICs, and %d is the most it may have; delete one, or ask for a higher "+
			"max_hnics under [headnode]", h.Label, len(nics), most)
	}
	return err
}

// HeadnodeDeleteHNIC removes a NIC of a headnode that was never started.
func (s *Service) HeadnodeDeleteHNIC(ctx context.Context, label, hnic string) error {
	return s.onHeadnode(ctx, "headnode_delete_hnic", label, func(ctx context.Context, q store.Queries, h core.Headnode) error {
		n, err := q.HNIC(ctx, h, hnic)
		if err != nil {
			return err
		}
		if err := changeable(h, false); err != nil {
			return err
		}
		return q.DeleteHNIC(ctx, n.ID)
	})
}

// joinable refuses a network that a NIC of the headnode may not be put on; live, the headnode may have been started.
func (s *Service) joinable(ctx context.Context, q store.Queries, h core.Headnode, w core.Network, live bool) error {
	if !w.Allocated && !s.Headnodes.Trunk(w.VLAN) {
		return core.FieldErrorf(core.BadArgument, "network", "headnodes can only be connected to networks whose VLAN is from the pool or "+
			"in trunk_vlans under [headnode], which that of %s is not", w.Label)
	}
	if err := changeable(h, live); err != nil {
		return err
	}
	access, err := q.HasAccess(ctx, w, h.ProjectID)
	if err == nil && !access {
		err = core.Errorf(core.ProjectMismatch, "the project of headnode %s has no access to network %s", h.Label, w.Label)
	}
	return err
}

// changeable refuses a headnode that has been started; live, that may be.
func changeable(h core.Headnode, live bool) error {
	if h.Frozen && !live {
		return core.Errorf(core.IllegalState, "headnode %s has been started; its NICs and networks cannot change any more, but for what live=true does", h.Label)
	}
	return nil
}

func (s *Service) ownedHeadnode(ctx context.Context, call auth.Call, label string) (core.Headnode, error) {
	h, err := s.Store.Headnode(ctx, label)
	if err != nil {
		return core.Headnode{}, err
	}
	return h, auth.Check(ctx, call, auth.Of(h.ProjectID))
}

// onHeadnode runs fn in a transaction on a headnode that the caller may make the call on.
func (s *Service) onHeadnode(ctx context.Context, call auth.Call, label string, fn func(context.Context, store.Queries, core.Headnode) error) error {
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		h, err := q.LockHeadnode(ctx, label)
		if err != nil {
			return err
		}
		if err := auth.Check(ctx, call, auth.Of(h.ProjectID)); err != nil {
			return err
		}
		return fn(ctx, q, h)
	})
}
