package service_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
)

func (w *world) create(name, owner string, access service.Access, netID string) func(context.Context) error {
	return func(ctx context.Context) error { return w.NetworkCreate(ctx, name, owner, access, netID) }
}

func TestNetworkCreateChecks(t *testing.T) {
	t.Parallel()
	public := service.Access{Public: true}
	each(t, func(t *testing.T, w *world) {
		try(t,
			attempt{"duplicate as nobody", w.nobody, w.create("w1", "none", public, "junk"), core.Duplicate},
			attempt{"missing owner as nobody", w.nobody, w.create("x", "none", public, "junk"), core.NotFound},
			attempt{"another's project", w.u1, w.create("x", "p2", public, "junk"), core.Unauthorized},
			attempt{"own, public, with VLAN", w.u1, w.create("x", "p1", public, "35"), core.BadArgument},
			attempt{"own, for another", w.u1, w.create("x", "p1", only("p2"), ""), core.BadArgument},
			attempt{"own, for another too", w.u1, w.create("x", "p1", only("p1", "p2"), ""), core.BadArgument},
			attempt{"own, for nobody", w.u1, w.create("x", "p1", service.Access{}, ""), core.BadArgument},
			attempt{"own, public", w.u1, w.create("x", "p1", public, ""), core.BadArgument},
			attempt{"own, with VLAN", w.u1, w.create("x", "p1", only("p1"), "35"), core.BadArgument},
			attempt{"own, with VLAN, as administrator", w.admin, w.create("x", "p1", only("p1"), "35"), core.BadArgument},
			attempt{"own", w.u1, w.create("x", "p1", only("p1"), ""), success},
			attempt{"administrator's as member", w.u1, w.create("y", "admin", only("none"), "junk"), core.Unauthorized},
			attempt{"for a missing project", w.admin, w.create("y", "admin", only("none"), "junk"), core.NotFound},
			attempt{"VLAN is no number", w.admin, w.create("y", "admin", public, "junk"), core.BadArgument},
			attempt{"VLAN 0", w.admin, w.create("y", "admin", public, "0"), core.BadArgument},
			attempt{"VLAN 4095", w.admin, w.create("y", "admin", public, "4095"), core.BadArgument},
			attempt{"VLAN in use outside the pool", w.admin, w.create("y", "admin", public, "900"), core.Duplicate},
			attempt{"VLAN in use from the pool", w.admin, w.create("y", "admin", public, "101"), core.Duplicate},
			attempt{"bad label", w.admin, w.create("a/b", "admin", public, ""), core.BadArgument},
			attempt{"public internal", w.admin, w.create("a1", "admin", public, ""), success},
			attempt{"public external", w.admin, w.create("a2", "admin", public, "35"), success},
			attempt{"provider", w.admin, w.create("a3", "admin", only("p1"), ""), success},
			attempt{"provider with VLAN", w.admin, w.create("a4", "admin", only("p1"), "4094"), success},
			attempt{"for two", w.admin, w.create("a5", "admin", only("p1", "p2"), ""), success},
		)
	})
}

// TestVLANPool takes VLANs from the bottom, skips those that the administrator took, and gives back what is clear.
func TestVLANPool(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		// 101 to 105 are taken by the world.
		must(t, w.NetworkCreate(w.admin, "claimed", "admin", service.Access{Public: true}, "107"))
		for i, want := range []int{106, 108, 109} {
			name := fmt.Sprint("x", i)
			must(t, w.NetworkCreate(w.u1, name, "p1", only("p1"), ""))
			if got := get(w.s.Network(t.Context(), name))(t).VLAN; got != want {
				t.Errorf("%s has VLAN %d, want %d", name, got, want)
			}
		}
		must(t, w.NetworkDelete(w.u1, "x1"))
		must(t, w.NetworkCreate(w.u1, "again", "p1", only("p1"), ""))
		if got := get(w.s.Network(t.Context(), "again"))(t).VLAN; got != 108 {
			t.Errorf("VLAN %d, want the one that became free, 108", got)
		}
		for i := 110; i <= 120; i++ {
			must(t, w.NetworkCreate(w.u1, fmt.Sprint("y", i), "p1", only("p1"), ""))
		}
		wantKind(t, w.NetworkCreate(w.u1, "too many", "p1", only("p1"), ""), core.Exhausted)
		wantKind(t, drop(w.NetworkShow(w.admin, "too many")), core.NotFound)
		must(t, w.NetworkDelete(w.admin, "claimed"))
		must(t, w.NetworkCreate(w.u1, "last", "p1", only("p1"), ""))
	})
}

