package console_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/store"
)

// TestOneServerHasTheConsole says where the console is to those who ask another server.
func TestOneServerHasTheConsole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.hub(t, func(c *console.Config) { c.Address = "http://a:5000" })
	b := s.hub(t)
	v := s.view(t, a, all("ann"))
	_, viewing := s.try(t, b, all("bob"))
	_, recalling := recall(t, s, b, console.All)
	for what, err := range map[string]error{"view": viewing, "recall": recalling} {
		e, ok := errors.AsType[*console.ElsewhereError](err)
		if !ok || e.Address != "http://a:5000" || core.KindOf(err) != core.Blocked {
			t.Errorf("%s: %v", what, err)
		}
	}
	_ = v.Close()
	next := s.view(t, b, all("bob"))
	s.d.print(t, "boot")
	wantRead(t, next, "boot")
	if s.d.atOnce() != 1 {
		t.Errorf("%d sessions at once", s.d.atOnce())
	}
}

// TestNoOwnerWhileOpen is the rule that everything else hangs on, at each moment of an open console's life.
func TestNoOwnerWhileOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	s.d.gate, s.d.hang = make(chan struct{}), make(chan struct{})
	refused := func(moment string) {
		t.Helper()
		if err := s.handOver(t, 2); !errors.Is(err, store.ErrConsoleOpen) {
			t.Errorf("%s the node changes hands: %v", moment, err)
		}
	}
	n, c := s.console(t)
	viewers := make(chan *console.Viewer)
	go func() {
		v, err := h.View(t.Context(), n, c, all("ann"))
		if err != nil {
			t.Error(err)
		}
		viewers <- v
	}()
	eventually(t, "the console is claimed", func() bool { _, c := s.console(t); return c.Server != "" })
	refused("while it is opened")
	close(s.d.hang)
	v := <-viewers
	refused("while it is open")
	closed := make(chan struct{})
	go func() { defer close(closed); h.Forget(c, released) }()
	<-s.d.gate
	refused("while it is closed")
	s.d.gate <- struct{}{}
	<-closed
	must(t, s.handOver(t, 2))
	wantEnd(t, v, "", released)
	if _, err := h.View(t.Context(), n, c, all("ann")); err == nil {
		t.Error("who asked before may watch after")
	}
}

// TestAnotherOwnerSeesNothingOld is about a node that another server released: this one was not told.
func TestAnotherOwnerSeesNothingOld(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	n, stale := s.console(t)
	old := s.view(t, h, all("ann"))
	s.d.print(t, "secret of p1\n")
	wantRead(t, old, "secret of p1\n")
	_ = old.Close()
	must(t, s.handOver(t, 2))
	if text, err := recall(t, s, h, console.All); text != "" || err != nil {
		t.Errorf("the next owner recalls %q, %v", text, err)
	}
	next := s.view(t, h, all("bob"))
	s.d.print(t, "new")
	wantRead(t, next, "new")
	if _, err := h.View(t.Context(), n, stale, all("ann")); core.KindOf(err) != core.Unavailable {
		t.Errorf("the former owner, who was let in a moment ago: %v", err)
	}
	if _, err := h.Recall(t.Context(), n, stale, console.All); core.KindOf(err) != core.Unavailable {
		t.Errorf("the former owner recalls: %v", err)
	}
}

// held is a context that does something when it is first looked at.
type held struct {
	context.Context //nolint:containedctx // it is one.
	first           func()
}

// Done is what a view asks of its context once it has been let in.
func (h held) Done() <-chan struct{} {
	h.first()
	return h.Context.Done()
}

// TestLetInJustBefore is about a request that was let in just before the node changed hands, and goes on when the next
// owner's console is open already.
func TestLetInJustBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	n, stale := s.console(t)
	var next *console.Viewer
	ctx := held{t.Context(), sync.OnceFunc(func() {
		must(t, s.handOver(t, 2))
		next = s.view(t, h, all("bob"))
	})}
	former, err := h.View(ctx, n, stale, all("ann"))
	if core.KindOf(err) != core.Unavailable {
		t.Errorf("the former owner is let in: %v", err)
	}
	typing(t, next, "b")
	s.d.print(t, "secret of p2\n")
	wantRead(t, next, "secret of p2\n")
	if former != nil {
		wantRead(t, former, "secret of p2\n")
	}
}

// TestFormerOwnersKeyboard is not in the next one's way.
func TestFormerOwnersKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	former, asking := s.view(t, h, all("ann")), s.view(t, h, all("amy"))
	typing(t, former, "a")
	asking.Ask()
	h.Forget(s.now(t), released)
	must(t, s.handOver(t, 2))
	next := s.view(t, h, all("ann"))
	if next.Name() != "ann" {
		t.Errorf("called %s", next.Name())
	}
	wantSeen(t, next, console.Keyboard{})
	typing(t, next, "b")
	former.Ask()
	asking.Give()
	wantSeen(t, s.view(t, h, all("bob")), console.Keyboard{Writer: "ann"})
	_, _ = former.Close(), asking.Close()
	wantSeen(t, next, console.Keyboard{Writer: "ann", Mine: true})
	h.Forget(s.now(t), released)
}

