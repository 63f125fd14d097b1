package service_test

import (
	"context"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
)

func (w *world) connect(n, i, net, channel string) func(context.Context) error {
	return func(ctx context.Context) error { return drop(w.NodeConnectNetwork(ctx, n, i, net, channel)) }
}

func (w *world) detach(n, i, net string) func(context.Context) error {
	return func(ctx context.Context) error { return drop(w.NodeDetachNetwork(ctx, n, i, net)) }
}

func TestNodeConnectNetworkChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		try(t,
			attempt{"missing node as nobody", w.nobody, w.connect("none", "none", "none", "junk"), core.NotFound},
			attempt{"missing NIC", w.nobody, w.connect("f1", "none", "none", "junk"), core.NotFound},
			attempt{"NIC of another node", w.u1, w.connect("n2", "eth1", "w1", ""), core.NotFound},
			attempt{"missing network", w.nobody, w.connect("f1", "eth0", "none", "junk"), core.NotFound},
			attempt{"free node as nobody", w.nobody, w.connect("f1", "eth0", "pub", "junk"), core.ProjectMismatch},
			attempt{"another's node on no port", w.u2, w.connect("n1", "eth1", "w1", "junk"), core.Unauthorized},
			attempt{"another's node and a public network", w.u1, w.connect("n2", "eth0", "pub", ""), core.Unauthorized},
			attempt{"NIC on no port, no access", w.u1, w.connect("n1", "eth1", "w2", "junk"), core.NotFound},
			attempt{"no access, bad channel", w.u1, w.connect("n1", "eth0", "w2", "junk"), core.ProjectMismatch},
			attempt{"network for nobody", w.u1, w.connect("n1", "eth0", "closed", ""), core.ProjectMismatch},
			attempt{"network for nobody as administrator", w.admin, w.connect("n1", "eth0", "closed", ""), core.ProjectMismatch},
			attempt{"junk channel", w.u1, w.connect("n1", "eth0", "w1", "junk"), core.BadArgument},
			attempt{"channel of another network", w.u1, w.connect("n1", "eth0", "w1", "vlan/102"), core.BadArgument},
			attempt{"default channel", w.u1, w.connect("n1", "eth0", "w1", ""), success},
			attempt{"pending, no access", w.u1, w.connect("n1", "eth0", "w2", "junk"), core.Blocked},
			attempt{"pending, detach", w.u1, w.detach("n1", "eth0", "pub"), core.Blocked},
		)
		w.settle(t)
		try(t,
			attempt{"same network, channel in use", w.u1, w.connect("n1", "eth0", "w1", "vlan/native"), core.Blocked},
			attempt{"same network, its own channel", w.u1, w.connect("n1", "eth0", "w1", "vlan/101"), core.Blocked},
			attempt{"same network, bad channel", w.u1, w.connect("n1", "eth0", "w1", "junk"), core.Blocked},
			attempt{"channel in use", w.u1, w.connect("n1", "eth0", "pub", "vlan/native"), core.Blocked},
			attempt{"beside, tagged", w.u1, w.connect("n1", "eth0", "pub", "vlan/103"), success},
			attempt{"provider network on another NIC", w.admin, w.connect("n1", "eth2", "provider", ""), success},
		)
	})
}

func TestNodeDetachNetworkChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.connected(t)
		try(t,
			attempt{"missing node as nobody", w.nobody, w.detach("none", "none", "none"), core.NotFound},
			attempt{"missing network", w.nobody, w.detach("f1", "none", "none"), core.NotFound},
			attempt{"missing NIC", w.nobody, w.detach("f1", "none", "pub"), core.NotFound},
			attempt{"NIC of another node", w.u2, w.detach("n2", "eth1", "w1"), core.NotFound},
			attempt{"free node as nobody", w.nobody, w.detach("f1", "eth0", "pub"), core.ProjectMismatch},
			attempt{"another's node", w.u2, w.detach("n1", "eth0", "w1"), core.Unauthorized},
			attempt{"not attached", w.u1, w.detach("n1", "eth0", "pub"), core.BadArgument},
			attempt{"not attached, on no port", w.u1, w.detach("n1", "eth1", "w1"), core.BadArgument},
			attempt{"attached", w.u1, w.detach("n1", "eth0", "w1"), success},
			attempt{"pending, not attached", w.u1, w.detach("n1", "eth0", "pub"), core.Blocked},
		)
		w.settle(t)
		try(t, attempt{"detached already", w.u1, w.detach("n1", "eth0", "w1"), core.BadArgument})
	})
}

