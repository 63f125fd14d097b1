package service_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestSwitchChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		register := func(sw string, d service.DriverSettings) func(context.Context) error {
			return func(ctx context.Context) error { return w.SwitchRegister(ctx, sw, d) }
		}
		remove := func(sw string) func(context.Context) error {
			return func(ctx context.Context) error { return w.SwitchDelete(ctx, sw) }
		}
		show := func(sw string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.SwitchShow(ctx, sw)) }
		}
		list := func(ctx context.Context) error { return drop(w.SwitchList(ctx)) }
		try(t,
			attempt{"register a duplicate as member", w.u1, register("s1", device("none")), core.Unauthorized},
			attempt{"register a duplicate of an unknown type", w.admin, register("s1", device("none")), core.Duplicate},
			attempt{"register an unknown type", w.admin, register("s9", device("none")), core.BadArgument},
			attempt{"register bad settings", w.admin, register("s9", service.DriverSettings{Type: switchType}), core.BadArgument},
			attempt{"register a bad label", w.admin, register("..", device(switchType)), core.BadArgument},
			attempt{"register", w.admin, register("s9", device(switchType)), success},
			attempt{"show a missing one as member", w.u1, show("none"), core.Unauthorized},
			attempt{"show a missing one", w.admin, show("none"), core.NotFound},
			attempt{"list as member", w.u1, list, core.Unauthorized},
			attempt{"delete a missing one as member", w.u1, remove("none"), core.Unauthorized},
			attempt{"delete a missing one", w.admin, remove("none"), core.NotFound},
			attempt{"delete with ports", w.admin, remove("s1"), core.Blocked},
			attempt{"delete", w.admin, remove("s9"), success},
		)
		if got := get(w.SwitchList(w.admin))(t); !slices.Equal(got, []string{"plain", "s1"}) {
			t.Errorf("switches are %v", got)
		}
		want := service.Switch{Name: "s1", Type: switchType, Ports: []string{"gi1", "gi2", "gi3", "gi4"}, Capabilities: []string{netswitch.NativelessTrunk}}
		if got := get(w.SwitchShow(w.admin, "s1"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestPortChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		register := func(sw, p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.SwitchRegisterPort(ctx, sw, p) }
		}
		remove := func(sw, p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.SwitchDeletePort(ctx, sw, p, false) }
		}
		try(t,
			attempt{"register on a missing switch as member", w.u1, register("none", "gi1"), core.Unauthorized},
			attempt{"register on a missing switch", w.admin, register("none", "gi9"), core.NotFound},
			attempt{"register a duplicate", w.admin, register("s1", "gi1"), core.Duplicate},
			attempt{"register another spelling", w.admin, register("s1", "GI1"), core.Duplicate},
			attempt{"register a name the driver does not know", w.admin, register("s1", "eth1"), core.BadArgument},
			attempt{"register a bad name", w.admin, register("s1", "gi1/../2"), core.BadArgument},
			attempt{"register with slashes", w.admin, register("s1", "gi1/0/2"), success},
			attempt{"delete from a missing switch as member", w.u1, remove("none", "gi1"), core.Unauthorized},
			attempt{"delete from a missing switch", w.admin, remove("none", "gi1"), core.NotFound},
			attempt{"delete a missing one", w.admin, remove("s1", "none"), core.NotFound},
			attempt{"delete with a NIC", w.admin, remove("s1", "gi1"), core.Blocked},
			attempt{"delete", w.admin, remove("s1", "gi1/0/2"), success},
		)
	})
}

// TestPortDeleteByForce is for a port whose switch will never confirm that it is clear.
func TestPortDeleteByForce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sw := get(w.s.Switch(t.Context(), "s1"))(t)
		port := get(w.s.Port(t.Context(), sw, "gi4"))(t)
		must(t, w.s.NotePortVLANs(t.Context(), []core.PortVLAN{{PortID: port.ID, VLAN: 101}}))
		wantKind(t, w.SwitchDeletePort(w.admin, "s1", "gi4", false), core.Blocked)
		wantKind(t, w.SwitchDeletePort(w.u1, "s1", "gi4", true), core.Unauthorized)
		wantKind(t, w.SwitchDeletePort(w.admin, "s1", "gi1", true), core.Blocked)
		must(t, w.SwitchDeletePort(w.admin, "s1", "gi4", true))
	})
}

func TestCableChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		connect := func(sw, p, n, i string) func(context.Context) error {
			return func(ctx context.Context) error { return w.PortConnectNIC(ctx, sw, p, n, i) }
		}
		detach := func(sw, p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.PortDetachNIC(ctx, sw, p) }
		}
		must(t, w.NodeRegisterNIC(w.admin, "bare", "eth0", "52:54:00:00:00:01"))
		try(t,
			attempt{"connect: missing switch as member", w.u1, connect("none", "none", "none", "none"), core.Unauthorized},
			attempt{"connect: missing switch", w.admin, connect("none", "none", "none", "none"), core.NotFound},
			attempt{"connect: missing port", w.admin, connect("s1", "none", "n1", "eth0"), core.NotFound},
			attempt{"connect: missing node", w.admin, connect("s1", "gi1", "none", "eth0"), core.NotFound},
			attempt{"connect: missing NIC", w.admin, connect("s1", "gi1", "n1", "none"), core.NotFound},
			attempt{"connect: same again", w.admin, connect("s1", "gi1", "n1", "eth0"), core.Duplicate},
			attempt{"connect: NIC on another port", w.admin, connect("s1", "gi4", "n1", "eth0"), core.Duplicate},
			attempt{"connect: port taken", w.admin, connect("s1", "gi1", "bare", "eth0"), core.Duplicate},
			attempt{"connect", w.admin, connect("s1", "gi4", "bare", "eth0"), success},
			attempt{"detach: missing switch as member", w.u1, detach("none", "none"), core.Unauthorized},
			attempt{"detach: missing switch", w.admin, detach("none", "none"), core.NotFound},
			attempt{"detach: missing port", w.admin, detach("s1", "none"), core.NotFound},
			attempt{"detach: node in a project", w.admin, detach("s1", "gi1"), core.Blocked},
			attempt{"detach", w.admin, detach("s1", "gi4"), success},
			attempt{"detach: nothing there", w.admin, detach("s1", "gi4"), core.NotFound},
		)
		get(w.PortRevert(w.admin, "s1", "gi3"))(t)
		try(t, attempt{"detach: pending action", w.admin, detach("s1", "gi3"), core.Blocked})
		w.settle(t)
		try(t, attempt{"detach: action ended", w.admin, detach("s1", "gi3"), success})
	})
}

func TestPortShow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		show := func(sw, p string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.PortShow(ctx, sw, p)) }
		}
		try(t,
			attempt{"missing switch as member", w.u1, show("none", "none"), core.Unauthorized},
			attempt{"missing switch", w.admin, show("none", "none"), core.NotFound},
			attempt{"missing port", w.admin, show("s1", "none"), core.NotFound},
		)
		w.connected(t)
		want := service.Port{Node: "n1", NIC: "eth0", Networks: map[string]string{"vlan/native": "w1"}}
		if got := get(w.PortShow(w.admin, "s1", "gi1"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := get(w.PortShow(w.admin, "s1", "gi4"))(t); got.Node != "" {
			t.Errorf("an empty port is %+v", got)
		}
	})
}
