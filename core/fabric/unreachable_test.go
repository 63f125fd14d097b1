package fabric_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// noRoute is what a driver says of a switch that is off.
func noRoute(context.Context) error {
	return &sdk.Error{Code: sdk.Unavailable, Text: "dial sw: no route to host", Retryable: true}
}

func TestAnUnreachableSwitch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "dead", "live")
		f.node(t, "dead", "n1")
		f.node(t, "live", "n2")
		f.reserve(t, "p1", "n1")
		f.reserve(t, "p1", "n2")
		f.network(t, "w1")
		f.devices["dead"].play(script{open: noRoute})
		id, other := f.connect(t, "n1", "w1"), f.connect(t, "n2", "w1")
		f.run(t)
		f.done(t, other)
		if a := f.ended(t, id); a.Status != string(core.Failed) || !told(a, "dial sw: no route to host") {
			t.Errorf("the action ended as %+v", a)
		}
		if l := f.lane(t, "dead"); l.Failures < 3 || l.LastError != "dial sw: no route to host" {
			t.Errorf("the lane says %+v", l)
		}
		if l := f.lane(t, "live"); l.Failures != 0 || l.LastError != "" {
			t.Errorf("the other lane says %+v", l)
		}
		f.recovers(t)
	})
}

// recovers brings the switch "dead" of TestAnUnreachableSwitch back.
func (f *site) recovers(t *testing.T) {
	t.Helper()
	// The switch was told before it went away, for all that is known.
	f.devices["dead"].set(netswitch.PortState{Port: "n1", Native: 100, Up: true})
	f.devices["dead"].play(script{})
	f.settled(t, "dead", "n1")
	if p := f.port(t, "dead", "n1"); p.LastError != "" || p.Attempts != 0 {
		t.Errorf("the port says %+v", p)
	}
	storetest.Eventually(t, "the lane has forgotten the failure", func() (bool, any) {
		l := f.lane(t, "dead")
		return l.Failures == 0 && l.LastError == "", l
	})
	f.done(t, f.connect(t, "n1", "w1"))
}

// TestNewActionsOnADeadSwitchFailAtOnce: who asks for something does not wait for as many visits as the first did.
func TestNewActionsOnADeadSwitchFailAtOnce(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 2)
	f.network(t, "w1")
	var visits atomic.Int64
	f.devices["sw"].play(script{open: func(ctx context.Context) error { visits.Add(1); return noRoute(ctx) }})
	first := f.connect(t, "n1", "w1")
	stop := f.run(t)
	f.ended(t, first)
	stop()
	before := visits.Load()
	second := f.connect(t, "n2", "w1")
	stop = f.run(t, func(c *fabric.Config) { c.RetryDelay, c.RetryMaxDelay = time.Hour, time.Hour })
	if a := f.ended(t, second); a.Status != string(core.Failed) {
		t.Errorf("the second action ended as %+v", a)
	}
	stop()
	if n := visits.Load() - before; n != 1 {
		t.Errorf("%d visits for the second action, want one", n)
	}
}

func TestALoginThatIsRefusedEndsAtOnce(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	d.play(script{open: func(context.Context) error { return &sdk.Error{Code: sdk.Refused, Text: "login incorrect"} }})
	id := f.connect(t, "n1", "w1")
	f.run(t, func(c *fabric.Config) { c.Retries = 1_000_000 })
	if a := f.ended(t, id); a.Status != string(core.Failed) || !told(a, "login incorrect") {
		t.Errorf("the action ended as %+v", a)
	}
}

func TestAMissingDriverIsWaitedFor(t *testing.T) {
	t.Parallel()
	f, _ := oneNode(t)
	there := f.drivers()
	var loaded atomic.Bool
	id := f.connect(t, "n1", "w1")
	f.run(t, func(c *fabric.Config) {
		c.Retries, c.Drivers = 1_000_000, driversFunc(func(url string) (netswitch.Driver, error) {
			if !loaded.Load() {
				return nil, &sdk.Error{Code: sdk.Unavailable, Text: "driver switch-x is not running", Retryable: true}
			}
			return there.Switch(url)
		})
	})
	storetest.Eventually(t, "the lane says what is missing", func() (bool, any) {
		l := f.lane(t, "sw")
		return l.LastError == "driver switch-x is not running", l
	})
	loaded.Store(true)
	f.done(t, id)
}

// driversFunc is a function as fabric.Drivers.
type driversFunc func(url string) (netswitch.Driver, error)

// Switch calls the function.
func (f driversFunc) Switch(url string) (netswitch.Driver, error) { return f(url) }