// TestNativeFirst is about switches that cannot carry tagged networks alone.
func TestNativeFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		try(t,
			attempt{"tagged first, able switch", w.u1, w.connect("n1", "eth0", "w1", "vlan/101"), success},
			attempt{"tagged first, plain switch", w.u1, w.connect("n1", "eth2", "w1", "vlan/101"), core.Blocked},
			attempt{"native first, plain switch", w.u1, w.connect("n1", "eth2", "pub", ""), success},
		)
		w.settle(t)
		try(t, attempt{"tagged second", w.u1, w.connect("n1", "eth2", "w1", "vlan/101"), success})
		w.settle(t)
		try(t,
			attempt{"detach native first", w.u1, w.detach("n1", "eth2", "pub"), core.Blocked},
			attempt{"detach tagged first", w.u1, w.detach("n1", "eth2", "w1"), success},
		)
		w.settle(t)
		try(t, attempt{"detach native last", w.u1, w.detach("n1", "eth2", "pub"), success})
	})
}

func TestNetworkingAction(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		woken := w.wakes.Load()
		id := get(w.NodeConnectNetwork(w.u1, "n1", "eth0", "w1", ""))(t)
		if w.wakes.Load() != woken+1 {
			t.Error("the fabric was not woken")
		}
		want := service.Action{Status: "PENDING", Node: "n1", NIC: "eth0", Type: "modify_port", Channel: "vlan/native", NewNetwork: "w1"}
		if got := get(w.NetworkingActionShow(w.u1, id))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		show := func(id string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.NetworkingActionShow(ctx, id)) }
		}
		try(t,
			attempt{"unknown as nobody", w.nobody, show("none"), core.NotFound},
			attempt{"another's", w.u2, show(id), core.Unauthorized},
			attempt{"as nobody", w.nobody, show(id), core.Unauthorized},
			attempt{"as administrator", w.admin, show(id), success},
		)
		w.settle(t)
		want.Status = "DONE"
		if got := get(w.NetworkingActionShow(w.u1, id))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		// A later action on the same NIC does not replace it.
		get(w.NodeDetachNetwork(w.u1, "n1", "eth0", "w1"))(t)
		w.settle(t)
		if got := get(w.NetworkingActionShow(w.u1, id))(t); got != want {
			t.Errorf("later: got %+v, want %+v", got, want)
		}
	})
}

// TestFailedAction is repeated by the user and leaves everything as it was.
func TestFailedAction(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		id := get(w.NodeConnectNetwork(w.u1, "n1", "eth0", "w1", ""))(t)
		sw := get(w.s.Switch(t.Context(), "s1"))(t)
		work := get(w.s.Work(t.Context(), sw.ID))(t)[0]
		must(t, w.s.InTx(t.Context(), func(ctx context.Context, q store.Queries) error {
			return q.Settle(ctx, []store.Outcome{{Work: work, Failure: "% Bad port"}})
		}))
		if got := get(w.NetworkingActionShow(w.u1, id))(t); got.Status != "ERROR" || got.Error != "% Bad port" || got.NewNetwork != "w1" {
			t.Errorf("the action is %+v", got)
		}
		w.settle(t)
		if got := get(w.NodeShow(w.u1, "n1"))(t).NICs[0].Networks; len(got) != 0 {
			t.Errorf("the NIC is on %v", got)
		}
		w.connected(t)
	})
}

func TestPortRevert(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.connected(t)
		get(w.NodeConnectNetwork(w.u1, "n1", "eth0", "pub", "vlan/103"))(t)
		w.settle(t)
		revert := func(sw, port string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.PortRevert(ctx, sw, port)) }
		}
		try(t,
			attempt{"missing switch as nobody", w.nobody, revert("none", "none"), core.Unauthorized},
			attempt{"own node as member", w.u1, revert("s1", "gi1"), core.Unauthorized},
			attempt{"missing switch", w.admin, revert("none", "none"), core.NotFound},
			attempt{"missing port", w.admin, revert("s1", "none"), core.NotFound},
			attempt{"port without NIC", w.admin, revert("s1", "gi4"), core.NotFound},
		)
		id := get(w.PortRevert(w.admin, "s1", "gi1"))(t)
		try(t, attempt{"pending", w.admin, revert("s1", "gi1"), core.Blocked})
		want := service.Action{Status: "PENDING", Node: "n1", NIC: "eth0", Type: "revert_port"}
		if got := get(w.NetworkingActionShow(w.u1, id))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		w.settle(t)
		if got := get(w.NodeShow(w.u1, "n1"))(t).NICs[0].Networks; len(got) != 0 {
			t.Errorf("the NIC is still on %v", got)
		}
		must(t, w.ProjectDetachNode(w.u1, "p1", "n1", false))
	})
}
