package console_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

var released = console.End{Reason: "node n1 was released"}

func TestManyViewersOneSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, d := s.hub(t), s.d
	first, second := s.view(t, h, all("ann")), s.view(t, h, all("bob"))
	d.print(t, "boot\n")
	wantRead(t, first, "boot\n")
	wantRead(t, second, "boot\n")
	late := s.view(t, h, all("ann"))
	wantRead(t, late, "boot\n")
	d.print(t, "login: ")
	for _, v := range []*console.Viewer{first, second, late} {
		wantRead(t, v, "login: ")
	}
	if n := d.opened.Load(); n != 1 {
		t.Errorf("%d sessions", n)
	}
	_, _ = first.Close(), second.Close()
	if d.closed.Load() != 0 {
		t.Error("the session was closed while somebody watches")
	}
	if n, err := first.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("a closed viewer reads %d bytes, %v", n, err)
	}
	_, _ = late.Close(), late.Close()
	if d.closed.Load() != 1 {
		t.Error("the last viewer left the session open")
	}
	if _, c := s.console(t); c.Server != "" {
		t.Error("the last viewer left the console claimed")
	}
	again := s.view(t, h, all("ann"))
	wantRead(t, again, "boot\nlogin: ")
	_ = again.Close()
}

func TestForgetEndsAll(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, d := s.hub(t), s.d
	first, second := s.view(t, h, all("ann")), s.view(t, h, all("bob"))
	d.print(t, "secret of p1\n")
	wantRead(t, first, "secret of p1\n")
	h.Forget(s.now(t), released)
	wantEnd(t, first, "", released)
	wantEnd(t, second, "", released)
	if d.closed.Load() != 1 {
		t.Error("the session is open")
	}
	next := s.view(t, h, all("ann"))
	d.print(t, "new")
	wantRead(t, next, "new")
	h.Forget(s.now(t), released)
	h.Forget(s.now(t), released)
	h.Forget(core.Console{NodeID: 4711}, released)
	if text, err := recall(t, s, h, console.All); text != "" || err != nil {
		t.Errorf("remembered: %q, %v", text, err)
	}
}

func TestHangRemembers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	v := s.view(t, h, all("ann"))
	s.d.print(t, "one\ntwo\n")
	wantRead(t, v, "one\ntwo\n")
	h.Hang(s.now(t), released)
	wantEnd(t, v, "", released)
	for tail, want := range map[int]string{console.All: "one\ntwo\n", 1: "two\n", 0: "", 9: "one\ntwo\n"} {
		if got, err := recall(t, s, h, tail); got != want || err != nil {
			t.Errorf("the last %d lines are %q, %v, want %q", tail, got, err, want)
		}
	}
	if s.d.opened.Load() != 1 {
		t.Error("recalling opened the line")
	}
}

func recall(t *testing.T, s *site, h *console.Hub, tail int) (string, error) {
	t.Helper()
	n, c := s.console(t)
	text, err := h.Recall(t.Context(), n, c, tail)
	return string(text), err
}

func TestTail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	v := s.view(t, h, all("ann"))
	s.d.print(t, "one\ntwo\nthree\nlogin: ")
	wantRead(t, v, "one\ntwo\nthree\nlogin: ")
	for tail, want := range map[int]string{1: "login: ", 2: "three\nlogin: ", 99: "one\ntwo\nthree\nlogin: "} {
		wantRead(t, s.view(t, h, console.Want{Tail: tail}), want)
	}
	none := s.view(t, h, console.Want{Tail: 0})
	s.d.print(t, "root\n")
	wantRead(t, none, "root\n")
}

func TestResume(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	v := s.view(t, h, all("ann"))
	stays := s.view(t, h, all("bob"))
	if v.At() != 0 {
		t.Errorf("begins at %d", v.At())
	}
	s.d.print(t, "seen")
	wantRead(t, v, "seen")
	position := v.Session() + ".4"
	if v.At() != 4 {
		t.Errorf("is at %d", v.At())
	}
	_ = v.Close()
	s.d.print(t, "missed")
	wantRead(t, stays, "seenmissed")
	wantRead(t, s.view(t, h, console.Want{Resume: position}), "missed")

	for name, bad := range map[string]string{"another session": "OTHER.4", "nonsense": "x", "the future": v.Session() + ".4711", "before all": v.Session() + ".-1"} {
		v := s.view(t, h, console.Want{Resume: bad, Tail: console.All})
		if e := nextOutput(t, v); e.Lost == nil || *e.Lost != 0 {
			t.Errorf("%s: first comes %+v", name, e)
		}
		wantRead(t, v, "seenmissed")
	}
}

// nextOutput is the next event that is not about the keyboard.
func nextOutput(t *testing.T, v *console.Viewer) console.Event {
	t.Helper()
	for {
		e, err := v.Next()
		must(t, err)
		if e.Keyboard == nil {
			return e
		}
	}
}

