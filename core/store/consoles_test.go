package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// claim claims the node's console for a server that is alive.
func (f *site) claim(t *testing.T, server string) (core.Console, bool) {
	t.Helper()
	must(t, f.BeatConsoleServer(t.Context(), server, "", long))
	c, mine, err := f.ClaimConsole(t.Context(), f.node.ID, server)
	must(t, err)
	return c, mine
}

func TestConsoleIsOpenOnOneServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		if c := get(s.Console(ctx, f.node.ID))(t); c != (core.Console{NodeID: f.node.ID}) {
			t.Errorf("a console nobody opened is %+v", c)
		}
		if c, mine := f.claim(t, "a"); !mine || c.Server != "a" || c.Term != 0 {
			t.Errorf("the first claim: %+v, %v", c, mine)
		}
		if _, mine := f.claim(t, "a"); !mine {
			t.Error("a server loses its own console")
		}
		if c, mine := f.claim(t, "b"); mine || c.Server != "a" {
			t.Errorf("a second server: %+v, %v", c, mine)
		}
		must(t, s.FreeConsole(ctx, f.node.ID, "b"))
		if held := get(s.ConsolesOf(ctx, "a"))(t); len(held) != 1 || held[0].NodeID != f.node.ID {
			t.Errorf("a has %+v", held)
		}
		must(t, s.FreeConsole(ctx, f.node.ID, "a"))
		if c, mine := f.claim(t, "b"); !mine || c.Server != "b" {
			t.Errorf("after it was given back: %+v, %v", c, mine)
		}
	})
}

func TestConsoleOfADeadServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		f.claim(t, "a")
		must(t, s.BeatConsoleServer(ctx, "a", "", -1))
		if _, mine := f.claim(t, "b"); !mine {
			t.Error("a dead server keeps its console")
		}
		must(t, s.BeatConsoleServer(ctx, "a", "", long))
		if held := get(s.ConsolesOf(ctx, "a"))(t); len(held) != 0 {
			t.Errorf("back from the dead it has %+v", held)
		}
	})
}

func TestClosingConsoleIsNotOpenedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		must(t, s.CloseConsole(ctx, core.Console{NodeID: f.node.ID}, long))
		f.claim(t, "a")
		must(t, s.CloseConsole(ctx, core.Console{NodeID: f.node.ID}, long))
		for _, server := range []string{"a", "b"} {
			if c, mine := f.claim(t, server); mine || !c.Closing {
				t.Errorf("%s claims a console that is to be closed: %+v, %v", server, c, mine)
			}
		}
		if held := get(s.ConsolesOf(ctx, "a"))(t); len(held) != 1 || !held[0].Closing {
			t.Errorf("a has %+v", held)
		}
		must(t, s.CloseConsole(ctx, core.Console{NodeID: f.node.ID}, -1))
		if c, mine := f.claim(t, "a"); !mine || c.Closing {
			t.Errorf("once the time is over: %+v, %v", c, mine)
		}
		must(t, s.FreeConsole(ctx, f.node.ID, "a"))
		must(t, s.CloseConsole(ctx, core.Console{NodeID: f.node.ID}, long))
		if c := get(s.Console(ctx, f.node.ID))(t); c.Closing {
			t.Error("a console that nobody has is to be closed")
		}
	})
}

// TestConsoleOfALaterTerm is nobody's who wants to close an earlier one.
func TestConsoleOfALaterTerm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		earlier := get(s.Console(ctx, f.node.ID))(t)
		must(t, s.NextConsoleTerm(ctx, f.node.ID))
		f.claim(t, "a")
		must(t, s.CloseConsole(ctx, earlier, long))
		must(t, s.BarConsole(ctx, earlier, long))
		if c, mine := f.claim(t, "a"); !mine || c.Closing {
			t.Errorf("who had an earlier term closes it: %+v, %v", c, mine)
		}
		must(t, s.BarConsole(ctx, get(s.Console(ctx, f.node.ID))(t), long))
		if _, mine := f.claim(t, "a"); mine {
			t.Error("who has the term does not")
		}
	})
}

func TestBarredConsole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		must(t, s.BarConsole(ctx, core.Console{NodeID: f.node.ID}, long))
		if _, mine := f.claim(t, "a"); mine {
			t.Error("a console that was never opened is opened although it is barred")
		}
		must(t, s.BarConsole(ctx, core.Console{NodeID: f.node.ID}, -1))
		f.claim(t, "a")
		must(t, s.FreeConsole(ctx, f.node.ID, "a"))
		must(t, s.BarConsole(ctx, core.Console{NodeID: f.node.ID}, long))
		if _, mine := f.claim(t, "a"); mine {
			t.Error("a barred console is opened")
		}
		must(t, s.NextConsoleTerm(ctx, f.node.ID))
		if _, mine := f.claim(t, "a"); !mine {
			t.Error("the next owner is kept out")
		}
	})
}

