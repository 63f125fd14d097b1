package fabric_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// meter counts statements, looks for work and lanes given back among them, and lets none through while the database is gone.
type meter struct {
	all, polls, frees atomic.Int64
	gone              atomic.Bool
}

// BeforeQuery counts, or makes the statement fail.
func (m *meter) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	m.all.Add(1)
	if strings.HasPrefix(e.Query, "SELECT") && strings.Contains(e.Query, "EXISTS (SELECT 1 FROM ports") {
		m.polls.Add(1)
	}
	if strings.Contains(e.Query, "until = 0") {
		m.frees.Add(1)
	}
	if !m.gone.Load() {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

// AfterQuery does nothing.
func (*meter) AfterQuery(context.Context, *bun.QueryEvent) {}

// onlyPolls waits until a good many looks for work have cost one statement each, with nothing in between.
func (m *meter) onlyPolls(t *testing.T) {
	t.Helper()
	const run = 20
	storetest.Eventually(t, "the server is quiet", func() (bool, any) {
		all, polls := m.all.Load(), m.polls.Load()
		storetest.Eventually(t, "the server looks for work", func() (bool, any) { return m.polls.Load() >= polls+run, m.polls.Load() })
		// A statement that is under way at one of the two readings is one too many or too few.
		extra := (m.all.Load() - all) - (m.polls.Load() - polls)
		return extra <= 1, extra
	})
}

func TestAServerWithNothingToDoOnlyLooksForWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var m meter
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 2)
		f.network(t, "w1")
		f.run(t, func(c *fabric.Config) { c.Store = s.WithHook(&m) })
		f.done(t, f.connect(t, "n1", "w1"))
		storetest.Eventually(t, "the lane is at rest", func() (bool, any) {
			l := f.lane(t, "sw")
			return l.UnsavedSince == 0 && l.Until == 0, l
		})
		m.onlyPolls(t)
	})
}

func TestADeadSwitchCausesNoBusyLoop(t *testing.T) {
	t.Parallel()
	slow := func(c *fabric.Config) { c.RetryDelay, c.RetryMaxDelay = time.Hour, time.Hour }
	for name, play := range map[string]script{
		"it cannot be reached": {open: noRoute},
		"it does not save":     {save: noRoute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m meter
			f, d := oneNode(t)
			d.play(play)
			f.connect(t, "n1", "w1")
			f.run(t, slow, func(c *fabric.Config) { c.Store = f.Store.WithHook(&m) })
			storetest.Eventually(t, "the lane says so", func() (bool, any) {
				l := f.lane(t, "sw")
				return l.LastError != "", l
			})
			m.onlyPolls(t)
		})
	}
}

func TestTheDatabaseGoesAwayInAVisit(t *testing.T) {
	t.Parallel()
	for name, lease := range map[string]time.Duration{
		"and the visit ends by itself": patience,
		"and the visit is abandoned":   shortLease,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) { loseDatabase(t, s, lease) })
		})
	}
}

func loseDatabase(t *testing.T, s *store.Store, lease time.Duration) {
	t.Helper()
	var m meter
	f := newSite(t, s, "sw")
	f.nodes(t, "sw", 1)
	f.network(t, "w1")
	held, d := newStuck(), f.devices["sw"]
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		if err := held.hold(ctx); err != nil {
			return nil, err
		}
		return d.obey(ctx, want)
	}})
	id := f.connect(t, "n1", "w1")
	f.run(t, func(c *fabric.Config) { c.Store, c.Lease = s.WithHook(&m), lease })
	held.await(t)
	m.gone.Store(true)
	if lease == patience {
		close(held.released)
	}
	storetest.Eventually(t, "the visit is over", func() (bool, any) {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.visitors == 0, d.visitors
	})
	polls := m.polls.Load()
	storetest.Eventually(t, "the server looks for work", func() (bool, any) { return m.polls.Load() > polls+3, m.polls.Load() })
	f.untouched(t, id)
	m.gone.Store(false)
	f.done(t, id)
}
