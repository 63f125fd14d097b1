package console_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func yes(context.Context) error { return nil }

func newHub(t *testing.T) *console.Hub {
	t.Helper()
	h := console.New(hclog.NewNullLogger())
	t.Cleanup(h.Shutdown)
	return h
}

func view(t *testing.T, h *console.Hub, d *device) *console.Viewer {
	t.Helper()
	v, err := h.View(t.Context(), "n1", "p1", yes, d.connect)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// wantRead fails the test unless the next bytes are want.
func wantRead(t *testing.T, v *console.Viewer, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(v, got); err != nil || string(got) != want {
		t.Errorf("read %q, %v, want %q", got, err, want)
	}
}

// wantEnd fails the test unless the viewer ends after nothing but rest.
func wantEnd(t *testing.T, v *console.Viewer, rest string) {
	t.Helper()
	if got, err := io.ReadAll(v); err != nil || string(got) != rest {
		t.Errorf("read %q, %v to the end, want %q", got, err, rest)
	}
}

func TestManyViewersOneSession(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	first, second := view(t, h, d), view(t, h, d)
	d.print(t, "boot\n")
	wantRead(t, first, "boot\n")
	wantRead(t, second, "boot\n")
	late := view(t, h, d)
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
	wantEndAfterClose(t, first)
	_, _ = late.Close(), late.Close()
	if d.closed.Load() != 1 {
		t.Error("the last viewer left the session open")
	}
	again := view(t, h, d)
	wantRead(t, again, "boot\nlogin: ")
	_ = again.Close()
}

func wantEndAfterClose(t *testing.T, v *console.Viewer) {
	t.Helper()
	if n, err := v.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("a closed viewer reads %d bytes, %v", n, err)
	}
}

func TestCloseEndsAllAndForgets(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	first, second := view(t, h, d), view(t, h, d)
	d.print(t, "secret of p1\n")
	wantRead(t, first, "secret of p1\n")
	h.Close("n1")
	wantEnd(t, first, "")
	wantEnd(t, second, "")
	if d.closed.Load() != 1 {
		t.Error("the session is open")
	}
	next := view(t, h, d)
	d.print(t, "new")
	wantRead(t, next, "new")
	h.Close("n1")
	h.Close("n1")
	h.Close("another")
}

// TestAnotherOwnerSeesNothingOld is about a node that another server released: this one was not told to close.
func TestAnotherOwnerSeesNothingOld(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	old := view(t, h, d)
	d.print(t, "secret of p1\n")
	wantRead(t, old, "secret of p1\n")
	next, err := h.View(t.Context(), "n1", "p2", yes, d.connect)
	if err != nil {
		t.Fatal(err)
	}
	wantEnd(t, old, "")
	d.print(t, "new")
	wantRead(t, next, "new")
}

func TestSlowViewerIsToldWhatItLost(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	slow, quick := view(t, h, d), view(t, h, d)
	block := strings.Repeat("x", 1023) + "\n"
	for range 100 {
		d.print(t, block)
		wantRead(t, quick, block)
	}
	notice := make([]byte, 200)
	n, err := slow.Read(notice)
	if err != nil || !strings.Contains(string(notice[:n]), "[36864 bytes lost") {
		t.Errorf("the slow viewer reads %q, %v", notice[:n], err)
	}
	wantRead(t, slow, strings.Repeat(block, 64))
	late := view(t, h, d)
	wantRead(t, late, strings.Repeat(block, 64))
}

func TestBrokenLineEndsViewersAndIsReopened(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	first, second := view(t, h, d), view(t, h, d)
	d.print(t, "panic!\n")
	d.hangUp()
	wantEnd(t, first, "panic!\n")
	wantEnd(t, second, "panic!\n")
	third := view(t, h, d)
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
	h, d := newHub(t), &device{}
	broken := errors.New("no answer")
	d.refuse(broken)
	if _, err := h.View(t.Context(), "n1", "p1", yes, d.connect); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	d.refuse(nil)
	v := view(t, h, d)
	d.print(t, "boot")
	wantRead(t, v, "boot")
}

// TestHungOpen does not hold up those who give up, nor for ever those who do not.
func TestHungOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t)
		hang := func(ctx context.Context) (io.ReadWriteCloser, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		for name, patience := range map[string]time.Duration{"impatient": time.Second, "patient": time.Hour} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			begun := time.Now()
			if _, err := h.View(ctx, "n1", "p1", yes, hang); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			if waited := time.Since(begun); waited > 2*time.Minute {
				t.Errorf("%s waited %v", name, waited)
			}
			cancel()
		}
	})
}

// TestNextViewerWaitsForTheDevice opens no second session while the first is being closed.
func TestNextViewerWaitsForTheDevice(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{gate: make(chan struct{})}
	v := view(t, h, d)
	var closing sync.WaitGroup
	closing.Go(func() { _ = v.Close() })
	<-d.gate
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.View(ctx, "n1", "p1", yes, d.connect); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while the session is being closed: %v", err)
	}
	d.gate <- struct{}{}
	closing.Wait()
	d.gate = nil
	next := view(t, h, d)
	d.print(t, "boot")
	wantRead(t, next, "boot")
}

func TestPermissionIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, d := newHub(t), &device{}
		var lost atomic.Bool
		v, err := h.View(t.Context(), "n1", "p1", func(context.Context) error {
			if lost.Load() {
				return core.Errorf(core.Unauthorized, "not yours")
			}
			return nil
		}, d.connect)
		if err != nil {
			t.Fatal(err)
		}
		d.print(t, "boot")
		wantRead(t, v, "boot")
		<-time.After(time.Minute)
		d.print(t, "still")
		wantRead(t, v, "still")
		lost.Store(true)
		wantEnd(t, v, "")
		h.Shutdown()
	})
}

func TestPermissionLostWhileOpening(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	no := core.Errorf(core.Unauthorized, "not yours")
	_, err := h.View(t.Context(), "n1", "p1", func(context.Context) error { return no }, d.connect)
	if !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
	if d.closed.Load() != 1 {
		t.Error("the session is open though nobody watches")
	}
}

func TestViewerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	ctx, cancel := context.WithCancel(t.Context())
	v, err := h.View(ctx, "n1", "p1", yes, d.connect)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	wantEnd(t, v, "")
	h.Shutdown()
	if d.closed.Load() != 1 {
		t.Error("the session is open")
	}
}

func TestAfterShutdown(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	v := view(t, h, d)
	h.Shutdown()
	wantEnd(t, v, "")
	if _, err := h.View(t.Context(), "n1", "p1", yes, d.connect); err == nil {
		t.Error("a hub that is shut down opens a console")
	}
	h.Shutdown()
}

// TestViewersComeAndGo views, closes and releases one node from many goroutines. Afterwards nothing is left.
func TestViewersComeAndGo(t *testing.T) {
	t.Parallel()
	h, d := newHub(t), &device{}
	before := runtime.NumGoroutine()
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for range 125 {
				v, err := h.View(t.Context(), "n1", "p1", yes, d.connect)
				if err != nil {
					continue // the console was closed meanwhile, or the device was busy
				}
				if i == 0 {
					h.Close("n1")
				}
				_ = v.Close()
				_, _ = io.Copy(io.Discard, v)
			}
		})
	}
	work.Wait()
	h.Shutdown()
	if d.opened.Load() != d.closed.Load() || d.opened.Load() == 0 {
		t.Errorf("%d sessions were opened, %d closed", d.opened.Load(), d.closed.Load())
	}
	t.Logf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}