func TestASwitchThatHangsDelaysOnlyItself(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "hung", "live")
	f.node(t, "hung", "n1")
	f.node(t, "live", "n2")
	f.reserve(t, "p1", "n1")
	f.reserve(t, "p1", "n2")
	f.network(t, "w1")
	held := newStuck()
	f.devices["hung"].play(script{open: held.hold})
	id := f.connect(t, "n1", "w1")
	f.run(t)
	held.await(t)
	f.done(t, f.connect(t, "n2", "w1"))
	f.done(t, f.detach(t, "n2", "w1"))
	if a, err := f.NetworkingActionShow(f.ctx, id); err != nil || a.Status != string(core.Pending) {
		t.Errorf("the action of the hung switch is %+v, %v", a, err)
	}
}

func TestAVisitEndsInTime(t *testing.T) {
	t.Parallel()
	for name, hang := range map[string]script{
		"open": {open: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		"apply": {apply: func(ctx context.Context, _ []netswitch.PortState) ([]netswitch.PortResult, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}},
		"read": {read: func(ctx context.Context, _ []string) ([]netswitch.PortState, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, d := oneNode(t)
			d.play(hang)
			id := f.connect(t, "n1", "w1")
			f.run(t, func(c *fabric.Config) { c.VisitTimeout = 20 * time.Millisecond })
			if a := f.ended(t, id); a.Status != string(core.Failed) || !strings.Contains(a.Error, "did not answer in time") {
				t.Errorf("the action ended as %+v", a)
			}
			d.play(script{})
			f.settled(t, "sw", "n1")
		})
	}
}

// TestAccessStaysUntilThePortIsClear: the connect failed, for all that the switch said, and the VLAN may be there.
func TestAccessStaysUntilThePortIsClear(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.node(t, "sw", "n1")
		f.run(t)
		f.settled(t, "sw", "n1")
		f.reserve(t, "p2", "n1")
		f.network(t, "w1")
		must(t, f.NetworkGrantAccess(f.ctx, "w1", "p2"))
		d := f.devices["sw"]
		d.play(script{apply: func(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			if want[0].Up {
				d.set(want...)
			}
			return nil, &sdk.Error{Code: sdk.Unavailable, Text: "connection reset", Retryable: true}
		}})
		f.ended(t, f.connect(t, "n1", "w1"))
		if err := f.NetworkRevokeAccess(f.ctx, "w1", "p2"); core.KindOf(err) != core.Blocked {
			t.Errorf("access was revoked while the port carried %+v: %v", d.port("n1"), err)
		}
		if err := f.ProjectDetachNode(f.ctx, "p2", "n1", false); core.KindOf(err) != core.Blocked {
			t.Errorf("the node was released while the port carried %+v: %v", d.port("n1"), err)
		}
		d.play(script{})
		f.settled(t, "sw", "n1")
		must(t, f.NetworkRevokeAccess(f.ctx, "w1", "p2"))
		must(t, f.ProjectDetachNode(f.ctx, "p2", "n1", false))
	})
}

// TestAVLANIsNotUsedAgainBeforeThePortIsClear: nobody wants the network any more, and the port may still carry it.
func TestAVLANIsNotUsedAgainBeforeThePortIsClear(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		old, d := f.network(t, "w1"), f.devices["sw"]
		d.play(script{apply: func(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			if want[0].Up {
				d.set(want...)
			}
			return nil, &sdk.Error{Code: sdk.Unavailable, Text: "connection reset", Retryable: true}
		}})
		f.run(t)
		f.ended(t, f.connect(t, "n1", "w1"))
		must(t, f.NetworkDelete(f.ctx, "w1"))
		if n := f.network(t, "w2"); n.VLAN == old.VLAN {
			t.Errorf("the new network has VLAN %d, and the port carries %+v", n.VLAN, d.port("n1"))
		}
		d.play(script{})
		f.settled(t, "sw", "n1")
		if n := f.network(t, "w3"); n.VLAN != old.VLAN {
			t.Errorf("the VLAN of a clear port is not used again: %d", n.VLAN)
		}
	})
}

// TestAPortThatKillsTheDriverFailsAlone: the driver dies of whatever visit has the port in it.
func TestAPortThatKillsTheDriverFailsAlone(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 5)
	f.network(t, "w1")
	d := f.devices["sw"]
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		if slices.ContainsFunc(want, func(w netswitch.PortState) bool { return w.Port == "n3" && w.Up }) {
			return nil, &sdk.Error{Code: sdk.Gone, Text: "the driver has died", Retryable: true}
		}
		return d.obey(ctx, want)
	}})
	ids := map[string]string{}
	for _, n := range labels(t, f, "p1") {
		ids[n] = f.connect(t, n, "w1")
	}
	f.run(t)
	for n, id := range ids {
		if n != "n3" {
			f.done(t, id)
			continue
		}
		if a := f.ended(t, id); a.Status != string(core.Failed) || !told(a, "the driver has died") {
			t.Errorf("the action of the deadly port ended as %+v", a)
		}
	}
	f.settled(t, "sw", "n3")
}
