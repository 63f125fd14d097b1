package fabric_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// process is the driver of one server: its session with a switch stays open until it is released.
type process struct {
	*rack
	logins *logins
}

var (
	_ netswitch.Driver   = (*process)(nil)
	_ netswitch.Releaser = (*process)(nil)
)

// logins are the open sessions of all processes.
type logins struct {
	mu sync.Mutex
	// The fields below are guarded by mu.
	open map[string]map[*process]bool
	// count is how many sessions there were, crowd how many at most with one switch at a time.
	count, crowd int
}

func newLogins() *logins { return &logins{open: map[string]map[*process]bool{}} }

// Open logs in, unless the process is logged in.
func (p *process) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	s, err := p.rack.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	p.logins.mu.Lock()
	defer p.logins.mu.Unlock()
	with := p.logins.open[target.Name]
	if with == nil {
		with = map[*process]bool{}
		p.logins.open[target.Name] = with
	}
	if !with[p] {
		with[p] = true
		p.logins.count++
	}
	p.logins.crowd = max(p.logins.crowd, len(with))
	return s, nil
}

// Release logs out.
func (p *process) Release(_ context.Context, target sdk.Target) error {
	p.logins.mu.Lock()
	defer p.logins.mu.Unlock()
	delete(p.logins.open[target.Name], p)
	return nil
}

// state is how many sessions with a switch are open, were there, and were there at most at a time.
func (l *logins) state(sw string) (open, count, crowd int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open[sw]), l.count, l.crowd
}

// serve runs a server with a driver process of its own.
func (f *site) serve(t testing.TB, l *logins, linger time.Duration) (stop func()) {
	t.Helper()
	return f.run(t, func(c *fabric.Config) {
		c.Drivers, c.Linger = drivers.Static{Switches: []netswitch.Driver{&process{f.rack, l}}}, linger
	})
}

// TestOneSessionAtATime: several servers work, answer and linger, and never two of them have a session with one switch.
func TestOneSessionAtATime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 3)
		f.network(t, "w1")
		l := newLogins()
		for range 3 {
			f.serve(t, l, 10*time.Millisecond)
		}
		var asking sync.WaitGroup
		for range 3 {
			asking.Go(func() {
				for range 10 {
					if _, err := f.SwitchCheck(f.ctx, "sw"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		nodes := labels(t, f, "p1")
		for range 4 {
			f.forAll(t, nodes, f.connect)
			f.forAll(t, nodes, f.detach)
			storetest.Eventually(t, "the session is released when nothing is to do", func() (bool, any) {
				open, _, _ := l.state("sw")
				return open == 0, open
			})
		}
		asking.Wait()
		if _, count, crowd := l.state("sw"); crowd != 1 || count < 4 {
			t.Errorf("%d sessions, %d at a time", count, crowd)
		}
	})
}

// TestALaneIsKeptWithItsSession: what the other server is asked for is done by the one that is logged in.
func TestALaneIsKeptWithItsSession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		l := newLogins()
		stop := f.serve(t, l, time.Hour)
		f.done(t, f.connect(t, "n1", "w1"))
		held := f.lane(t, "sw")
		f.serve(t, l, time.Hour)
		for range 3 {
			f.done(t, f.detach(t, "n1", "w1"))
			f.done(t, f.connect(t, "n1", "w1"))
			if c, err := f.SwitchCheck(f.ctx, "sw"); err != nil || !c.InOrder {
				t.Errorf("the check says %+v, %v", c, err)
			}
		}
		if now := f.lane(t, "sw"); now.Owner != held.Owner || now.Fence != held.Fence {
			t.Errorf("the lane was %+v and is %+v", held, now)
		}
		if open, count, _ := l.state("sw"); open != 1 || count != 1 {
			t.Errorf("%d sessions, %d of them open", count, open)
		}
		stop()
		if open, _, _ := l.state("sw"); open != 0 || f.lane(t, "sw").Until != 0 {
			t.Errorf("after the stop %d sessions are open, and the lane is %+v", open, f.lane(t, "sw"))
		}
		f.done(t, f.detach(t, "n1", "w1"))
		if _, count, crowd := l.state("sw"); count != 2 || crowd != 1 {
			t.Errorf("%d sessions, %d at a time", count, crowd)
		}
	})
}

func TestALostLaneReleasesItsSession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		l := newLogins()
		f.run(t, func(c *fabric.Config) {
			c.Drivers, c.Linger, c.Lease = drivers.Static{Switches: []netswitch.Driver{&process{f.rack, l}}}, time.Hour, shortLease
		})
		f.done(t, f.connect(t, "n1", "w1"))
		_, err := f.steal(f.lane(t, "sw").SwitchID)
		must(t, err)
		storetest.Eventually(t, "the session is released", func() (bool, any) {
			open, _, _ := l.state("sw")
			return open == 0, open
		})
	})
}

// TestASwitchThatWasNotReachedIsNotLingeredAt: another server may have better luck.
func TestASwitchThatWasNotReachedIsNotLingeredAt(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	d.play(script{open: noRoute})
	f.connect(t, "n1", "w1")
	f.run(t, func(c *fabric.Config) { c.Linger, c.RetryDelay, c.RetryMaxDelay = time.Hour, time.Hour, time.Hour })
	storetest.Eventually(t, "the lane is given back", func() (bool, any) {
		l := f.lane(t, "sw")
		return l.Failures == 1 && l.Until == 0, l
	})
}
