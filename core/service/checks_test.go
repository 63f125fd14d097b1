package service_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestWhoMayCheckSwitches(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, call := range map[string]func(ctx context.Context, sw string) error{
			"check": func(ctx context.Context, sw string) error { return drop(w.SwitchCheck(ctx, sw)) },
			"test":  func(ctx context.Context, sw string) error { return drop(w.SwitchTest(ctx, sw)) },
			"state": func(ctx context.Context, sw string) error { return drop(w.PortState(ctx, sw, "gi1")) },
		} {
			of := func(sw string) func(context.Context) error {
				return func(ctx context.Context) error { return call(ctx, sw) }
			}
			try(t,
				attempt{name + " as nobody", w.nobody, of("s1"), core.Unauthorized},
				attempt{name + " of a missing one as member", w.u1, of("none"), core.Unauthorized},
				attempt{name + " of a missing one", w.admin, of("none"), core.NotFound},
				attempt{name, w.admin, of("s1"), success},
			)
		}
		wantKind(t, drop(w.PortState(w.admin, "s1", "none")), core.NotFound)
		w.switches.err = &sdk.Error{Code: sdk.Denied, Text: "login incorrect"}
		err := drop(w.SwitchTest(w.admin, "s1"))
		if e, ok := errors.AsType[*core.Error](err); !ok || e.Kind != core.Refused || e.Device != "switch" || e.Text != "login incorrect" {
			t.Errorf("the switch denies: %v", err)
		}
	})
}

// TestAPortThatChangesWhileItIsRead: it may have been read before or after, so a difference is none to worry about.
func TestAPortThatChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.switches.running = map[string]netswitch.PortState{"gi1": netswitch.Closed("gi1")}
		if p := get(w.PortState(w.admin, "s1", "gi1"))(t); !p.InOrder || p.Pending || p.Node != "n1" || p.NIC != "eth0" {
			t.Errorf("before: %+v", p)
		}
		w.switches.meanwhile = func() { w.connected(t) }
		p := get(w.PortState(w.admin, "s1", "gi1"))(t)
		if !p.Pending || p.InOrder || p.Difference != "running is closed, wanted VLAN 101 (native)" {
			t.Errorf("meanwhile: %+v", p)
		}
		get(w.NodeDetachNetwork(w.u1, "n1", "eth0", "w1"))(t)
		w.switches.running = map[string]netswitch.PortState{"gi1": {Port: "gi1", Native: 101, Up: true}}
		w.switches.meanwhile = func() { w.settle(t) }
		if p := get(w.PortState(w.admin, "s1", "gi1"))(t); !p.Pending || p.InOrder {
			t.Errorf("while it is settled: %+v", p)
		}
	})
}

func TestPlans(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		connect := func(node, nic, net string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.NodeConnectNetworkPlan(ctx, node, nic, net, "")) }
		}
		detach := func(ctx context.Context) error { return drop(w.NodeDetachNetworkPlan(ctx, "n1", "eth0", "w1")) }
		revert := func(ctx context.Context) error { return drop(w.PortRevertPlan(ctx, "s1", "gi1")) }
		wakes := w.wakes.Load()
		for range 2 { // nothing stays of the first time
			try(t,
				attempt{"connect as nobody", w.nobody, connect("n1", "eth0", "w1"), core.Unauthorized},
				attempt{"connect another's node", w.u2, connect("n1", "eth0", "pub"), core.Unauthorized},
				attempt{"connect without access", w.u1, connect("n1", "eth0", "w2"), core.ProjectMismatch},
				attempt{"connect on no port", w.u1, connect("n1", "eth1", "w1"), core.NotFound},
				attempt{"connect", w.u1, connect("n1", "eth0", "w1"), success},
				attempt{"detach what is not there", w.u1, detach, core.BadArgument},
				attempt{"revert as member", w.u1, revert, core.Unauthorized},
				attempt{"revert", w.admin, revert, success},
			)
		}
		if w.wakes.Load() != wakes {
			t.Error("the fabric was told of a plan")
		}
		w.connected(t)
		p := get(w.NodeConnectNetworkPlan(w.u1, "n1", "eth0", "pub", "vlan/103"))(t)
		if p.Switch != "s1" || p.Port != "gi1" || !slices.Equal(p.Lines, []string{"gi1 [101 103]"}) {
			t.Errorf("the plan is %+v", p)
		}
		if p := get(w.NodeDetachNetworkPlan(w.u1, "n1", "eth0", "w1"))(t); !slices.Equal(p.Lines, []string{"gi1 []"}) {
			t.Errorf("the plan is %+v", p)
		}
		get(w.NodeDetachNetwork(w.u1, "n1", "eth0", "w1"))(t)
		wantKind(t, detach(w.u1), core.Blocked)
	})
}