// TestAskedToClose closes what another server wants closed.
func TestAskedToClose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.view(t, s.running(t), all("ann"))
	must(t, s.CloseConsole(t.Context(), s.now(t), 60_000))
	wantEnd(t, v, "", console.End{Reason: "the console was closed", Retry: true})
	eventually(t, "the claim is given back", func() bool { return s.handOver(t, 2) == nil })
	if s.d.closed.Load() != 1 {
		t.Error("the session is open")
	}
}

// TestClosedElsewhere forgets what was printed also where nothing is open any more.
func TestClosedElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	v := s.view(t, h, all("ann"))
	s.d.print(t, "secret\n")
	wantRead(t, v, "secret\n")
	_ = v.Close()
	_, c := s.console(t)
	must(t, s.ForgetConsole(t.Context(), c))
	if text, err := recall(t, s, h, console.All); text != "" || err != nil {
		t.Errorf("remembered: %q, %v", text, err)
	}
	s.view(t, h, all("ann"))
}

// TestAskedToCloseWhileOpening is the same for a controller that takes its time.
func TestAskedToCloseWhileOpening(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.running(t)
	s.d.hang = make(chan struct{})
	failed := make(chan error)
	go func() { _, err := s.try(t, h, all("ann")); failed <- err }()
	eventually(t, "the console is claimed", func() bool { _, c := s.console(t); return c.Server != "" })
	must(t, s.CloseConsole(t.Context(), s.now(t), 60_000))
	if err := <-failed; err == nil {
		t.Error("it was opened nevertheless")
	}
	must(t, s.handOver(t, 2))
}

// TestLostClaim ends a console whose claim is gone: somebody else may have the node by now.
func TestLostClaim(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.running(t)
	v := s.view(t, h, all("ann"))
	eventually(t, "the claim is lost, and the console ends", func() bool {
		// As if the server had been dead for its lease.
		_, c := s.console(t)
		must(t, s.FreeConsole(t.Context(), s.n.ID, c.Server))
		return s.d.closed.Load() == 1
	})
	wantEnd(t, v, "", console.End{Reason: "this server lost the console", Retry: true})
}

// TestFrozenServer neither shows nor types anything once its lease is over, even before it notices.
func TestFrozenServer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t, func(c *console.Config) { c.Lease = 2 * time.Second })
	s.d.slow = make(chan struct{})
	v := s.view(t, h, all("ann"))
	for _, keys := range []string{"a", "b", "c", "d"} {
		typing(t, v, keys)
	}
	eventually(t, "the lease is over", func() bool { return s.handOver(t, 2) == nil })
	s.d.slow <- struct{}{} // "a" was on its way
	close(s.d.slow)
	if err := v.Type(t.Context(), []byte("secret")); err == nil {
		t.Error("it types on another's node")
	}
	s.d.print(t, "of p2")
	got, _ := io.ReadAll(v)
	if len(got) > 0 || !strings.Contains(v.End().Reason, "cut off") {
		t.Errorf("read %q to the end, which is %+v", got, v.End())
	}
	h.Shutdown()
	if s.d.keys() != "a" {
		t.Errorf("typed %q", s.d.keys())
	}
}

// TestServerWithoutDatabase ends its consoles before the others may count it as dead.
func TestServerWithoutDatabase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.running(t, func(c *console.Config) { c.Lease = 300 * time.Millisecond })
	v := s.view(t, h, all("ann"))
	must(t, s.Close())
	if _, err := io.ReadAll(v); err != nil || !v.End().Retry {
		t.Errorf("ended with %v, %+v", err, v.End())
	}
	eventually(t, "the session is closed", func() bool { return s.d.closed.Load() == 1 })
}

// TestPermissionIsLookedAtAgain ends the viewer whose permission is gone, and no other.
func TestPermissionIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		h, stop := s.unhurried(t)
		var lost atomic.Bool
		ann := s.view(t, h, console.Want{Allowed: func(context.Context) error {
			if lost.Load() {
				return core.Errorf(core.Unauthorized, "not yours")
			}
			return nil
		}})
		bob := s.view(t, h, console.Want{})
		<-time.After(time.Minute)
		s.d.print(t, "still")
		wantRead(t, ann, "still")
		lost.Store(true)
		wantEnd(t, ann, "", console.End{Reason: "you may not watch this console any more"})
		wantRead(t, bob, "still")
		_ = bob.Close()
		stop()
	})
}

// unhurried is a running hub whose times are those of a server, for a bubble. stop ends it.
func (s *site) unhurried(t *testing.T) (h *console.Hub, stop func()) {
	t.Helper()
	h = s.hub(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = h.Run(ctx) }() // it gives nil
	return h, func() {
		cancel()
		<-ended
		h.Shutdown()
	}
}
