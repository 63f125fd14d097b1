package fabric_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// often checks the switches all the time.
func often(c *fabric.Config) { c.Check = 20 * time.Millisecond }

// journal is a log that can be read while it is written.
type journal struct {
	mu    sync.Mutex
	lines strings.Builder // guarded by mu
}

// logger writes into the journal.
func (j *journal) logger() hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: &j.lines, Mutex: &j.mu})
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines.String()
}

func TestWhatSomebodyTypedIsUndone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 3)
		f.network(t, "w1")
		must(t, f.SwitchRegisterPort(f.ctx, "sw", "uplink"))
		d, port := f.devices["sw"], f.port(t, "sw", "n1")
		var log journal
		f.run(t, often, func(c *fabric.Config) { c.Log = log.logger() })
		f.done(t, f.connect(t, "n1", "w1"))
		f.settled(t, "sw", "n1", 100)
		var noted atomic.Bool
		d.play(script{
			read: lacks(d, "n2"),
			apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
				vlans, err := f.PortVLANs(f.ctx, port.ID)
				taken, takenErr := f.TakenVLANs(f.ctx)
				if err != nil || takenErr != nil || !slices.Equal(vlans[port.ID], []int{100, 103}) || !taken[103] {
					t.Errorf("noted of the port are %v (%v), taken are %v (%v)", vlans, err, taken, takenErr)
				}
				noted.Store(true)
				return d.obey(ctx, want)
			},
		})
		uplink := netswitch.PortState{Port: "uplink", Tagged: []int{7, 8}, Up: true}
		d.set(uplink, netswitch.PortState{Port: "n1", Native: 103, Up: true})
		storetest.Eventually(t, "the port is brought back", func() (bool, any) { return noted.Load() && d.port("n1").Native == 100, d.port("n1") })
		f.settled(t, "sw", "n1", 100)
		storetest.Eventually(t, "nothing is left of it", func() (bool, any) {
			vlans, err := f.PortVLANs(f.ctx, port.ID)
			must(t, err)
			return slices.Equal(vlans[port.ID], []int{100}) && f.lane(t, "sw").UnsavedSince == 0, vlans
		})
		for _, want := range []string{
			`port is not as it was left: switch=sw port=n1 difference="running carries VLAN 103 (native), wanted VLAN 100 (native)"`,
			"does not have a registered port: switch=sw port=n2",
		} {
			if !strings.Contains(log.text(), want) {
				t.Errorf("the log does not say %s: %s", want, log.text())
			}
		}
		if !d.port("uplink").Equal(uplink) {
			t.Errorf("a port that never had a NIC was changed to %+v", d.port("uplink"))
		}
	})
}

// TestASwitchThatComesBackIsChecked: it was rebooted with an older configuration, and the next check is an hour away.
func TestASwitchThatComesBackIsChecked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 2)
		f.network(t, "w1")
		d := f.devices["sw"]
		f.run(t, func(c *fabric.Config) { c.Check = time.Hour })
		f.done(t, f.connect(t, "n1", "w1"))
		f.settled(t, "sw", "n1", 100)
		d.play(script{open: noRoute})
		f.ended(t, f.connect(t, "n2", "w1"))
		d.set(netswitch.PortState{Port: "n1", Native: 104, Up: true})
		d.play(script{})
		storetest.Eventually(t, "the port is brought back", func() (bool, any) { return d.port("n1").Native == 100, d.port("n1") })
		f.settled(t, "sw", "n1", 100)
	})
}

// TestASwitchThatCouldNotBeSavedIsChecked: it was rebooted before the save, with an older configuration in which the port
// is another project's, and the next check is an hour away. Were it only saved when it is back, that would stay.
func TestASwitchThatCouldNotBeSavedIsChecked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		d := f.devices["sw"]
		var rebooted atomic.Bool
		d.play(script{save: func(context.Context) error {
			if rebooted.Swap(true) {
				return nil
			}
			d.set(netswitch.PortState{Port: "n1", Native: 104, Up: true})
			return &sdk.Error{Code: sdk.Unavailable, Text: "connection closed", Retryable: true}
		}})
		f.run(t, func(c *fabric.Config) { c.Check = time.Hour })
		f.done(t, f.connect(t, "n1", "w1"))
		storetest.Eventually(t, "the port is brought back", func() (bool, any) {
			return rebooted.Load() && d.port("n1").Native == 100, d.port("n1")
		})
		f.settled(t, "sw", "n1", 100)
	})
}