// TestVLANIsNotGivenWhileAPortMayCarryIt keeps the VLAN of a network that is gone until the switch has confirmed.
func TestVLANIsNotGivenWhileAPortMayCarryIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sw := get(w.s.Switch(t.Context(), "s1"))(t)
		port := get(w.s.Port(t.Context(), sw, "gi4"))(t)
		must(t, w.s.NotePortVLANs(t.Context(), []core.PortVLAN{{PortID: port.ID, VLAN: 101}}))
		must(t, w.NetworkDelete(w.u1, "w1"))
		must(t, w.NetworkCreate(w.u1, "next", "p1", only("p1"), ""))
		if got := get(w.s.Network(t.Context(), "next"))(t).VLAN; got == 101 {
			t.Error("the VLAN was given away while a port may carry it")
		}
		wantKind(t, w.NetworkCreate(w.admin, "wish", "admin", service.Access{Public: true}, "101"), core.Duplicate)
		must(t, w.s.WantPort(t.Context(), port.ID))
		w.settle(t)
		must(t, w.NetworkCreate(w.admin, "wish", "admin", service.Access{Public: true}, "101"))
	})
}

func TestNetworkDeleteChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		remove := func(n string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NetworkDelete(ctx, n) }
		}
		get(w.NodeConnectNetwork(w.u1, "n1", "eth0", "w1", ""))(t)
		try(t,
			attempt{"missing as nobody", w.nobody, remove("none"), core.NotFound},
			attempt{"another's", w.u2, remove("w1"), core.Unauthorized},
			attempt{"administrator's, meant for the caller", w.u1, remove("provider"), core.Unauthorized},
			attempt{"public", w.u1, remove("pub"), core.Unauthorized},
			attempt{"with a pending connect", w.u1, remove("w1"), core.Blocked},
		)
		w.settle(t)
		try(t, attempt{"with a NIC", w.u1, remove("w1"), core.Blocked})
		get(w.NodeDetachNetwork(w.u1, "n1", "eth0", "w1"))(t)
		try(t, attempt{"with a pending detach", w.u1, remove("w1"), core.Blocked})
		w.settle(t)
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", false))
		try(t, attempt{"with a headnode", w.u1, remove("w1"), core.Blocked})
		must(t, w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", false))
		try(t,
			attempt{"own", w.u1, remove("w1"), success},
			attempt{"any as administrator", w.admin, remove("w2"), success},
			attempt{"administrator's", w.admin, remove("provider"), success},
		)
	})
}

func TestNetworkShow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		show := func(n string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.NetworkShow(ctx, n)) }
		}
		try(t,
			attempt{"missing as nobody", w.nobody, show("none"), core.NotFound},
			attempt{"public as nobody", w.nobody, show("pub"), success},
			attempt{"own", w.u1, show("w1"), success},
			attempt{"meant for the caller", w.u1, show("provider"), success},
			attempt{"another's", w.u2, show("w1"), core.Unauthorized},
			attempt{"for nobody", w.u1, show("closed"), core.Unauthorized},
			attempt{"for nobody as nobody", w.nobody, show("closed"), core.Unauthorized},
			attempt{"for nobody as administrator", w.admin, show("closed"), success},
		)
		w.connected(t)
		get(w.NodeConnectNetwork(w.u1, "n1", "eth2", "pub", ""))(t)
		get(w.NodeConnectNetwork(w.u2, "n2", "eth0", "pub", ""))(t)
		w.settle(t)
		want := service.Network{
			Name: "w1", Channels: []string{"vlan/native", "vlan/101"}, Owner: "p1", Access: []string{"p1"},
			ConnectedNodes: map[string][]string{"n1": {"eth0"}},
		}
		if got := get(w.NetworkShow(w.u1, "w1"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for name, c := range map[string]struct {
			who  context.Context
			want map[string][]string
		}{
			"nobody":        {w.nobody, map[string][]string{}},
			"a member":      {w.u1, map[string][]string{"n1": {"eth2"}}},
			"administrator": {w.admin, map[string][]string{"n1": {"eth2"}, "n2": {"eth0"}}},
		} {
			got := get(w.NetworkShow(c.who, "pub"))(t)
			if got.Owner != "admin" || !got.Public || !reflect.DeepEqual(got.ConnectedNodes, c.want) {
				t.Errorf("%s sees %+v, want nodes %v", name, got, c.want)
			}
		}
	})
}

