package fabric_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestNetworksComeAndGo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		f.network(t, "w2")
		f.run(t)
		f.done(t, f.connect(t, "n1", "w1"))
		f.settled(t, "sw", "n1", 100)
		tagged, err := f.NodeConnectNetwork(f.ctx, "n1", "n1", "w2", "vlan/101")
		must(t, err)
		f.done(t, tagged)
		f.settled(t, "sw", "n1", 100, 101)
		f.done(t, f.detach(t, "n1", "w2"))
		f.settled(t, "sw", "n1", 100)
		revert, err := f.PortRevert(f.ctx, "sw", "n1")
		must(t, err)
		f.done(t, revert)
		f.settled(t, "sw", "n1")
		must(t, f.ProjectDetachNode(f.ctx, "p1", "n1", false))
	})
}

func TestPortsAreClosedWhenTheyAreCabled(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.devices["sw"].set(netswitch.PortState{Port: "n1", Native: 1, Up: true})
	f.run(t)
	f.node(t, "sw", "n1")
	f.settled(t, "sw", "n1")
}

func TestABurstIsOneVisitAndOneSave(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 100)
		f.network(t, "w1")
		var ids []string
		for _, n := range labels(t, f, "p1") {
			ids = append(ids, f.connect(t, n, "w1"))
		}
		f.run(t)
		f.done(t, ids...)
		storetest.Eventually(t, "the switch is saved", func() (bool, any) {
			l := f.lane(t, "sw")
			return l.UnsavedSince == 0, l
		})
		if applies, reads, saves := f.devices["sw"].count(); applies != 1 || reads != 1 || saves != 1 {
			t.Errorf("%d applies, %d reads, %d saves; want one of each", applies, reads, saves)
		}
	})
}

func labels(t *testing.T, f *site, project string) []string {
	t.Helper()
	found, err := f.ProjectNodes(f.ctx, project)
	must(t, err)
	return found
}

// TestVLANsAreNotedBeforeTheDeviceIsTold: a server that dies now leaves a note for the next one.
func TestVLANsAreNotedBeforeTheDeviceIsTold(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 1)
	f.network(t, "w1")
	port, d := f.port(t, "sw", "n1"), f.devices["sw"]
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		noted, err := f.PortVLANs(ctx, port.ID)
		if err != nil || !slices.Equal(noted[port.ID], want[0].VLANs()) {
			t.Errorf("noted are %v (%v), the device is told %v", noted, err, want[0].VLANs())
		}
		if l, err := f.Lane(ctx, port.SwitchID); err != nil || l.UnsavedSince == 0 {
			t.Errorf("the switch is not marked as unsaved: %+v, %v", l, err)
		}
		return d.obey(ctx, want)
	}})
	id := f.connect(t, "n1", "w1")
	f.run(t)
	f.done(t, id)
}

func TestReadBackDecides(t *testing.T) {
	t.Parallel()
	t.Run("a switch that says yes and does nothing is tried again, then believed no more", func(t *testing.T) {
		t.Parallel()
		f, d := oneNode(t)
		d.play(script{apply: func(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			return accepted(want), nil
		}})
		id := f.connect(t, "n1", "w1")
		f.run(t)
		a := f.ended(t, id)
		if a.Status != string(core.Failed) || !strings.Contains(a.Error, "shows closed instead of VLAN 100 (native)") {
			t.Errorf("the action ended as %+v", a)
		}
		if applies, _, _ := d.count(); applies < 3 {
			t.Errorf("%d applies, want 3", applies)
		}
		f.settled(t, "sw", "n1")
	})
	t.Run("a switch that says no and does it is believed in what it shows", func(t *testing.T) {
		t.Parallel()
		f, d := oneNode(t)
		d.play(script{apply: func(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			d.set(want...)
			return refused(want, &sdk.Error{Code: sdk.Refused, Text: "% no"}), nil
		}})
		id := f.connect(t, "n1", "w1")
		f.run(t)
		f.done(t, id)
		f.settled(t, "sw", "n1", 100)
	})
	t.Run("one that shows another port's name is not believed", func(t *testing.T) {
		t.Parallel()
		f, d := oneNode(t)
		d.play(script{read: func(context.Context, []string) ([]netswitch.PortState, error) {
			return []netswitch.PortState{{Port: "other", Native: 100, Up: true}}, nil
		}})
		id := f.connect(t, "n1", "w1")
		f.run(t)
		if a := f.ended(t, id); a.Status != string(core.Failed) {
			t.Errorf("the action ended as %+v", a)
		}
	})
}

