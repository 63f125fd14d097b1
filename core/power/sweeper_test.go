package power_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/power"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// patience is how long a test waits for what is about to happen, on a busy machine.
const patience = time.Minute

// everything is the scope of an administrator.
var everything = store.PowerScope{Everywhere: true}

// rack are nodes and their controllers.
type rack struct {
	*store.Store

	mu sync.Mutex
	// asked counts how often each node was asked. It and answer are guarded by mu.
	asked map[string]int
	// answer is what a controller does; absent, the node is on.
	answer func(ctx context.Context, node string) (string, error)
}

func newRack(t *testing.T, s *store.Store, nodes int) *rack {
	t.Helper()
	r := &rack{Store: s, asked: map[string]int{}}
	for i := range nodes {
		must(t, s.CreateNode(t.Context(), &core.Node{Label: label(i), OBMSettings: "{}", OBMEnabled: true}))
	}
	return r
}

func label(i int) string { return fmt.Sprintf("n%02d", i) }

func (r *rack) ask(ctx context.Context, n core.Node) (string, error) {
	r.mu.Lock()
	r.asked[n.Label]++
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		return "on", nil
	}
	return answer(ctx, n.Label)
}

func (r *rack) answers(answer func(ctx context.Context, node string) (string, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *rack) times(node string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[node]
}

// sweeper is one that runs until it is stopped, or the test ends.
type sweeper struct {
	*power.Sweeper
	stop func()
}

func (r *rack) sweep(t *testing.T, change func(*power.Config)) sweeper {
	t.Helper()
	c := power.Config{Store: r.Store, Ask: r.ask, Log: hclog.NewNullLogger(), Rate: 1000, Deadline: patience}
	if change != nil {
		change(&c)
	}
	s := power.New(c)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop := func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop)
	return sweeper{s, stop}
}

// states are the states of all nodes by label, with the error behind a colon.
func (r *rack) states(t *testing.T) map[string]string {
	t.Helper()
	found, err := r.NodePowers(t.Context(), everything)
	must(t, err)
	states := map[string]string{}
	for _, p := range found {
		states[p.Node] = p.State
		if p.Error != "" {
			states[p.Node] += ": " + p.Error
		}
	}
	return states
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNodesAreAskedAgainAndAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 3)
		r.sweep(t, func(c *power.Config) { c.Interval = time.Millisecond })
		storetest.Eventually(t, "all nodes were asked three times", func() (bool, any) {
			return r.times("n00") > 2 && r.times("n01") > 2 && r.times("n02") > 2, r.states(t)
		})
		r.answers(func(context.Context, string) (string, error) { return "", errors.New("does not answer") })
		storetest.Eventually(t, "a node is not known any more", func() (bool, any) {
			states := r.states(t)
			return states["n01"] == "unknown: does not answer", states
		})
	})
}

func TestAStartAsksNotEverybodyAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 2)
		wanted, err := s.Node(t.Context(), "n01")
		must(t, err)
		must(t, s.WantPower(t.Context(), wanted.ID))
		w := r.sweep(t, func(c *power.Config) { c.Interval = 24 * time.Hour })
		storetest.Eventually(t, "the node that is wanted was asked", func() (bool, any) { return r.times("n01") > 0, nil })
		must(t, s.CreateNode(t.Context(), &core.Node{Label: "new", OBMSettings: "{}", OBMEnabled: true}))
		storetest.Eventually(t, "the node that is new was asked", func() (bool, any) { return r.times("new") > 0, nil })
		if n := r.times("n00"); n != 0 {
			t.Errorf("the node that can wait was asked %d times", n)
		}
		must(t, w.Refresh(t.Context(), everything))
		if n := r.times("n00"); n != 1 {
			t.Errorf("the node that could wait was asked %d times, want once", n)
		}
	})
}

func TestWithoutAnIntervalNobodyIsAskedWhoIsNotWanted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 2)
		wanted, err := s.Node(t.Context(), "n00")
		must(t, err)
		w := r.sweep(t, nil)
		for times := range 3 { // what is claimed beside the first is asked before the last
			must(t, w.Want(t.Context(), wanted.ID))
			storetest.Eventually(t, "the node that is wanted was asked", func() (bool, any) { return r.times("n00") > times, nil })
		}
		if n := r.times("n01"); n != 0 {
			t.Errorf("the node that is not wanted was asked %d times", n)
		}
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 30)
		w := r.sweep(t, nil)
		must(t, w.Refresh(t.Context(), everything))
		for node, state := range r.states(t) {
			if n := r.times(node); n != 1 || state != "on" {
				t.Errorf("%s was asked %d times, and is %s", node, n, state)
			}
		}
		must(t, w.Refresh(t.Context(), store.PowerScope{}))
		if n := r.times("n07"); n != 1 {
			t.Errorf("a refresh of nothing asked a node, now %d times", n)
		}
	})
}

// TestDeadControllersKeepNobodyWaiting has more of them than any pool of workers would.
func TestDeadControllersKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 60)
		release := make(chan struct{})
		r.answers(func(_ context.Context, node string) (string, error) {
			if node < label(50) {
				<-release
				return "", errors.New("dead")
			}
			return "off", nil
		})
		w := r.sweep(t, nil)
		refreshed := make(chan error, 1)
		go func() { refreshed <- w.Refresh(context.WithoutCancel(t.Context()), everything) }()
		storetest.Eventually(t, "the others are known", func() (bool, any) {
			states := r.states(t)
			for i := 50; i < 60; i++ {
				if states[label(i)] != "off" {
					return false, states
				}
			}
			return true, states
		})
		select {
		case err := <-refreshed:
			t.Errorf("the refresh ended before the dead were given up: %v", err)
		default:
		}
		close(release)
		must(t, <-refreshed)
		if states := r.states(t); states["n00"] != "unknown: dead" || states["n49"] != "unknown: dead" {
			t.Errorf("the dead are shown as %v", states)
		}
	})
}

func TestADeadControllerIsGivenUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 2)
		r.answers(func(ctx context.Context, node string) (string, error) {
			if node == "n00" {
				<-ctx.Done()
				return "", errors.New("given up")
			}
			return "on", nil
		})
		w := r.sweep(t, func(c *power.Config) { c.Deadline = 10 * time.Millisecond })
		must(t, w.Refresh(t.Context(), everything))
		if states := r.states(t); states["n00"] != "unknown: given up" || states["n01"] != "on" {
			t.Errorf("got %v", states)
		}
	})
}

// TestAWishWhileTheNodeIsAsked shows that an answer from before a change does not stand for what is after it.
func TestAWishWhileTheNodeIsAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 1)
		release := make(chan struct{})
		asked := make(chan struct{}, 10)
		r.answers(func(context.Context, string) (string, error) {
			asked <- struct{}{}
			<-release
			return "on", nil
		})
		w := r.sweep(t, nil)
		n, err := s.Node(t.Context(), "n00")
		must(t, err)
		must(t, w.Want(t.Context(), n.ID))
		<-asked
		must(t, w.Want(t.Context(), n.ID))
		close(release)
		<-asked
	})
}

func TestServersShareTheWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 40)
		first := r.sweep(t, nil)
		r.sweep(t, nil)
		must(t, first.Refresh(t.Context(), everything))
		for node := range r.states(t) {
			if n := r.times(node); n != 1 {
				t.Errorf("%s was asked %d times", node, n)
			}
		}
	})
}

func TestARefreshNeedsNoSweeperOfItsOwnServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 2)
		r.sweep(t, nil)
		idle := power.New(power.Config{Store: s, Log: hclog.NewNullLogger(), Rate: 1, Deadline: patience})
		must(t, idle.Refresh(t.Context(), everything))
		if states := r.states(t); states["n00"] != "on" || states["n01"] != "on" {
			t.Errorf("got %v", states)
		}
	})
}

// TestAStopLeavesTheWorkToOthers: who was cut short has said nothing, and is asked again at once.
func TestAStopLeavesTheWorkToOthers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 2)
		asked := make(chan struct{}, 10)
		r.answers(func(ctx context.Context, _ string) (string, error) {
			asked <- struct{}{}
			<-ctx.Done()
			return "", ctx.Err()
		})
		w := r.sweep(t, nil)
		refreshed := make(chan error, 1)
		go func() { refreshed <- w.Refresh(context.WithoutCancel(t.Context()), everything) }()
		<-asked
		<-asked
		w.stop()
		if err := <-refreshed; core.KindOf(err) != core.Unavailable {
			t.Errorf("who waited for the answer was told %v", err)
		}
		if states := r.states(t); states["n00"] != "unknown" || states["n01"] != "unknown" {
			t.Errorf("got %v", states)
		}
		r.answers(nil)
		must(t, r.sweep(t, nil).Refresh(t.Context(), everything))
		if states := r.states(t); states["n00"] != "on" || states["n01"] != "on" {
			t.Errorf("got %v", states)
		}
	})
}

func TestWhoGoesAwayWaitsNoLonger(t *testing.T) {
	t.Parallel()
	r := newRack(t, storetest.Open(t, storetest.SQLite), 1)
	w := r.sweep(t, nil)
	r.answers(func(ctx context.Context, _ string) (string, error) { <-ctx.Done(); return "", ctx.Err() })
	ctx, leave := context.WithCancel(t.Context())
	refreshed := make(chan error, 1)
	go func() { refreshed <- w.Refresh(ctx, everything) }()
	storetest.Eventually(t, "the node is asked", func() (bool, any) { return r.times("n00") > 0, nil })
	leave()
	if err := <-refreshed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsFitTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := newRack(t, s, 3)
		r.answers(func(_ context.Context, node string) (string, error) {
			switch node {
			case "n00":
				return "", errors.New("a\x00b\xff")
			case "n01":
				return "", errors.New("a" + strings.Repeat("é", 100_000)) // no round number of bytes ends between two letters
			default:
				return "on", nil
			}
		})
		must(t, r.sweep(t, nil).Refresh(t.Context(), everything))
		states := r.states(t)
		if states["n00"] != "unknown: a b\uFFFD" || states["n02"] != "on" {
			t.Errorf("got %q and %s", states["n00"], states["n02"])
		}
		if long := states["n01"]; len(long) > 2000 || !strings.HasSuffix(long, "é…") || !utf8.ValidString(long) {
			t.Errorf("%d bytes are kept of a long error", len(long))
		}
	})
}

func TestWithoutADatabase(t *testing.T) {
	t.Parallel()
	s := storetest.OpenURI(t, storetest.URI(t, storetest.SQLite)) // it has no tables
	r := &rack{Store: s, asked: map[string]int{}}
	w := r.sweep(t, func(c *power.Config) { c.Interval = time.Millisecond })
	if err := w.Refresh(t.Context(), everything); err == nil {
		t.Error("a refresh went well")
	}
	if err := w.Want(t.Context(), 1); err == nil {
		t.Error("a wish went well")
	}
}
