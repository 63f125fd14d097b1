package fabric_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// shortLease is for tests that wait for a renewal, and long enough for none to be missed on a busy machine.
const shortLease = 2 * time.Second

// thief is a server that takes lanes and does nothing with them.
const thief = "thief"

// steal takes a lane from whoever has it, who may renew the lease in between.
func (f *site) steal(sw int64) (core.Lane, error) {
	for {
		l, err := f.Lane(f.ctx, sw)
		if err != nil {
			return l, err
		}
		if err := f.FreeLane(f.ctx, l); err != nil {
			return l, err
		}
		l, err = f.TakeLane(f.ctx, sw, thief, patience.Milliseconds())
		if !errors.Is(err, store.ErrLaneLost) {
			return l, err
		}
	}
}

// untouched wants the action to be pending, and its port not to be settled.
func (f *site) untouched(t testing.TB, id string) {
	t.Helper()
	a, err := f.NetworkingActionShow(f.ctx, id)
	must(t, err)
	if p := f.port(t, "sw", "n1"); a.Status != string(core.Pending) || p.Settled() {
		t.Errorf("something was written: %+v, %+v", a, p)
	}
}

func TestAVisitIsAbandonedWhenTheLaneIsLost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		held, abandoned := newStuck(), make(chan struct{})
		f.devices["sw"].play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			if err := held.hold(ctx); err != nil {
				close(abandoned)
				return nil, err
			}
			return f.devices["sw"].obey(ctx, want)
		}})
		id := f.connect(t, "n1", "w1")
		f.run(t, func(c *fabric.Config) { c.Lease = shortLease })
		held.await(t)
		stolen, err := f.steal(f.lane(t, "sw").SwitchID)
		must(t, err)
		await(t, "the visit is abandoned", abandoned)
		f.untouched(t, id)
		must(t, f.FreeLane(f.ctx, stolen))
		f.done(t, id)
	})
}

// TestWhatALostLaneWouldWriteIsVoid: here nobody has noticed the loss when the visit ends.
func TestWhatALostLaneWouldWriteIsVoid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		stolen := make(chan core.Lane, 1)
		d, sw := f.devices["sw"], f.lane(t, "sw").SwitchID
		d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			d.play(script{})
			l, err := f.steal(sw)
			if err != nil {
				t.Error(err)
			}
			stolen <- l
			return d.obey(ctx, want)
		}})
		id := f.connect(t, "n1", "w1")
		var m meter
		stop := f.run(t, func(c *fabric.Config) { c.Store = s.WithHook(&m) })
		l := <-stolen
		storetest.Eventually(t, "the server is done with the lane", func() (bool, any) { return m.frees.Load() > 0, m.frees.Load() })
		stop()
		f.untouched(t, id)
		if applies, _, saves := d.count(); applies != 1 || saves != 0 {
			t.Errorf("%d applies and %d saves by who lost the lane", applies, saves)
		}
		must(t, f.FreeLane(f.ctx, l))
		f.run(t)
		f.done(t, id)
	})
}

func TestADeadServersLaneIsTakenOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		dead, err := f.TakeLane(f.ctx, f.lane(t, "sw").SwitchID, "dead", 200)
		must(t, err)
		f.devices["sw"].play(script{open: func(context.Context) error {
			l, err := f.Lane(f.ctx, dead.SwitchID)
			if err != nil || l.Owner == "dead" || l.Fence <= dead.Fence {
				t.Errorf("the switch is visited while the lane is %+v, %v", l, err)
			}
			return nil
		}})
		id := f.connect(t, "n1", "w1")
		f.run(t)
		f.done(t, id)
	})
}

func TestServersNeverVisitASwitchTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		switches := []string{"sw1", "sw2", "sw3"}
		f := newSite(t, s, switches...)
		f.network(t, "w1")
		nodes := []string{}
		for i := range 9 {
			name := fmt.Sprintf("n%d", i)
			f.node(t, switches[i%3], name)
			f.reserve(t, "p1", name)
			nodes = append(nodes, name)
		}
		for range 3 {
			f.run(t)
		}
		for range 3 {
			f.forAll(t, nodes, f.connect)
			f.forAll(t, nodes, f.detach)
		}
		for name, d := range f.devices {
			d.mu.Lock()
			if d.crowd != 1 {
				t.Errorf("%d servers were at switch %s together", d.crowd, name)
			}
			d.mu.Unlock()
		}
	})
}

// forAll asks for a change of each node, one after another, and waits for all of them to be DONE.
func (f *site) forAll(t testing.TB, nodes []string, change func(testing.TB, string, string) string) {
	t.Helper()
	ids := []string{}
	for _, n := range nodes {
		ids = append(ids, change(t, n, "w1"))
	}
	f.done(t, ids...)
}

func TestStoppingInAVisitLeavesTheActionToTheNextStart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		held := newStuck()
		f.devices["sw"].play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			results, err := f.devices["sw"].obey(ctx, want)
			if held := held.hold(ctx); held != nil {
				return nil, held
			}
			return results, err
		}})
		id := f.connect(t, "n1", "w1")
		stop := f.run(t)
		held.await(t)
		stop()
		f.untouched(t, id)
		if l := f.lane(t, "sw"); l.Until != 0 {
			t.Errorf("the lane is not given back: %+v", l)
		}
		if taken, err := f.TakenVLANs(f.ctx); err != nil || !taken[100] {
			t.Errorf("the VLAN that the port carries is not noted: %v, %v", taken, err)
		}
		f.run(t)
		f.done(t, id)
	})
}