// TestAnUnsavedSwitchIsCheckedByWhoTakesItOver: a power cut took the server and the switch before the save. What the
// switch came back with is not to be saved as if it were the server's.
func TestAnUnsavedSwitchIsCheckedByWhoTakesItOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		d := f.devices["sw"]
		never := func(c *fabric.Config) { c.Check, c.SaveDelay = time.Hour, time.Hour }
		stop := f.run(t, never)
		f.done(t, f.connect(t, "n1", "w1"))
		f.settled(t, "sw", "n1", 100)
		stop()
		d.set(netswitch.PortState{Port: "n1", Native: 104, Up: true})
		f.run(t, func(c *fabric.Config) { c.Check = time.Hour })
		storetest.Eventually(t, "it is saved", func() (bool, any) { return f.lane(t, "sw").UnsavedSince == 0, f.lane(t, "sw") })
		if p := d.port("n1"); p.Native != 100 {
			t.Errorf("saved was %+v", p)
		}
	})
}

func TestWithoutChecksNothingIsUndone(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	f.run(t)
	f.done(t, f.connect(t, "n1", "w1"))
	f.settled(t, "sw", "n1", 100)
	typed := netswitch.PortState{Port: "n1", Native: 103, Up: true}
	d.set(typed)
	must(t, f.Store.WantCheck(f.ctx, f.lane(t, "sw").SwitchID))
	_, reads, _ := d.count()
	for range 3 {
		if c, err := f.SwitchCheck(f.ctx, "sw"); err != nil || c.InOrder {
			t.Errorf("the check says %+v, %v", c, err)
		}
	}
	if _, now, _ := d.count(); now != reads+3 || !d.port("n1").Equal(typed) {
		t.Errorf("%d reads, and the port carries %+v", now-reads, d.port("n1"))
	}
}

// TestACheckInVainBacksOff: the switch is silent, and is not asked all the time.
func TestACheckInVainBacksOff(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	var m meter
	f.run(t, often, func(c *fabric.Config) {
		c.RetryDelay, c.RetryMaxDelay, c.Store = time.Hour, time.Hour, f.Store.WithHook(&m)
	})
	f.settled(t, "sw", "n1")
	d.play(script{open: noRoute})
	storetest.Eventually(t, "the lane says so", func() (bool, any) {
		l := f.lane(t, "sw")
		return l.Failures == 1 && strings.Contains(l.LastError, "no route") && l.Until == 0, l
	})
	m.onlyPolls(t)
}

// TestChecksAndChangesGetAlong: ports change all the time while they are checked all the time, and nothing is taken for
// somebody's typing.
func TestChecksAndChangesGetAlong(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 4)
		f.network(t, "w1")
		var log journal
		f.run(t, func(c *fabric.Config) { c.Check, c.Log = time.Millisecond, log.logger() })
		nodes := labels(t, f, "p1")
		for range 5 {
			f.forAll(t, nodes, f.connect)
			f.forAll(t, nodes, f.detach)
		}
		if strings.Contains(log.text(), "not as it was left") {
			t.Error(log.text())
		}
	})
}

// TestARejectedPasswordIsNotTriedOverAndOver: the switch would lock the account.
func TestARejectedPasswordIsNotTriedOverAndOver(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	var opens atomic.Int64
	d.play(script{open: func(context.Context) error {
		opens.Add(1)
		return &sdk.Error{Code: sdk.Denied, Text: "login incorrect", Retryable: true}
	}})
	id := f.connect(t, "n1", "w1")
	f.run(t, func(c *fabric.Config) { c.Retries, c.RetryMaxDelay = 1000, time.Hour })
	if a := f.ended(t, id); a.Status != string(core.Failed) || !told(a, "login incorrect") {
		t.Errorf("the action ended as %+v", a)
	}
	if l := f.lane(t, "sw"); l.RetryAt < f.Now()+time.Minute.Milliseconds() || opens.Load() != 1 {
		t.Errorf("%d logins, and the lane is %+v", opens.Load(), l)
	}
}
