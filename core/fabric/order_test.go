package fabric_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// moving is a site whose network w1 is on n1, is to leave it, and is then to come to n2.
func moving(t *testing.T) (f *site, d *device, detach, connect string) {
	t.Helper()
	f = onSQLite(t, "sw")
	f.nodes(t, "sw", 2)
	f.network(t, "w1")
	d = f.devices["sw"]
	stop := f.run(t)
	f.done(t, f.connect(t, "n1", "w1"))
	f.settled(t, "sw", "n1", 100)
	stop()
	return f, d, f.detach(t, "n1", "w1"), f.connect(t, "n2", "w1")
}

// neverBoth wants the device never to have carried anything on both ports.
func neverBoth(t *testing.T, d *device) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range d.history {
		if h["n1"].Up && h["n2"].Up {
			t.Fatalf("the network was on both NICs: %+v", d.history)
		}
	}
}

func TestANetworkThatMovesIsNeverOnBothNICs(t *testing.T) {
	t.Parallel()
	f, d, detach, connect := moving(t)
	f.run(t)
	f.done(t, detach, connect)
	f.settled(t, "sw", "n1")
	f.settled(t, "sw", "n2", 100)
	neverBoth(t, d)
}

func TestADetachInVainHoldsTheConnectBack(t *testing.T) {
	t.Parallel()
	f, d, detach, connect := moving(t)
	var refusals atomic.Int64
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		if want[0].Port == "n1" && refusals.Add(1) < 3 {
			return refused(want, &sdk.Error{Code: sdk.Busy, Text: "locked", Retryable: true}), nil
		}
		return d.obey(ctx, want)
	}})
	f.run(t, func(c *fabric.Config) { c.RetryDelay, c.RetryMaxDelay = 50*time.Millisecond, 50*time.Millisecond })
	f.done(t, detach, connect)
	neverBoth(t, d)
}

func TestADetachThatFailsHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	f, d, detach, connect := moving(t)
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		if want[0].Port == "n1" && !want[0].Up {
			return refused(want, &sdk.Error{Code: sdk.Refused, Text: "% no"}), nil
		}
		return d.obey(ctx, want)
	}})
	f.run(t)
	if a := f.ended(t, detach); a.Status != string(core.Failed) {
		t.Errorf("the detach ended as %+v", a)
	}
	f.done(t, connect)
	f.settled(t, "sw", "n1", 100)
	f.settled(t, "sw", "n2", 100)
}

// TestTwoNetworksDoNotWaitForEachOther: the order is that of one network.
func TestTwoNetworksDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	f, d, detach, _ := moving(t)
	f.network(t, "w2")
	f.node(t, "sw", "n3")
	f.reserve(t, "p1", "n3")
	other := f.connect(t, "n3", "w2")
	before, _, _ := d.count()
	held := newStuck()
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		if err := held.hold(ctx); err != nil {
			return nil, err
		}
		return d.obey(ctx, want)
	}})
	f.run(t)
	held.await(t)
	close(held.released)
	f.done(t, detach, other)
	if applies, _, _ := d.count(); applies > before+2 {
		t.Errorf("%d visits for what two visits do", applies-before)
	}
}
