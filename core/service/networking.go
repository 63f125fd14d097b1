package service

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// wish makes the checks of a call, in a transaction that goes on to record what it answers: an action, and its port.
type wish func(ctx context.Context, q store.Queries) (core.Action, int64, error)

// NodeConnectNetwork records the wish to put a NIC on a network, on a channel; an empty channel is the native one. It
// answers the ID of the networking action, which NetworkingActionShow follows.
func (s *Service) NodeConnectNetwork(ctx context.Context, node, nic, network, channel string) (string, error) {
	return s.record(ctx, s.connecting(node, nic, network, channel))
}

func (s *Service) connecting(node, nic, network, channel string) wish {
	if channel == "" {
		channel = core.NativeChannel
	}
	return func(ctx context.Context, q store.Queries) (core.Action, int64, error) {
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return core.Action{}, 0, err
		}
		i, err := q.NIC(ctx, n, nic)
		if err != nil {
			return core.Action{}, 0, err
		}
		w, err := q.LockNetwork(ctx, network)
		if err != nil {
			return core.Action{}, 0, err
		}
		if err := mayNetwork(ctx, "node_connect_network", n); err != nil {
			return core.Action{}, 0, err
		}
		if err := s.connectable(ctx, q, n, i, w, channel); err != nil {
			return core.Action{}, 0, err
		}
		a := modify(n, i, channel)
		a.NetworkID, a.NewNetwork = w.ID, w.Label
		return a, i.PortID, nil
	}
}

// NodeDetachNetwork records the wish to take a NIC off a network, and answers like NodeConnectNetwork.
func (s *Service) NodeDetachNetwork(ctx context.Context, node, nic, network string) (string, error) {
	return s.record(ctx, s.detaching(node, nic, network))
}

func (s *Service) detaching(node, nic, network string) wish {
	return func(ctx context.Context, q store.Queries) (core.Action, int64, error) {
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return core.Action{}, 0, err
		}
		w, err := q.Network(ctx, network)
		if err != nil {
			return core.Action{}, 0, err
		}
		i, err := q.NIC(ctx, n, nic)
		if err != nil {
			return core.Action{}, 0, err
		}
		if err := mayNetwork(ctx, "node_detach_network", n); err != nil {
			return core.Action{}, 0, err
		}
		if err := idle(ctx, q, i, nic); err != nil {
			return core.Action{}, 0, err
		}
		channel, err := s.detachable(ctx, q, i, w)
		if err != nil {
			return core.Action{}, 0, err
		}
		return modify(n, i, channel), i.PortID, nil
	}
}

// PortRevert records the wish to clear a port of all networks, and answers like NodeConnectNetwork.
func (s *Service) PortRevert(ctx context.Context, sw, port string) (string, error) {
	return s.record(ctx, reverting(sw, port))
}

func reverting(sw, port string) wish {
	return func(ctx context.Context, q store.Queries) (core.Action, int64, error) {
		if err := auth.Check(ctx, "port_revert", auth.Nothing); err != nil {
			return core.Action{}, 0, err
		}
		p, c, err := cabled(ctx, q, sw, port)
		if err != nil {
			return core.Action{}, 0, err
		}
		n, i := core.Node{ID: c.NodeID, Label: c.Node}, core.NIC{ID: c.NICID, Label: c.NIC}
		if err := idle(ctx, q, i, c.NIC); err != nil {
			return core.Action{}, 0, err
		}
		a := modify(n, i, "")
		a.Type = core.RevertPort
		return a, p.ID, nil
	}
}

// record records a wish, to be carried to its port, and answers the ID of the action.
func (s *Service) record(ctx context.Context, w wish) (string, error) {
	id := uuid.NewString()
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		_, err := w.record(ctx, q, id)
		return err
	})
	if err != nil {
		return "", err
	}
	s.Wake()
	return id, nil
}

// record records the wish, and answers its port.
func (w wish) record(ctx context.Context, q store.Queries, id string) (int64, error) {
	a, port, err := w(ctx, q)
	if err != nil {
		return 0, err
	}
	a.UUID = id
	return port, q.CreateAction(ctx, a, port)
}

// cabled finds a port that has a NIC, and keeps others off the NIC's node.
func cabled(ctx context.Context, q store.Queries, sw, port string) (core.Port, store.Cable, error) {
	w, err := q.Switch(ctx, sw)
	if err != nil {
		return core.Port{}, store.Cable{}, err
	}
	p, err := q.Port(ctx, w, port)
	if err != nil {
		return core.Port{}, store.Cable{}, err
	}
	c, ok, err := q.Cable(ctx, p.ID)
	if err == nil && !ok {
		err = core.Errorf(core.NotFound, "no NIC is attached to port %s on switch %s", port, sw)
	}
	if err != nil {
		return core.Port{}, store.Cable{}, err
	}
	if _, err := q.LockNode(ctx, c.Node); err != nil {
		return core.Port{}, store.Cable{}, err
	}
	// The owner may have changed until the node was locked.
	c, ok, err = q.Cable(ctx, p.ID)
	if err == nil && !ok {
		err = core.Errorf(core.NotFound, "no NIC is attached to port %s on switch %s", port, sw)
	}
	return p, c, err
}

