// A program cannot be imported, so its tests are inside.

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/qemu"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// emulated is the environment variable that tells this test program that it runs in an emulated machine.
const emulated = "HAAS_TEST_EMULATED"

// TestVLANs makes bridges on the VLANs of a trunk, here where the kernel knows VLANs, and else in an emulated machine whose
// kernel does.
func TestVLANs(t *testing.T) {
	t.Parallel()
	if os.Getenv(emulated) == "" && os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	k := newKernel(t)
	if !k.knowsVLANs(t) {
		if os.Getenv(emulated) != "" {
			t.Fatal("this kernel should know VLANs")
		}
		emulate(t)
		return
	}
	t.Run("join a bridge and the trunk", k.joins)
	t.Run("are finished where they were begun", k.finishes)
	t.Run("are left alone where they are somebody else's", k.leavesAlone)
}

// emulate runs this test in an emulated machine.
func emulate(t *testing.T) {
	t.Helper()
	g := guest.Need(t)
	program := filepath.Join(t.TempDir(), "haas-test")
	build := exec.Command("go", "test", "-c", "-ldflags=-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(program)
	must(t, err)
	o, err := qemu.Guest(t.TempDir(), g, guest.Image{
		Modules: []string{"8021q", "bridge", "veth", "af_packet"},
		Files:   map[string][]byte{"/haas-test": content},
		Script:  emulated + "=1 /haas-test -test.v -test.run '^TestVLANs$'\necho it has ended\n",
	})
	must(t, err)
	o.Memory = 384 // twice the program
	m, err := qemu.New(o)
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	line, err := m.Serial()
	must(t, err)
	limit := time.AfterFunc(2*patience, func() { _ = line.Close() })
	defer limit.Stop()
	must(t, m.Power(true))
	said := readUntil(t, line, "it has ended")
	if !strings.Contains(said, "--- PASS: TestVLANs") || strings.Contains(said, "--- FAIL") {
		t.Errorf("in an emulated machine: %s", said)
	}
}

// kernel is a network of its own with a trunk, whose far end is the NIC "far".
type kernel struct {
	*ovstest.Namespace
	bridges
}

func newKernel(t testing.TB) kernel {
	t.Helper()
	ns, err := ovstest.NewMachine(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, ns.Close()) })
	d := newDriver(hclog.NewNullLogger())
	d.links = func() (l links, err error) {
		err = ns.Do(func() error {
			l, err = openLinks()
			return err
		})
		return l, err
	}
	k := kernel{ns, bridges{&session{driver: d, settings: settings{network: viaBridges, trunk: "trunk0"}}}}
	k.pair(t, "trunk0", "far")
	return k
}

func (k kernel) change(t testing.TB, f func(links) error) {
	t.Helper()
	l, err := k.driver.links()
	must(t, err)
	defer l.Close()
	must(t, f(l))
}

// pair makes two NICs with a cable between them.
func (k kernel) pair(t testing.TB, near, far string) {
	t.Helper()
	k.change(t, func(l links) error {
		a := netlink.NewLinkAttrs()
		a.Name = near
		if err := l.LinkAdd(&netlink.Veth{LinkAttrs: a, PeerName: far}); err != nil {
			return err
		}
		for _, name := range []string{near, far} {
			link, err := l.LinkByName(name)
			if err != nil {
				return err
			}
			if err := l.LinkSetUp(link); err != nil {
				return err
			}
		}
		return nil
	})
}

func (k kernel) knowsVLANs(t testing.TB) (known bool) {
	t.Helper()
	k.change(t, func(l links) error {
		known = true
		err := k.addVLAN(l, "trunk0.1", 1, 0)
		if errors.Is(err, unix.EOPNOTSUPP) {
			known = false
			return nil
		}
		return errors.Join(err, remove(l, "trunk0.1"))
	})
	return known
}

// addVLAN makes a sub-interface of the trunk, in a group.
func (k kernel) addVLAN(l links, name string, vlan int, group uint32) error {
	trunk, err := l.LinkByName("trunk0")
	if err != nil {
		return err
	}
	a := netlink.NewLinkAttrs()
	a.Name, a.ParentIndex, a.Group = name, trunk.Attrs().Index, group
	return l.LinkAdd(&netlink.Vlan{LinkAttrs: a, VlanId: vlan, VlanProtocol: netlink.VLAN_PROTOCOL_8021Q})
}

func remove(l links, name string) error {
	link, err := l.LinkByName(name)
	if err != nil {
		return err
	}
	return l.LinkDel(link)
}

// plugIn plugs a new NIC into the bridge of a VLAN, and gives its wire.
func (k kernel) plugIn(t testing.TB, vlan int) *ovstest.Wire {
	t.Helper()
	near, far := fmt.Sprintf("tap%d", vlan), fmt.Sprintf("guest%d", vlan)
	k.pair(t, near, far)
	k.change(t, func(l links) error {
		tap, err := l.LinkByName(near)
		if err != nil {
			return err
		}
		bridge, err := l.LinkByName(bridgeOf(vlan))
		if err != nil {
			return err
		}
		return l.LinkSetMaster(tap, bridge)
	})
	return k.wire(t, far)
}

func (k kernel) wire(t testing.TB, nic string) *ovstest.Wire {
	t.Helper()
	w, err := k.OpenWire(nic)
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	return w
}