// TestNoNextTermWhileConsoleIsOpen is what keeps a former owner from a node's console.
func TestNoNextTermWhileConsoleIsOpen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		must(t, s.NextConsoleTerm(ctx, f.node.ID))
		must(t, s.SetConsoleLog(ctx, f.node.ID, "log1"))
		f.claim(t, "a")
		if err := s.NextConsoleTerm(ctx, f.node.ID); !errors.Is(err, store.ErrConsoleOpen) {
			t.Errorf("while it is open: %v", err)
		}
		if err := s.InTx(ctx, func(ctx context.Context, q store.Queries) error { return q.NextConsoleTerm(ctx, f.node.ID) }); !errors.Is(err, store.ErrConsoleOpen) {
			t.Errorf("in a transaction while it is open: %v", err)
		}
		must(t, s.BeatConsoleServer(ctx, "a", "", -1))
		must(t, s.NextConsoleTerm(ctx, f.node.ID))
		if c := get(s.Console(ctx, f.node.ID))(t); c.Term != 2 || c.LogID != "" || c.Server != "" || c.Closing || c.ClosedUntil != 0 {
			t.Errorf("the next term begins with %+v", c)
		}
		must(t, s.BeatConsoleServer(ctx, "a", "", long))
		if held := get(s.ConsolesOf(ctx, "a"))(t); len(held) != 0 {
			t.Errorf("the server of the former term has %+v", held)
		}
	})
}

func TestLoggedNodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		logged := func(server string) int { return len(get(s.LoggedNodes(ctx, server))(t)) }
		must(t, s.SetNodeOBM(ctx, f.node.ID, true))
		if logged("a") != 0 {
			t.Error("nobody wants a log")
		}
		must(t, s.SetConsoleLog(ctx, f.node.ID, "log1"))
		f.claim(t, "a")
		if one := get(s.LoggedNodes(ctx, "a"))(t); len(one) == 1 && (one[0].Label != f.node.Label || one[0].LogID != "log1") {
			t.Errorf("the node is %+v", one[0])
		}
		n, c, err := s.NodeConsole(ctx, f.node.Label)
		if err != nil || n.ID != f.node.ID || c != (core.Console{NodeID: n.ID, LogID: "log1", Server: "a"}) {
			t.Errorf("node %+v, console %+v, %v", n, c, err)
		}
		if logged("a") != 1 || logged("b") != 0 {
			t.Errorf("%d for the server that has it, %d for another", logged("a"), logged("b"))
		}
		must(t, s.SetNodeOBM(ctx, f.node.ID, false))
		if logged("a") != 0 {
			t.Error("a disabled node is kept")
		}
		must(t, s.SetNodeOBM(ctx, f.node.ID, true))
		must(t, s.FreeConsole(ctx, f.node.ID, "a"))
		if logged("b") != 1 {
			t.Error("nobody has it, and b may not")
		}
		must(t, s.SetConsoleLog(ctx, f.node.ID, ""))
		if logged("a") != 0 {
			t.Error("the log is not wanted any more")
		}
		if all := get(s.AllConsoles(ctx))(t); len(all) != 1 {
			t.Errorf("all: %+v", all)
		}
	})
}

func TestEightClaimOneConsole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		claims := make([]bool, 8)
		for i, err := range atOnce(func(i int) error {
			server := string(rune('a' + i))
			return errors.Join(s.BeatConsoleServer(ctx, server, "", long), s.InTx(ctx, func(ctx context.Context, q store.Queries) (err error) {
				if _, err := q.LockNode(ctx, f.node.Label); err != nil {
					return err
				}
				_, claims[i], err = q.ClaimConsole(ctx, f.node.ID, server)
				return err
			}))
		}) {
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		won := 0
		for _, mine := range claims {
			if mine {
				won++
			}
		}
		if won != 1 {
			t.Errorf("%d claimed the console", won)
		}
	})
}

func TestConsoleServers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(t, s.BeatConsoleServer(ctx, "a", "http://a:5000", long))
		must(t, s.BeatConsoleServer(ctx, "b", "", -2*long))
		must(t, s.ForgetConsoleServers(ctx))
		if a, alive, err := s.LivingConsoleServer(ctx, "a"); !alive || a.Address != "http://a:5000" || err != nil {
			t.Errorf("a is %+v, %v, %v", a, alive, err)
		}
		for _, dead := range []string{"b", "c"} {
			if _, alive, err := s.LivingConsoleServer(ctx, dead); alive || err != nil {
				t.Errorf("%s is alive: %v, %v", dead, alive, err)
			}
		}
	})
}
