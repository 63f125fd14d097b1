package service_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

var errHost = &sdk.Error{Code: sdk.Unavailable, Text: "no route to host"}

// card is the VLAN that the machine of h1 has on hn0.
func (w *world) card() int { return w.host.specs()[0].NICs[0].VLAN }

// noted is the VLAN that the database says hn0 of h1 is on.
func (w *world) noted(t *testing.T) int {
	t.Helper()
	h := get(w.s.Headnode(t.Context(), "h1"))(t)
	return get(w.s.HNICs(t.Context(), h.ID))(t)[0].VLAN
}

// startedOn is h1, started with hn0 on a network, none if that is empty. Whatever hn0 is plugged into must be noted before.
func (w *world) startedOn(t *testing.T, network string) (plugged *[]int) {
	t.Helper()
	if network != "" {
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", network, false))
	}
	must(t, w.HeadnodeStart(w.u1, "h1"))
	plugged = &[]int{}
	w.host.plugging = func(n headnode.NIC) error {
		if n.VLAN != 0 && w.noted(t) != n.VLAN {
			t.Errorf("plugged into VLAN %d while %d is noted", n.VLAN, w.noted(t))
		}
		if n.VLAN == 0 && w.card() != 0 && w.noted(t) != w.card() {
			t.Errorf("VLAN %d is forgotten while the machine is on it", w.card())
		}
		*plugged = append(*plugged, n.VLAN)
		return nil
	}
	return plugged
}

// is fails the test unless hn0 is plugged into the VLAN, and that is noted.
func (w *world) is(t *testing.T, plugged, noted int) {
	t.Helper()
	if w.card() != plugged || w.noted(t) != noted {
		t.Errorf("plugged into %d, noted is %d; want %d and %d", w.card(), w.noted(t), plugged, noted)
	}
}

func TestLiveNIC(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		plugged := w.startedOn(t, "")
		for range 2 {
			must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true))
			w.is(t, 101, 101)
		}
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w2", true), core.ProjectMismatch)
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "given", true), core.BadArgument)
		w.is(t, 101, 101)
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "pub", true))
		w.is(t, 103, 103)
		must(t, w.NetworkDelete(w.u1, "w1"))
		wantKind(t, w.NetworkDelete(w.admin, "pub"), core.Blocked)
		for range 2 {
			must(t, w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true))
			w.is(t, 0, 0)
		}
		if want := []int{0, 101, 101, 0, 103, 0, 0}; !slices.Equal(*plugged, want) {
			t.Errorf("plugged into %v, want %v", *plugged, want)
		}
		must(t, w.NetworkDelete(w.admin, "pub"))
	})
}

// TestLiveNICOfNewHeadnode is the same as not live.
func TestLiveNICOfNewHeadnode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true))
		if w.noted(t) != 101 {
			t.Errorf("on VLAN %d", w.noted(t))
		}
		must(t, w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true))
		if w.noted(t) != 0 {
			t.Errorf("on VLAN %d", w.noted(t))
		}
	})
}

// TestFailedLiveNIC never forgets a network that the machine may be on.
func TestFailedLiveNIC(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.startedOn(t, "")
		fail := func(vlans ...int) {
			w.host.plugging = func(n headnode.NIC) error {
				if slices.Contains(vlans, n.VLAN) {
					return errHost
				}
				return nil
			}
		}
		fail(101)
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true), core.Unavailable)
		w.is(t, 0, 0)
		w.host.plugging = func(n headnode.NIC) error {
			if n.VLAN == 101 {
				fail(0)
				return errHost
			}
			return nil
		}
		err := w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true)
		if err == nil || !strings.Contains(err.Error(), "may be on network w1") {
			t.Errorf("nobody knows where it is: %v", err)
		}
		w.is(t, 0, 101)
		wantKind(t, w.NetworkDelete(w.u1, "w1"), core.Blocked)
		fail()
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true))
		fail(0)
		wantKind(t, w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true), core.Unavailable)
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "pub", true), core.Unavailable)
		w.is(t, 101, 101)
		fail(103)
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "pub", true), core.Unavailable)
		w.is(t, 0, 0)
	})
}

// TestChangesWhilePlugging are refused, or found out in time.
func TestChangesWhilePlugging(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at             int // the VLAN whose plugging it comes in
		do             func(w *world) error
		did, connected core.Kind
	}{
		"another change": {103, func(w *world) error {
			return w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true)
		}, core.Blocked, success},
		"the network is deleted before": {0, func(w *world) error { return w.NetworkDelete(w.admin, "pub") }, success, core.NotFound},
		"the network is deleted after":  {103, func(w *world) error { return w.NetworkDelete(w.admin, "pub") }, core.Blocked, success},
		"it is another network now": {0, func(w *world) error {
			return errors.Join(w.NetworkDelete(w.admin, "pub"), w.NetworkCreate(w.admin, "pub", "admin", service.Access{Public: true}, ""))
		}, success, core.NotFound},
		"the headnode is deleted": {0, func(w *world) error { return w.HeadnodeDelete(w.u1, "h1") }, success, core.Refused},
		"the headnode is started": {103, func(w *world) error { return w.HeadnodeStart(w.u1, "h1") }, success, success},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.startedOn(t, "w1")
				w.host.plugging = func(n headnode.NIC) error {
					if n.VLAN == c.at {
						w.host.plugging = nil
						wantAttempt(t, c.do(w), c.did)
					}
					return nil
				}
				wantAttempt(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "pub", true), c.connected)
				if len(w.host.specs()) == 0 {
					return
				}
				if c.connected == success {
					w.is(t, 103, 103)
				} else {
					w.is(t, 0, 0)
				}
				must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true)) // nobody holds it
			})
		})
	}
}

// wantAttempt is wantKind for what may have to succeed.
func wantAttempt(t *testing.T, err error, want core.Kind) {
	t.Helper()
	if want == success {
		must(t, err)
		return
	}
	wantKind(t, err, want)
}

// TestHostThatCannotPlug says so.
func TestHostThatCannotPlug(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.startedOn(t, "")
		w.host.plugging = func(headnode.NIC) error { return &sdk.Error{Code: sdk.Unsupported, Text: "cannot plug"} }
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true), core.Refused)
	})
}
