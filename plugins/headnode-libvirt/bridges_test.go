// A program cannot be imported, so its tests are inside.

package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

// openBridges reaches for the bridges of the host's network.
func (h *host) openBridges(trunk string) (b *bridges.Host, err error) {
	err = h.sw.Do(func() error {
		b, err = bridges.Open(trunk)
		return err
	})
	return b, err
}

// kernel changes the host's links for a test.
func (h *host) kernel(t testing.TB, change func(*netlink.Handle) error) {
	t.Helper()
	var l *netlink.Handle
	must(t, h.sw.Do(func() (err error) {
		l, err = netlink.NewHandle(unix.NETLINK_ROUTE)
		return err
	}))
	defer l.Close()
	must(t, change(l))
}

// openBridged is a session with the host that uses Linux bridges, and ends with the test.
func (h *host) openBridged(t testing.TB, trunk string) *session {
	t.Helper()
	d := newDriver(hclog.NewNullLogger())
	d.bridges = h.openBridges
	s, err := d.Open(t.Context(), h.target(t, map[string]any{"network": "bridges", "bridge": "", "trunk_nic": trunk}))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s.(*session)
}

// addBridge makes the bridge of a VLAN, as an operator may, with a node on it.
func (h *host) addBridge(t testing.TB, vlan int, address string) *ovstest.Namespace {
	t.Helper()
	n, err := ovstest.NewMachine(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, n.Close()) })
	var ns *os.File
	must(t, n.Do(func() error {
		ns, err = os.Open("/proc/thread-self/ns/net")
		return err
	}))
	defer func() { must(t, ns.Close()) }()
	h.kernel(t, func(l *netlink.Handle) error {
		a := netlink.NewLinkAttrs()
		a.Name = bridges.Name(vlan)
		if err := l.LinkAdd(&netlink.Bridge{LinkAttrs: a}); err != nil {
			return err
		}
		bridge, err := l.LinkByName(bridges.Name(vlan))
		if err != nil {
			return err
		}
		v := netlink.NewLinkAttrs()
		v.Name, v.MasterIndex, v.Flags = "node"+strconv.Itoa(vlan), bridge.Attrs().Index, bridge.Attrs().Flags
		if err := l.LinkAdd(&netlink.Veth{LinkAttrs: v, PeerName: "eth0", PeerNamespace: netlink.NsFd(int(ns.Fd()))}); err != nil {
			return err
		}
		node, err := l.LinkByName(v.Name)
		if err != nil {
			return err
		}
		for _, link := range []netlink.Link{bridge, node} {
			if err := l.LinkSetUp(link); err != nil {
				return err
			}
		}
		return nil
	})
	_, err = n.Run(t.Context(), "ip", "link", "set", "eth0", "up")
	must(t, err)
	must(t, n.SetAddress(t.Context(), "eth0", address))
	return n
}

// TestBridgesAreForRoot has the kernel refuse a driver that does not run as root.
func TestBridgesAreForRoot(t *testing.T) {
	t.Parallel()
	err := forRoot(fmt.Errorf("make the link br-vlan5: %w", unix.EPERM))
	wantText(t, explain("create", err), sdk.Refused, "make the link br-vlan5: operation not permitted", "run haas create_bridges as root")
	must(t, forRoot(nil))
}

// bridgeNames are the bridges for VLANs that the host has.
func (h *host) bridgeNames(t testing.TB) (names []string) {
	t.Helper()
	h.kernel(t, func(l *netlink.Handle) error {
		all, err := l.LinkList()
		for _, link := range all {
			if _, ok := bridges.VLAN(link.Attrs().Name); ok {
				names = append(names, link.Attrs().Name)
			}
		}
		return err
	})
	slices.Sort(names)
	return names
}

// usesBridges is what concerns bridges, one after the other.
func usesBridges(t *testing.T, h *host) {
	t.Run("that an operator has made", func(t *testing.T) { standsOnBridges(t, h) })
	t.Run("with a trunk", func(t *testing.T) { needsTrunk(t, h) })
}

// standsOnBridges has a headnode on bridges that an operator has made, and one for its unplugged cards that the driver makes.
func standsOnBridges(t *testing.T, h *host) {
	const address = "10.1.0.9"
	h.defineGuest(t, "base-bridged", address+"/24")
	green, blue := h.addBridge(t, 204, "10.1.0.1/24"), h.addBridge(t, 205, "10.1.0.2/24")
	s := h.openBridged(t, "none0")
	spec := spec("base-bridged", 204)
	must(t, s.Create(t.Context(), spec))
	if names := h.bridgeNames(t); !slices.Equal(names, []string{"br-vlan0", "br-vlan204", "br-vlan205"}) {
		t.Errorf("bridges: %v", names)
	}
	must(t, s.Start(t.Context(), spec.ID))
	for _, vlan := range []int{204, 205, 0, 204} {
		must(t, s.Plug(t.Context(), spec.ID, headnode.NIC{Label: "eth0", VLAN: vlan}))
		wantReach(t, address, map[*ovstest.Namespace]bool{green: vlan == 204, blue: vlan == 205})
	}
	other := headnode.Spec{ID: spec.ID[:len(spec.ID)-4] + "0000", Image: file, NICs: []headnode.NIC{{Label: "eth0"}}}
	must(t, s.Create(t.Context(), other))
	must(t, s.Delete(t.Context(), spec.ID))
	if names := h.bridgeNames(t); !slices.Contains(names, "br-vlan0") {
		t.Error("a bridge is gone that a machine needs, although that is off")
	}
	must(t, s.Delete(t.Context(), other.ID))
	if names := h.bridgeNames(t); !slices.Equal(names, []string{"br-vlan204", "br-vlan205"}) {
		t.Errorf("bridges that are left: %v", names)
	}
	h.wantGone(t, spec.ID)
}

// needsTrunk has no trunk, one whose bridge is no bridge, and a kernel that knows no VLANs, or does.
func needsTrunk(t *testing.T, h *host) {
	before := h.bridgeNames(t)
	h.kernel(t, func(l *netlink.Handle) error {
		for _, name := range []string{"trunk0", bridges.Name(309)} {
			a := netlink.NewLinkAttrs()
			a.Name = name
			veth := &netlink.Veth{LinkAttrs: a, PeerName: "p" + name}
			if err := l.LinkAdd(veth); err != nil {
				return err
			}
			if err := l.LinkSetUp(veth); err != nil {
				return err
			}
		}
		return nil
	})
	for name, c := range map[string]struct {
		trunk string
		vlan  int
		words []string
	}{
		"a trunk that is not":        {"none0", 304, []string{"trunk_nic", `no NIC "none0"`}},
		"a bridge that is no bridge": {"trunk0", 309, []string{"br-vlan309", "no bridge"}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := spec(file, c.vlan)
			wantText(t, h.openBridged(t, c.trunk).Create(t.Context(), spec), sdk.Refused, c.words...)
			h.wantGone(t, spec.ID)
		})
	}
	t.Run("a trunk", func(t *testing.T) {
		s, spec := h.openBridged(t, "trunk0"), spec(file, 304)
		err := s.Create(t.Context(), spec)
		if err != nil { // this kernel knows no VLANs; that of the emulated host does
			wantText(t, err, sdk.Refused, "8021q")
		}
		must(t, s.Delete(t.Context(), spec.ID))
		h.wantGone(t, spec.ID)
	})
	if names := h.bridgeNames(t); !slices.Equal(names, append(before, bridges.Name(309))) {
		t.Errorf("bridges were %v and are %v", before, names)
	}
}