// made are the names of the links that HaaS has made.
func (k kernel) made(t testing.TB) (names []string) {
	t.Helper()
	k.change(t, func(l links) error {
		all, err := l.LinkList()
		for _, link := range all {
			if link.Attrs().Group == ours {
				names = append(names, link.Attrs().Name)
			}
		}
		return err
	})
	slices.Sort(names)
	return names
}

func (k kernel) wantMade(t testing.TB, want ...string) {
	t.Helper()
	if names := k.made(t); !slices.Equal(names, want) {
		t.Errorf("HaaS has made %v, want %v", names, want)
	}
}

// clear removes what HaaS has made.
func (k kernel) clear(t testing.TB, vlans ...int) {
	t.Helper()
	k.change(t, func(l links) error { return k.dismantle(l, vlans) })
}

// joins sends frames through two VLANs, and wants each to arrive where it belongs and nowhere else.
func (k kernel) joins(t *testing.T) {
	for range 2 {
		must(t, k.prepare(t.Context(), []int{105, 104, 0, 104}))
		k.wantMade(t, "br-vlan0", "br-vlan104", "br-vlan105", "trunk0.104", "trunk0.105")
	}
	if addresses, err := k.Run(t.Context(), "ip", "address", "show", "dev", "br-vlan104"); err != nil || strings.Contains(addresses, "inet") {
		t.Errorf("the host takes part in VLAN 104: %s, %v", addresses, err)
	}
	far, green, blue := k.wire(t, "far"), k.plugIn(t, 104), k.plugIn(t, 105)
	must(t, far.Send(ovstest.Frame{Tags: []int{104}, Text: "to green"}))
	wantFrame(t, green, ovstest.Frame{Text: "to green"})
	must(t, blue.Send(ovstest.Frame{Text: "from blue"}))
	wantFrame(t, far, ovstest.Frame{Tags: []int{105}, Text: "from blue"})
	for name, w := range map[string]*ovstest.Wire{"green": green, "blue": blue} {
		if f, err := w.Receive(500 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s has received %+v, %v", name, f, err)
		}
	}

	k.clear(t, 0, 104, 105)
	k.wantMade(t, "br-vlan104", "br-vlan105", "trunk0.104", "trunk0.105") // somebody's NICs are plugged in
	k.change(t, func(l links) error { return errors.Join(remove(l, "tap104"), remove(l, "tap105")) })
	k.clear(t, 104)
	k.wantMade(t, "br-vlan105", "trunk0.105")
	k.clear(t, 105)
	k.wantMade(t)
}

func wantFrame(t testing.TB, w *ovstest.Wire, want ovstest.Frame) {
	t.Helper()
	got, err := w.Receive(patience)
	if err != nil || got.Text != want.Text || !slices.Equal(got.Tags, want.Tags) {
		t.Errorf("received %+v, %v; want %+v", got, err, want)
	}
}

// finishes begins where a driver was killed after each of its steps.
func (k kernel) finishes(t *testing.T) {
	for name, begin := range map[string]func(links) error{
		"the bridge": func(l links) error { return l.LinkAdd(&netlink.Bridge{LinkAttrs: attributes("br-vlan106")}) },
		"the stem":   func(l links) error { return k.addVLAN(l, "trunk0.106", 106, ours) },
		"both": func(l links) error {
			return errors.Join(l.LinkAdd(&netlink.Bridge{LinkAttrs: attributes("br-vlan106")}), k.addVLAN(l, "trunk0.106", 106, ours))
		},
	} {
		k.change(t, begin)
		must(t, k.prepare(t.Context(), []int{106}))
		k.wantMade(t, "br-vlan106", "trunk0.106")
		k.change(t, func(l links) error {
			stem, err := l.LinkByName("trunk0.106")
			must(t, err)
			bridge, err := l.LinkByName("br-vlan106")
			must(t, err)
			if stem.Attrs().MasterIndex != bridge.Attrs().Index {
				t.Errorf("after %s was made: the bridge is not joined to the trunk", name)
			}
			return nil
		})
		k.clear(t, 106)
		k.wantMade(t)
		k.change(t, begin)
		k.clear(t, 106)
		k.wantMade(t)
	}
}

// leavesAlone meets links of an operator's in its way.
func (k kernel) leavesAlone(t *testing.T) {
	k.change(t, func(l links) error {
		a := netlink.NewLinkAttrs()
		a.Name = "br-lan"
		return errors.Join(l.LinkAdd(&netlink.Bridge{LinkAttrs: a}), k.addVLAN(l, "trunk0.107", 107, 0), k.addVLAN(l, "trunk0.108", 1108, 0))
	})
	k.change(t, func(l links) error {
		stem, err := l.LinkByName("trunk0.107")
		must(t, err)
		bridge, err := l.LinkByName("br-lan")
		must(t, err)
		return l.LinkSetMaster(stem, bridge)
	})
	for vlan, words := range map[int]string{107: "belongs to another bridge", 108: "is not VLAN 108"} {
		if err := k.prepare(t.Context(), []int{109, vlan}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("VLAN %d: %v", vlan, err)
		}
		k.wantMade(t)
	}
	k.clear(t, 107, 108, 1108)
	k.change(t, func(l links) error {
		_, err := l.LinkByName("trunk0.107")
		_, other := l.LinkByName("trunk0.108")
		return errors.Join(err, other)
	})
}