func modify(n core.Node, i core.NIC, channel string) core.Action {
	return core.Action{NodeID: n.ID, Node: n.Label, NICID: i.ID, NIC: i.Label, Type: core.ModifyPort, Channel: channel}
}

func mayNetwork(ctx context.Context, call auth.Call, n core.Node) error {
	if n.ProjectID == 0 {
		return core.Errorf(core.ProjectMismatch, "node %s is in no project; connect it to one first", n.Label)
	}
	return auth.Check(ctx, call, auth.Of(n.ProjectID))
}

// connectable applies the rules of connecting, in the order clients rely on.
func (s *Service) connectable(ctx context.Context, q store.Queries, n core.Node, i core.NIC, w core.Network, channel string) error {
	if i.PortID == 0 {
		return core.Errorf(core.NotFound, "NIC %s of node %s is on no port", i.Label, n.Label)
	}
	// Pending first: without a pending action, the attachments read afterwards cannot change any more.
	if err := idle(ctx, q, i, i.Label); err != nil {
		return err
	}
	access, err := q.HasAccess(ctx, w, n.ProjectID)
	if err != nil {
		return err
	}
	if !access {
		return core.Errorf(core.ProjectMismatch, "the project of node %s has no access to network %s", n.Label, w.Label)
	}
	attached, err := q.AttachedTo(ctx, i.ID)
	if err != nil {
		return err
	}
	if err := vacant(attached, i, w, channel); err != nil {
		return err
	}
	if err := w.CheckChannel(channel); err != nil {
		return err
	}
	return s.nativeFirst(ctx, q, i, attached, channel)
}

func vacant(attached []store.Attached, i core.NIC, w core.Network, channel string) error {
	for _, a := range attached {
		if a.ID == w.ID {
			return core.Errorf(core.Blocked, "NIC %s is on network %s already", i.Label, w.Label)
		}
	}
	for _, a := range attached {
		if a.Channel == channel {
			return core.Errorf(core.Blocked, "channel %s of NIC %s carries network %s; detach that first, or choose %s",
				channel, i.Label, a.Label, w.TaggedChannel())
		}
	}
	return nil
}

// nativeFirst applies the rule of switches that cannot trunk without a native VLAN.
func (s *Service) nativeFirst(ctx context.Context, q store.Queries, i core.NIC, attached []store.Attached, channel string) error {
	if channel == core.NativeChannel || hasNative(attached) {
		return nil
	}
	nativeless, err := s.nativeless(ctx, q, i)
	if err != nil || nativeless {
		return err
	}
	return core.Errorf(core.Blocked, "this switch carries tagged networks only beside a native one; connect a network on %s first", core.NativeChannel)
}

// detachable finds the channel of the network on the NIC, if it may be taken off.
func (s *Service) detachable(ctx context.Context, q store.Queries, i core.NIC, w core.Network) (string, error) {
	attached, err := q.AttachedTo(ctx, i.ID)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(attached, func(a store.Attached) bool { return a.ID == w.ID })
	if at < 0 {
		return "", core.FieldErrorf(core.BadArgument, "network", "NIC %s is not on network %s", i.Label, w.Label)
	}
	channel := attached[at].Channel
	if channel != core.NativeChannel || len(attached) == 1 {
		return channel, nil
	}
	nativeless, err := s.nativeless(ctx, q, i)
	if err == nil && !nativeless {
		err = core.Errorf(core.Blocked, "this switch carries tagged networks only beside a native one; detach the tagged networks first")
	}
	return channel, err
}

func hasNative(attached []store.Attached) bool {
	return slices.ContainsFunc(attached, func(a store.Attached) bool { return a.Channel == core.NativeChannel })
}

// nativeless reports whether the NIC's switch can trunk without a native VLAN. A switch whose driver is not loaded is
// given the benefit of the doubt: the driver will say what the switch says.
func (s *Service) nativeless(ctx context.Context, q store.Queries, i core.NIC) (bool, error) {
	sw, err := q.SwitchOfPort(ctx, i.PortID)
	if err != nil {
		return false, err
	}
	types := s.Drivers.Types(netswitch.Kind)
	at := slices.IndexFunc(types, func(t sdk.Type) bool { return t.URL == sw.Type })
	return at < 0 || slices.Contains(types[at].Capabilities, netswitch.NativelessTrunk), nil
}

// NetworkingActionShow tells how an action is doing, or how it ended.
func (s *Service) NetworkingActionShow(ctx context.Context, id string) (Action, error) {
	a, err := s.Store.Action(ctx, id)
	if err != nil {
		return Action{}, err
	}
	if err := auth.Check(ctx, "networking_action_show", auth.Of(a.ProjectID)); err != nil {
		return Action{}, err
	}
	return Action{
		Status: string(a.Status), Node: a.Node, NIC: a.NIC, Type: string(a.Type),
		Channel: a.Channel, NewNetwork: a.NewNetwork, Error: a.Error,
	}, nil
}
