package service

import (
	"context"
	"errors"
	"slices"

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
func (s *Service) HeadnodeCreate(ctx context.Context, label, project, baseImg string) error {
	if !slices.Contains(s.Headnodes.Images, baseImg) {
		return core.FieldErrorf(core.BadArgument, "base_img", "%q is not a base image; choose one of %v", baseImg, s.Headnodes.Images)
	}
	if err := core.CheckLabel("headnode", label); err != nil {
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
	return s.Store.CreateHeadnode(ctx, core.Headnode{Label: label, ProjectID: p.ID, BaseImg: baseImg, UUID: uuid.NewString()})
}

// HeadnodeDelete removes a headnode with its machine and NICs.
func (s *Service) HeadnodeDelete(ctx context.Context, label string) error {
	h, err := s.ownedHeadnode(ctx, "headnode_delete", label)
	if err != nil {
		return err
	}
	defer s.endHeadnode(h)
	if !h.Frozen {
		return s.Store.DeleteHeadnode(ctx, h.ID)
	}
	// Frozen until the machine is gone: nobody starts it meanwhile with other NICs.
	if err := s.scrap(ctx, h); err != nil {
		return err
	}
	if err := s.Store.DeleteHeadnode(ctx, h.ID); err != nil {
		return err
	}
	// A start that came between has made the machine again.
	return s.scrap(ctx, h)
}

// scrap removes a headnode's machine from its host.
func (s *Service) scrap(ctx context.Context, h core.Headnode) error {
	return s.onHost(ctx, func(ctx context.Context, host headnode.Session) error { return host.Delete(ctx, h.MachineID()) })
}

// HeadnodeStart turns a headnode on. The first start makes its machine and freezes its NICs; if it fails, nothing is
// left and the NICs may change again.
func (s *Service) HeadnodeStart(ctx context.Context, label string) error {
	h, err := s.ownedHeadnode(ctx, "headnode_start", label)
	if err != nil || s.DryRun {
		return err
	}
	spec, first, err := s.freeze(ctx, h)
	if err != nil {
		return err
	}
	reached := false
	err = s.onHost(ctx, func(ctx context.Context, host headnode.Session) error {
		reached = true
		if err := host.Create(ctx, spec); err != nil {
			return err
		}
		// Copying an image takes its time. The networks of a headnode that was deleted may be others' by now.
		if err := s.stillThere(ctx, h); err != nil {
			return err
		}
		return host.Start(ctx, spec.ID)
	})
	switch {
	case err == nil, core.KindOf(err) == core.NotFound: // which no host says
		return s.stillWanted(ctx, h)
	case !first:
		return err
	}
	return errors.Join(err, s.thaw(context.WithoutCancel(ctx), h, reached))
}

// stillWanted removes the machine of a headnode that was deleted while it was started.
func (s *Service) stillWanted(ctx context.Context, h core.Headnode) error {
	err := s.stillThere(ctx, h)
	if core.KindOf(err) == core.NotFound {
		return errors.Join(err, s.scrap(context.WithoutCancel(ctx), h))
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

// freeze fixes a headnode's NICs and says how its machine is made; first says that they were not fixed before.
func (s *Service) freeze(ctx context.Context, h core.Headnode) (spec headnode.Spec, first bool, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		now, err := q.LockHeadnode(ctx, h.Label)
		if err == nil && now.ID != h.ID { // another one, made since
			err = core.Missing("headnode", h.Label)
		}
		if err != nil {
			return err
		}
		nics, err := q.HNICs(ctx, now.ID)
		if err != nil {
			return err
		}
		spec, first = headnode.Spec{ID: now.MachineID(), Image: now.BaseImg}, !now.Frozen
		for _, n := range nics {
			spec.NICs = append(spec.NICs, headnode.NIC{Label: n.Label, VLAN: n.VLAN})
		}
		return q.SetFrozen(ctx, now.ID, true)
	})
	return spec, first, err
}

// thaw takes a first start back. A host that was reached may have made the machine; while that cannot be removed, the
// headnode stays frozen.
func (s *Service) thaw(ctx context.Context, h core.Headnode, reached bool) error {
	if reached {
		if s.scrap(ctx, h) != nil {
			return nil //nolint:nilerr // the failed start is what the caller hears of; starting or deleting again mends this.
		}
	}
	return s.Store.SetFrozen(ctx, h.ID, false)
}

// HeadnodeStop cuts a headnode's power.
func (s *Service) HeadnodeStop(ctx context.Context, label string) error {
	h, err := s.ownedHeadnode(ctx, "headnode_stop", label)
	if err != nil || s.DryRun {
		return err
	}
	return s.onHost(ctx, func(ctx context.Context, host headnode.Session) error { return host.Stop(ctx, h.MachineID()) })
}

// HeadnodeShow tells of a headnode. A host that does not answer leaves the screen's port unknown.
func (s *Service) HeadnodeShow(ctx context.Context, label string) (Headnode, error) {
	h, err := s.Store.HeadnodeInfo(ctx, label)
	if err != nil {
		return Headnode{}, err
	}
	if err := auth.Check(ctx, "headnode_show", auth.Of(h.ProjectID)); err != nil {
		return Headnode{}, err
	}
	nics, err := s.Store.HNICs(ctx, h.ID)
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
	return shown, nil
}

// screen is the TCP port of a running headnode's screen, 0 if there is none or nobody can tell.
func (s *Service) screen(ctx context.Context, h core.Headnode) int {
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	var state headnode.State
	err := s.onHost(ctx, func(ctx context.Context, host headnode.Session) (err error) {
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
		if err := changeable(h); err != nil {
			return err
		}
		return q.CreateHNIC(ctx, core.HNIC{HeadnodeID: h.ID, Label: hnic})
	})
}

// HeadnodeDeleteHNIC removes a NIC of a headnode that was never started.
func (s *Service) HeadnodeDeleteHNIC(ctx context.Context, label, hnic string) error {
	return s.onHeadnode(ctx, "headnode_delete_hnic", label, func(ctx context.Context, q store.Queries, h core.Headnode) error {
		n, err := q.HNIC(ctx, h, hnic)
		if err != nil {
			return err
		}
		if err := changeable(h); err != nil {
			return err
		}
		return q.DeleteHNIC(ctx, n.ID)
	})
}

// HeadnodeConnectNetwork puts a NIC of a headnode that was never started on a network from the pool, in place of the
// one it is on.
func (s *Service) HeadnodeConnectNetwork(ctx context.Context, label, hnic, network string) error {
	return s.onHeadnode(ctx, "headnode_connect", label, func(ctx context.Context, q store.Queries, h core.Headnode) error {
		n, err := q.HNIC(ctx, h, hnic)
		if err != nil {
			return err
		}
		w, err := q.LockNetwork(ctx, network)
		if err != nil {
			return err
		}
		if err := joinable(ctx, q, h, w); err != nil {
			return err
		}
		return q.SetHNICNetwork(ctx, n.ID, w.ID)
	})
}

func joinable(ctx context.Context, q store.Queries, h core.Headnode, w core.Network) error {
	if !w.Allocated {
		return core.FieldErrorf(core.BadArgument, "network", "headnodes can only be connected to networks whose VLAN is from the pool, which that of %s is not", w.Label)
	}
	if err := changeable(h); err != nil {
		return err
	}
	access, err := q.HasAccess(ctx, w, h.ProjectID)
	if err == nil && !access {
		err = core.Errorf(core.ProjectMismatch, "the project of headnode %s has no access to network %s", h.Label, w.Label)
	}
	return err
}

// HeadnodeDetachNetwork takes a NIC of a headnode that was never started off its network, if it is on one.
func (s *Service) HeadnodeDetachNetwork(ctx context.Context, label, hnic string) error {
	return s.onHeadnode(ctx, "headnode_detach", label, func(ctx context.Context, q store.Queries, h core.Headnode) error {
		n, err := q.HNIC(ctx, h, hnic)
		if err != nil {
			return err
		}
		if err := changeable(h); err != nil {
			return err
		}
		return q.SetHNICNetwork(ctx, n.ID, 0)
	})
}

func changeable(h core.Headnode) error {
	if h.Frozen {
		return core.Errorf(core.IllegalState, "headnode %s has been started; its NICs and networks cannot change any more", h.Label)
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

// onHost runs a call against the host of headnodes.
func (s *Service) onHost(ctx context.Context, do func(context.Context, headnode.Session) error) error {
	if s.Headnodes.Type == "" {
		return &core.Error{Kind: core.Unavailable, Device: "headnode", Text: "this server has no host for headnodes"}
	}
	ctx, cancel := context.WithTimeout(ctx, hostDeadline)
	defer cancel()
	driver, err := s.Drivers.Headnode(s.Headnodes.Type)
	if err != nil {
		return driverError("headnode", err)
	}
	host, err := driver.Open(ctx, s.Headnodes.Target())
	if err != nil {
		return driverError("headnode", err)
	}
	return driverError("headnode", errors.Join(do(ctx, host), host.Close()))
}
