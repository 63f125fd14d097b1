package service

import (
	"context"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

// NodeRegisterNIC adds a NIC to a node. The MAC address may be written in any common way.
func (s *Service) NodeRegisterNIC(ctx context.Context, node, nic, macaddr string) error {
	if err := auth.Check(ctx, "node_register_nic", auth.Nothing); err != nil {
		return err
	}
	if err := core.CheckLabel("nic", nic); err != nil {
		return err
	}
	mac, err := core.NormalizeMAC(macaddr)
	if err != nil {
		return err
	}
	n, err := s.Store.Node(ctx, node)
	if err != nil {
		return err
	}
	return s.Store.CreateNIC(ctx, core.NIC{NodeID: n.ID, Label: nic, MACAddr: mac})
}

// NodeDeleteNIC removes a NIC of a free node. Its port, if it has one, is closed already.
func (s *Service) NodeDeleteNIC(ctx context.Context, node, nic string) error {
	if err := auth.Check(ctx, "node_delete_nic", auth.Nothing); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return err
		}
		i, err := q.NIC(ctx, n, nic)
		if err != nil {
			return err
		}
		if n.ProjectID != 0 {
			return core.Errorf(core.Blocked, "node %s is part of a project; detach it first", node)
		}
		if err := idle(ctx, q, i, nic); err != nil {
			return err
		}
		return q.DeleteNIC(ctx, i.ID)
	})
}

// idle refuses a NIC with a pending action.
func idle(ctx context.Context, q store.Queries, i core.NIC, nic string) error {
	pending, err := q.HasPendingAction(ctx, i.ID)
	if err != nil {
		return err
	}
	if pending {
		return core.Errorf(core.Blocked, "NIC %s has a pending networking action; wait until it has ended", nic)
	}
	return nil
}