func TestSlowViewerIsToldWhatItLost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, d := s.hub(t), s.d
	slow, quick := s.view(t, h, all("ann")), s.view(t, h, all("bob"))
	block := strings.Repeat("x", 1023) + "\n"
	for range 100 {
		d.print(t, block)
		wantRead(t, quick, block)
	}
	notice := make([]byte, 200)
	n, err := slow.Read(notice)
	if err != nil || !strings.Contains(string(notice[:n]), "[33792 bytes lost") {
		t.Errorf("the slow viewer reads %q, %v", notice[:n], err)
	}
	wantRead(t, slow, strings.Repeat(block, 67))
	late := s.view(t, h, all("ann"))
	wantRead(t, late, strings.Repeat(block, 67))
}

func TestBrokenLineEndsViewersAndIsReopened(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, d := s.hub(t), s.d
	first, second := s.view(t, h, all("ann")), s.view(t, h, all("bob"))
	d.print(t, "panic!\n")
	d.hangUp()
	why := console.End{Reason: "line broken", Retry: true}
	wantEnd(t, first, "panic!\n", why)
	wantEnd(t, second, "panic!\n", why)
	third := s.view(t, h, all("ann"))
	wantRead(t, third, "panic!\n")
	_, _ = first.Close(), second.Close()
	d.print(t, "boot\n")
	wantRead(t, third, "boot\n")
	if d.opened.Load() != 2 {
		t.Errorf("%d sessions", d.opened.Load())
	}
}

func TestFailedOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	busy := errors.New("somebody else holds it")
	s.d.refuse(busy)
	if _, err := s.try(t, h, all("ann")); !errors.Is(err, busy) {
		t.Errorf("got %v", err)
	}
	if _, c := s.console(t); c.Server != "" {
		t.Error("a console that could not be opened is claimed")
	}
	taken := s.view(t, h, console.Want{Take: true})
	s.d.print(t, "boot")
	wantRead(t, taken, "boot")
	if s.d.taken != 1 {
		t.Errorf("taken %d times", s.d.taken)
	}
}

// TestHungOpen does not hold up those who give up, nor those who close the console.
func TestHungOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	s.d.hang = make(chan struct{})
	n, c := s.console(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.View(ctx, n, c, all("ann")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("gave up: %v", err)
	}
	failed := make(chan error)
	go func() { _, err := s.try(t, h, all("bob")); failed <- err }()
	eventually(t, "the console is claimed", func() bool { _, c := s.console(t); return c.Server != "" })
	h.Hang(s.now(t), released)
	if err := <-failed; err == nil {
		t.Error("a console that was closed while it was opened is open")
	}
	if _, c := s.console(t); c.Server != "" {
		t.Error("it is claimed")
	}
}

// TestNextViewerWaitsForTheDevice opens no second session while the first is being closed.
func TestNextViewerWaitsForTheDevice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, d := s.hub(t), s.d
	d.gate = make(chan struct{})
	v := s.view(t, h, all("ann"))
	var closing sync.WaitGroup
	closing.Go(func() { _ = v.Close() })
	<-d.gate
	n, c := s.console(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.View(ctx, n, c, all("bob")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while the session is being closed: %v", err)
	}
	d.gate <- struct{}{}
	closing.Wait()
	d.gate = nil
	next := s.view(t, h, all("bob"))
	d.print(t, "boot")
	wantRead(t, next, "boot")
}

func TestViewerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	n, c := s.console(t)
	ctx, cancel := context.WithCancel(t.Context())
	v, err := h.View(ctx, n, c, all("ann"))
	must(t, err)
	cancel()
	if got, err := io.ReadAll(v); err != nil || len(got) > 0 {
		t.Errorf("read %q, %v", got, err)
	}
	eventually(t, "the session is closed", func() bool { return s.d.closed.Load() == 1 })
}

func TestAfterShutdown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	v := s.view(t, h, all("ann"))
	h.Shutdown()
	wantEnd(t, v, "", console.End{Reason: "the server is being stopped", Retry: true})
	if _, err := s.try(t, h, all("ann")); core.KindOf(err) != core.Unavailable {
		t.Errorf("a hub that is shut down: %v", err)
	}
	if _, c := s.console(t); c.Server != "" {
		t.Error("the console is claimed")
	}
	h.Shutdown()
}

func TestDisabledNode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	must(t, s.SetNodeOBM(t.Context(), s.n.ID, false))
	if _, err := s.try(t, s.hub(t), all("ann")); core.KindOf(err) != core.Blocked {
		t.Errorf("got %v", err)
	}
}

// TestViewersComeAndGo views, forgets and closes one node from many goroutines. The device never has two sessions, and
// afterwards nothing is left.
func TestViewersComeAndGo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, d := s.hub(t), s.d
	n, c := s.console(t)
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for range 125 {
				v, err := h.View(t.Context(), n, c, all("ann"))
				if err != nil {
					continue // the console was closed meanwhile
				}
				if i == 0 {
					h.Forget(c, released)
				}
				v.Ask()
				_ = v.Type(t.Context(), []byte("x")) // somebody else may have the keyboard
				_ = v.Close()
				_, _ = io.Copy(io.Discard, v)
			}
		})
	}
	work.Wait()
	h.Shutdown()
	if d.opened.Load() != d.closed.Load() || d.opened.Load() == 0 || d.atOnce() != 1 {
		t.Errorf("%d sessions were opened, %d closed, %d at once", d.opened.Load(), d.closed.Load(), d.atOnce())
	}
	if _, c := s.console(t); c.Server != "" {
		t.Error("the console is claimed")
	}
}
