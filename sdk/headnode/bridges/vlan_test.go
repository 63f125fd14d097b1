package bridges_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/qemu"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

// emulated is the environment variable that tells this test program that it runs in an emulated machine.
const emulated = "HAAS_TEST_EMULATED"

// TestVLANs makes bridges on the VLANs of a trunk, here where the kernel knows VLANs, and else in an emulated machine whose
// kernel does.
func TestVLANs(t *testing.T) {
	t.Parallel()
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
	t.Run("are made and removed all at once", k.lasts)
	t.Run("are on one trunk", k.hasOneTrunk)
}

// emulate runs this test in an emulated machine.
func emulate(t *testing.T) {
	t.Helper()
	g := guest.Need(t)
	program := filepath.Join(t.TempDir(), "haas-test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-ldflags=-s -w", "-o", program, ".")
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
	o.Memory = 256 // the program is there twice
	m, err := qemu.New(o)
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	line, err := m.Serial()
	must(t, err)
	limit := time.AfterFunc(2*patience, func() { _ = line.Close() })
	defer limit.Stop()
	must(t, m.Power(true))
	said := guest.ReadUntil(t, line, "it has ended")
	if !strings.Contains(said, "--- PASS: TestVLANs") || strings.Contains(said, "--- FAIL") {
		t.Errorf("in an emulated machine: %s", said)
	}
}

// joins sends frames through two VLANs, and wants each to arrive where it belongs and nowhere else.
func (k kernel) joins(t *testing.T) {
	for range 2 {
		must(t, k.Need(t.Context(), []int{0, 104, 105}))
		k.wantMade(t, "br-vlan0", "br-vlan104", "br-vlan105", "trunk0.104", "trunk0.105")
	}
	if addresses, err := k.Run(t.Context(), "ip", "address", "show", "dev", "br-vlan104"); err != nil || strings.Contains(addresses, "inet") {
		t.Errorf("the host takes part in VLAN 104: %s, %v", addresses, err)
	}
	for _, nic := range []string{"trunk0", "trunk0.104"} {
		if k.find(t, nic).Attrs().Promisc == 0 {
			t.Errorf("%s takes no frames that are for machines", nic)
		}
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

	k.tidy(t)
	k.wantMade(t, "br-vlan104", "br-vlan105", "trunk0.104", "trunk0.105") // somebody's NICs are plugged in
	k.remove(t, "tap104")
	k.remove(t, "tap105")
	k.tidy(t, 105)
	k.wantMade(t, "br-vlan105", "trunk0.105")
	k.tidy(t)
	k.wantMade(t)
}

// finishes begins where somebody was killed after each of its steps.
func (k kernel) finishes(t *testing.T) {
	bridge := func() { k.addBridge(t, "br-vlan106", bridges.Group) }
	stem := func() { must(t, k.addVLAN(t, "trunk0.106", 106, bridges.Group)) }
	for name, begin := range map[string]func(){"the bridge": bridge, "the stem": stem, "both": func() { bridge(); stem() }} {
		begin()
		must(t, k.Need(t.Context(), []int{106}))
		k.wantMade(t, "br-vlan106", "trunk0.106")
		if k.find(t, "trunk0.106").Attrs().MasterIndex != k.find(t, "br-vlan106").Attrs().Index {
			t.Errorf("after %s was made: the bridge is not joined to the trunk", name)
		}
		k.tidy(t)
		k.wantMade(t)
		begin()
		k.tidy(t)
		k.wantMade(t)
	}
}

// leavesAlone meets links of an operator's in its way.
func (k kernel) leavesAlone(t *testing.T) {
	lan := k.addBridge(t, "br-lan", 0)
	must(t, k.addVLAN(t, "trunk0.107", 107, 0))
	must(t, k.addVLAN(t, "trunk0.108", 1108, 0))
	must(t, k.links.LinkSetMaster(k.find(t, "trunk0.107"), lan))
	before := k.names(t)
	for vlan, words := range map[int]string{107: "belongs to another bridge", 108: "is not VLAN 108"} {
		wantText(t, k.Need(t.Context(), []int{109, vlan}), words)
		_, err := k.Keep(t.Context(), []int{109, vlan})
		wantText(t, err, words)
	}
	k.tidy(t)
	k.wantRemoved(t, nil, nil)
	if after := k.names(t); !slices.Equal(after, before) {
		t.Errorf("there were %v, and there are %v", before, after)
	}
}

// lasts has bridges that are made for all VLANs and stay while they are not needed, one of which is in use at the end.
func (k kernel) lasts(t *testing.T) {
	must(t, k.Need(t.Context(), []int{110}))
	for _, want := range [][]int{{0, 111, 112}, nil} {
		if made, err := k.Keep(t.Context(), []int{0, 110, 111, 112}); err != nil || !slices.Equal(made, want) {
			t.Errorf("made %v, %v; want %v", made, err, want)
		}
		k.tidy(t)
		k.wantMade(t, "br-vlan0", "br-vlan110", "br-vlan111", "br-vlan112", "trunk0.110", "trunk0.111", "trunk0.112")
	}
	powerless(t, func() { k.wantUsable(t, 0, 110, 111, 112) })
	k.plugIn(t, 111)
	k.wantRemoved(t, []int{0, 110, 112}, []int{111})
	k.wantMade(t, "br-vlan111", "trunk0.111")
	k.remove(t, "tap111")
	k.wantRemoved(t, []int{111}, nil)
	k.wantMade(t)
}

// hasOneTrunk has another trunk configured while there are bridges on the one before. Joined to both they would be a loop.
func (k kernel) hasOneTrunk(t *testing.T) {
	k.pair(t, "trunk1", "far1")
	defer k.remove(t, "trunk1")
	must(t, k.Need(t.Context(), []int{0, 113}))
	other := k.open(t, "trunk1")
	_, err := other.Keep(t.Context(), []int{0, 112, 113})
	for _, err := range []error{err, other.Need(t.Context(), []int{0, 112, 113})} {
		wantText(t, err, "br-vlan113 of the host is joined to VLAN 113 of trunk0, not of trunk1")
	}
	k.wantMade(t, "br-vlan0", "br-vlan113", "trunk0.113")
	k.wantRemoved(t, []int{0, 113}, nil)
	must(t, other.Need(t.Context(), []int{0, 112, 113}))
	k.wantMade(t, "br-vlan0", "br-vlan112", "br-vlan113", "trunk1.112", "trunk1.113")
	k.tidy(t)
	k.wantMade(t)
}