// oneNode is a site with a node of p1 on a switch, and with a network.
func oneNode(t *testing.T) (*site, *device) {
	t.Helper()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 1)
	f.network(t, "w1")
	return f, f.devices["sw"]
}

func TestARefusalEndsAtOnceAndThePortIsRestored(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	f.network(t, "w2")
	stop := f.run(t)
	f.done(t, f.connect(t, "n1", "w1"))
	f.settled(t, "sw", "n1", 100)
	stop()
	before, _, _ := d.count()
	var refusals atomic.Int64
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		if !slices.Contains(want[0].Tagged, 101) {
			return d.obey(ctx, want)
		}
		refusals.Add(1)
		half := want[0]
		half.Native, half.Up = 0, false
		d.set(half) // the switch gives up between two lines
		return refused(want, &sdk.Error{Code: sdk.Refused, Text: "% native VLAN mismatch"}), nil
	}})
	id, err := f.NodeConnectNetwork(f.ctx, "n1", "n1", "w2", "vlan/101")
	must(t, err)
	f.run(t)
	a := f.ended(t, id)
	if a.Status != string(core.Failed) || !told(a, "% native VLAN mismatch") {
		t.Errorf("the action ended as %+v", a)
	}
	f.settled(t, "sw", "n1", 100)
	if applies, _, _ := d.count(); applies != before+2 || refusals.Load() != 1 {
		t.Errorf("%d applies, %d of them refused; want two and one", applies-before, refusals.Load())
	}
	taken, err := f.TakenVLANs(f.ctx)
	must(t, err)
	must(t, f.NetworkDelete(f.ctx, "w2"))
	if after, err := f.TakenVLANs(f.ctx); err != nil || after[101] || !taken[101] {
		t.Errorf("VLAN 101 is still noted: %v, %v", after, err)
	}
}

// TestALostPortHarmsNoOther: the switch knows no such port any more, and says so only when it is read.
func TestALostPortHarmsNoOther(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 3)
	f.network(t, "w1")
	d := f.devices["sw"]
	d.play(script{
		apply: func(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			results := accepted(want)
			for i, w := range want {
				if w.Port == "n2" {
					results[i].Err = &sdk.Error{Code: sdk.Refused, Text: "% invalid interface n2"}
				} else {
					d.set(w)
				}
			}
			return results, nil
		},
		read: func(_ context.Context, ports []string) ([]netswitch.PortState, error) {
			if slices.Contains(ports, "n2") {
				return nil, &sdk.Error{Code: sdk.NotFound, Text: "no interface n2"}
			}
			states := []netswitch.PortState{}
			for _, p := range ports {
				states = append(states, d.port(p))
			}
			return states, nil
		},
	})
	first, lost, last := f.connect(t, "n1", "w1"), f.connect(t, "n2", "w1"), f.connect(t, "n3", "w1")
	f.run(t)
	f.done(t, first, last)
	if a := f.ended(t, lost); a.Status != string(core.Failed) || !told(a, "% invalid interface n2") {
		t.Errorf("the action of the lost port ended as %+v", a)
	}
}

func TestADriverThatDropsPortsIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]script{
		"in its results": {apply: func(context.Context, []netswitch.PortState) ([]netswitch.PortResult, error) { return nil, nil }},
		"when it reads":  {read: func(context.Context, []string) ([]netswitch.PortState, error) { return nil, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, d := oneNode(t)
			d.play(s)
			id := f.connect(t, "n1", "w1")
			f.run(t)
			if a := f.ended(t, id); a.Status != string(core.Failed) || !strings.Contains(a.Error, "0 of 1 ports") {
				t.Errorf("the action ended as %+v", a)
			}
		})
	}
}
