package bridges_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"br-vlan0": 0, "br-vlan4094": 4094, "br-vlan4095": -1, "br-vlan": -1, "br-vlan-1": -1, "br-lan": -1} {
		vlan, ok := bridges.VLAN(name)
		if ok != (want >= 0) || ok && (vlan != want || bridges.Name(vlan) != name) {
			t.Errorf("%s is for VLAN %d, %v", name, vlan, ok)
		}
	}
}

// TestBridgesComeAndGo needs no VLANs: the bridge of unplugged cards leads nowhere.
func TestBridgesComeAndGo(t *testing.T) {
	t.Parallel()
	k := newKernel(t)
	must(t, k.Need(t.Context(), []int{0}))
	k.wantMade(t, "br-vlan0")
	k.tidy(t, 0)
	k.wantMade(t, "br-vlan0")
	k.tidy(t)
	k.wantMade(t)

	must(t, k.Need(t.Context(), []int{0})) // and what is needed may be to last, too
	for _, want := range [][]int{nil, nil} {
		if made, err := k.Keep(t.Context(), []int{0}); err != nil || !slices.Equal(made, want) {
			t.Errorf("made %v, %v; want %v", made, err, want)
		}
	}
	must(t, k.Need(t.Context(), []int{0}))
	k.tidy(t)
	k.wantMade(t, "br-vlan0")
	k.plugIn(t, 0)
	k.wantRemoved(t, nil, []int{0})
	k.wantMade(t, "br-vlan0")
	k.remove(t, "tap0")
	k.wantRemoved(t, []int{0}, nil)
	k.wantRemoved(t, nil, nil)
	k.wantMade(t)
	if made, err := k.Keep(t.Context(), []int{0}); err != nil || !slices.Equal(made, []int{0}) {
		t.Errorf("made %v, %v", made, err)
	}
}

// TestStrangersStay has bridges and other links of an operator's, some of which are named like those of HaaS.
func TestStrangersStay(t *testing.T) {
	t.Parallel()
	k := newKernel(t)
	k.addBridge(t, "br-lan", 0)
	k.addBridge(t, "br-vlan0", 0)
	k.addBridge(t, "br-vlan7", 0)
	k.addBridge(t, "br-other", bridges.Group+1)
	k.addBridge(t, "br-mine", bridges.Group) // somebody has chosen the same number
	before := k.names(t)
	if made, err := k.Keep(t.Context(), []int{0, 7}); err != nil || len(made) > 0 {
		t.Errorf("made %v, %v", made, err)
	}
	if alias := k.find(t, "br-vlan7").Attrs().Alias; alias != "" {
		t.Errorf("an operator's bridge is now called %q", alias)
	}
	k.tidy(t)
	k.wantRemoved(t, nil, nil)
	if after := k.names(t); !slices.Equal(after, before) {
		t.Errorf("there were %v, and there are %v", before, after)
	}
}

// TestTheUnprivileged is about a server that is not root, on a host where root has made all bridges.
func TestTheUnprivileged(t *testing.T) {
	t.Parallel()
	k := newKernel(t)
	k.addBridge(t, "br-vlan7", 0)
	_, err := k.Keep(t.Context(), []int{0, 7})
	must(t, err)
	before := k.names(t)
	powerless(t, func() {
		k.wantUsable(t, 0, 7)
		if err := k.Need(t.Context(), []int{0, 8}); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("a bridge that is missing: %v", err)
		}
	})
	if after := k.names(t); !slices.Equal(after, before) {
		t.Errorf("there were %v, and there are %v", before, after)
	}
	must(t, k.links.LinkSetDown(k.find(t, "br-vlan0")))
	powerless(t, func() {
		if err := k.Need(t.Context(), []int{0}); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("a bridge that is off: %v", err)
		}
	})
}

// TestNothingIsLeft fails after the first bridge was made.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	k := newKernel(t)
	k.pair(t, "off0", "poff0")
	must(t, k.links.LinkSetDown(k.find(t, "off0")))
	k.pair(t, "br-vlan9", "p9")
	before := k.names(t)
	for name, c := range map[string]struct {
		trunk string
		vlan  int
		words string
	}{
		"a trunk that is not":        {"none0", 5, `trunk_nic: there is no NIC "none0"`},
		"a trunk that is off":        {"off0", 5, "ip link set off0 up"},
		"a bridge that is no bridge": {"trunk0", 9, "br-vlan9 of the host is no bridge"},
	} {
		h := k.open(t, c.trunk)
		_, err := h.Keep(t.Context(), []int{0, c.vlan})
		for _, err := range []error{err, h.Need(t.Context(), []int{0, c.vlan})} {
			wantText(t, err, c.words)
			if !errors.Is(err, &sdk.Error{Code: sdk.Refused}) {
				t.Errorf("%s: %v is not an error for people", name, err)
			}
		}
		if after := k.names(t); !slices.Equal(after, before) {
			t.Errorf("%s: there were %v, and there are %v", name, before, after)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Need(ctx, []int{0}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
	k.wantMade(t)
}