func TestNetworkList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			who  context.Context
			want []string
		}{
			"nobody":        {w.nobody, []string{"given", "pub"}},
			"member of p1":  {w.u1, []string{"given", "provider", "pub", "w1"}},
			"administrator": {w.admin, []string{"closed", "given", "provider", "pub", "w1", "w2"}},
		} {
			var names []string
			for _, n := range get(w.NetworkList(c.who))(t) {
				names = append(names, n.Name)
			}
			if !reflect.DeepEqual(names, c.want) {
				t.Errorf("%s sees %v, want %v", name, names, c.want)
			}
		}
		want := service.NetworkSummary{Name: "w1", VLAN: 101, Projects: []string{"p1"}}
		if got := get(w.NetworkList(w.admin))(t)[4]; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestNetworkAccessChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		grant := func(n, p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NetworkGrantAccess(ctx, n, p) }
		}
		revoke := func(n, p string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NetworkRevokeAccess(ctx, n, p) }
		}
		try(t,
			attempt{"grant: missing network as nobody", w.nobody, grant("none", "none"), core.NotFound},
			attempt{"grant: missing project as nobody", w.nobody, grant("w1", "none"), core.NotFound},
			attempt{"grant: another's network", w.u2, grant("w1", "p1"), core.Unauthorized},
			attempt{"grant: administrator's network, to oneself", w.u1, grant("closed", "p1"), core.Unauthorized},
			attempt{"grant: twice", w.u1, grant("w1", "p1"), core.Duplicate},
			attempt{"grant", w.u1, grant("w1", "p2"), success},
			attempt{"grant as administrator", w.admin, grant("closed", "p2"), success},
			attempt{"revoke: missing network as nobody", w.nobody, revoke("none", "none"), core.NotFound},
			attempt{"revoke: missing project as nobody", w.nobody, revoke("w1", "none"), core.NotFound},
			attempt{"revoke: neither owner nor revoked", w.u2, revoke("w1", "p1"), core.Unauthorized},
			attempt{"revoke: not on the list", w.u1, revoke("w1", "maintenance"), core.NotFound},
			attempt{"revoke: the owner", w.u1, revoke("w1", "p1"), core.Blocked},
		)
		get(w.NodeConnectNetwork(w.u2, "n2", "eth0", "w1", ""))(t)
		try(t, attempt{"revoke: pending", w.u1, revoke("w1", "p2"), core.Blocked})
		w.settle(t)
		try(t, attempt{"revoke: node on it", w.u1, revoke("w1", "p2"), core.Blocked})
		get(w.NodeDetachNetwork(w.u2, "n2", "eth0", "w1"))(t)
		w.settle(t)
		try(t,
			attempt{"revoke by the project itself", w.u2, revoke("w1", "p2"), success},
			attempt{"revoked project connects", w.u2, w.connect("n2", "eth0", "w1", ""), core.ProjectMismatch},
			attempt{"revoke the last one", w.admin, revoke("closed", "p2"), success},
			attempt{"the network is not open for that", w.u2, w.connect("n2", "eth0", "closed", ""), core.ProjectMismatch},
			attempt{"nor to be seen", w.u2, func(ctx context.Context) error { return drop(w.NetworkShow(ctx, "closed")) }, core.Unauthorized},
		)
		must(t, w.NetworkGrantAccess(w.admin, "provider", "p2"))
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "provider", false))
		try(t,
			attempt{"revoke: headnode on it", w.admin, revoke("provider", "p1"), core.Blocked},
			attempt{"revoke: another's headnode on it", w.admin, revoke("provider", "p2"), success},
		)
	})
}

func TestNetworkAttachments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		list := func(n, p string) func(context.Context) error {
			return func(ctx context.Context) error { return drop(w.NetworkAttachments(ctx, n, p)) }
		}
		must(t, w.NetworkGrantAccess(w.u1, "w1", "p2"))
		try(t,
			attempt{"missing network as nobody", w.nobody, list("none", "none"), core.NotFound},
			attempt{"missing project", w.nobody, list("w1", "none"), core.NotFound},
			attempt{"all of another's", w.u2, list("w1", ""), core.Unauthorized},
			attempt{"another project's", w.u2, list("w1", "p1"), core.Unauthorized},
			attempt{"own on another's", w.u2, list("w1", "p2"), success},
			attempt{"own on a public network", w.u1, list("pub", "p1"), core.Unauthorized},
		)
		w.connected(t)
		get(w.NodeConnectNetwork(w.u2, "n2", "eth0", "w1", "vlan/101"))(t)
		w.settle(t)
		n1 := service.Attachment{Node: "n1", NIC: "eth0", Channel: "vlan/native", Project: "p1"}
		n2 := service.Attachment{Node: "n2", NIC: "eth0", Channel: "vlan/101", Project: "p2"}
		for project, want := range map[string][]service.Attachment{"": {n1, n2}, "p1": {n1}, "p2": {n2}} {
			if got := get(w.NetworkAttachments(w.u1, "w1", project))(t); !reflect.DeepEqual(got, want) {
				t.Errorf("of project %q: %+v, want %+v", project, got, want)
			}
		}
	})
}
