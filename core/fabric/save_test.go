package fabric_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestASaveInVainIsVisibleAndTriedAgain(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	var broken atomic.Bool
	broken.Store(true)
	d.play(script{save: func(context.Context) error {
		if broken.Load() {
			return &sdk.Error{Code: sdk.Busy, Text: "% copying a file", Retryable: true}
		}
		return nil
	}})
	f.run(t)
	f.done(t, f.connect(t, "n1", "w1"))
	storetest.Eventually(t, "the lane says so, and the save is tried again", func() (bool, any) {
		l := f.lane(t, "sw")
		_, _, saves := d.count()
		return saves > 2 && l.UnsavedSince != 0 && l.LastError == "save: % copying a file", l
	})
	broken.Store(false)
	storetest.Eventually(t, "the switch is saved", func() (bool, any) {
		l := f.lane(t, "sw")
		return l.UnsavedSince == 0 && l.LastError == "" && l.RetryAt == 0, l
	})
}

// TestASaveInVainDelaysNoChange: the next save is an hour away, the next change is not.
func TestASaveInVainDelaysNoChange(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	d.play(script{save: noRoute})
	f.run(t, func(c *fabric.Config) { c.RetryDelay, c.RetryMaxDelay = time.Hour, time.Hour })
	f.done(t, f.connect(t, "n1", "w1"))
	storetest.Eventually(t, "the save fails", func() (bool, any) {
		l := f.lane(t, "sw")
		return l.RetryAt != 0, l
	})
	f.done(t, f.detach(t, "n1", "w1"))
	if l := f.lane(t, "sw"); l.Failures != 0 || l.LastError == "" {
		t.Errorf("the lane says %+v", l)
	}
	if _, _, saves := d.count(); saves != 1 {
		t.Errorf("%d saves within the hour", saves)
	}
}

// TestASwitchThatIsNeverQuietIsSaved: each visit finds that there is more to do.
func TestASwitchThatIsNeverQuietIsSaved(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	port := f.port(t, "sw", "n1")
	var saved atomic.Bool
	d.play(script{
		apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			if !saved.Load() {
				if err := f.WantPort(ctx, port.ID); err != nil {
					return nil, err
				}
			}
			return d.obey(ctx, want)
		},
		save: func(context.Context) error {
			saved.Store(true)
			return nil
		},
	})
	f.run(t, func(c *fabric.Config) { c.SaveDelay = time.Millisecond })
	f.done(t, f.connect(t, "n1", "w1"))
	storetest.Eventually(t, "the switch is saved", func() (bool, any) { return saved.Load(), f.lane(t, "sw") })
}

// TestASaveWaitsUntilTheSwitchIsQuiet: who asks for a change during a save would wait for its end.
func TestASaveWaitsUntilTheSwitchIsQuiet(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	var m meter
	var now atomic.Int64
	pass := func(wait time.Duration) {
		now.Add(int64(wait))
		polls := m.polls.Load()
		storetest.Eventually(t, "the server looks for work", func() (bool, any) { return m.polls.Load() > polls+20, m.polls.Load() })
	}
	f.run(t, func(c *fabric.Config) {
		c.Store = f.Store.WithHook(&m).WithClock(func() time.Time { return time.Unix(1e9, now.Load()) })
		c.SaveDelay, c.Linger = 10*time.Second, time.Hour
	})
	f.done(t, f.connect(t, "n1", "w1"))
	pass(8 * time.Second)
	f.done(t, f.detach(t, "n1", "w1"))
	pass(4 * time.Second)
	if _, _, saves := d.count(); saves != 0 {
		t.Errorf("%d saves four seconds after a change", saves)
	}
	pass(7 * time.Second)
	storetest.Eventually(t, "the switch is saved", func() (bool, any) {
		_, _, saves := d.count()
		return saves == 1, saves
	})
}

func TestAServerThatDiedBeforeItSavedLeavesTheSaveToTheNext(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	stop := f.run(t, func(c *fabric.Config) { c.SaveDelay = time.Hour })
	f.done(t, f.connect(t, "n1", "w1"))
	stop()
	if _, _, saves := d.count(); saves != 0 {
		t.Fatalf("%d saves before their time", saves)
	}
	f.run(t)
	storetest.Eventually(t, "the switch is saved", func() (bool, any) {
		_, _, saves := d.count()
		return saves == 1 && f.lane(t, "sw").UnsavedSince == 0, saves
	})
}
