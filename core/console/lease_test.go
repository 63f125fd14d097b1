package console_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

// beating is a hub whose lease is short, and what makes it give a sign of life: it opens the console of another node.
func (s *site) beating(t *testing.T) (h *console.Hub, beat func()) {
	t.Helper()
	other := core.Node{Label: "n2", OBMSettings: "{}", OBMEnabled: true}
	must(t, s.CreateNode(t.Context(), &other))
	h = s.hub(t, func(c *console.Config) {
		c.Lease = 300 * time.Millisecond
		c.Open = func(ctx context.Context, n core.Node, take bool) (io.ReadWriteCloser, error) {
			if n.ID == other.ID {
				return (&device{}).connect(ctx, n, take)
			}
			return s.d.connect(ctx, n, take)
		}
	})
	return h, func() {
		eventually(t, "another console is opened", func() bool {
			v, err := h.View(t.Context(), other, core.Console{NodeID: other.ID}, all("bob"))
			if err == nil {
				_ = v.Close()
			}
			return err == nil
		})
	}
}

// TestASignOfLifeComesTooLate is about a server that was frozen for longer than its lease: a sign of life does not bring
// back the consoles that it had.
func TestASignOfLifeComesTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, beat := s.beating(t)
	v := s.view(t, h, all("ann"))
	eventually(t, "the lease is over", func() bool { return s.handOver(t, 2) == nil })
	beat()
	if err := v.Type(t.Context(), []byte("secret")); err == nil {
		t.Error("it types on another's node")
	}
	s.d.print(t, "of p2")
	s.d.hangUp()
	if got, _ := io.ReadAll(v); len(got) > 0 {
		t.Errorf("it reads %q of another's node", got)
	}
}

// TestOpenedAfterTheLease is the same for a controller that takes its time.
func TestOpenedAfterTheLease(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, beat := s.beating(t)
	s.d.hang = make(chan struct{})
	n, c := s.console(t)
	failed := make(chan error)
	go func() { _, err := h.View(t.Context(), n, c, all("ann")); failed <- err }()
	eventually(t, "the console is claimed", func() bool { return s.now(t).Server != "" })
	eventually(t, "the lease is over", func() bool { return s.handOver(t, 2) == nil })
	beat()
	close(s.d.hang)
	if err := <-failed; core.KindOf(err) != core.Unavailable {
		t.Errorf("the former owner has the console: %v", err)
	}
	if s.d.closed.Load() != 1 {
		t.Error("the session is open")
	}
}

// TestTheTermIsOverAtOnce is about requests of a former owner while the next one waits for the former's session to close.
func TestTheTermIsOverAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	s.d.gate = make(chan struct{})
	former := s.view(t, h, all("ann"))
	n, stale := s.console(t)
	must(t, s.FreeConsole(t.Context(), n.ID, stale.Server)) // as if the server had been dead for its lease
	must(t, s.handOver(t, 2))
	latest := s.now(t)
	came := make(chan *console.Viewer)
	go func() {
		v, err := h.View(t.Context(), n, latest, all("ann"))
		if err != nil {
			t.Error(err)
		}
		came <- v
	}()
	<-s.d.gate
	if _, err := h.Recall(t.Context(), n, stale, console.All); core.KindOf(err) != core.Unavailable {
		t.Errorf("the former owner recalls: %v", err)
	}
	short, cancel := context.WithTimeout(t.Context(), time.Second) // it would wait for the gate
	defer cancel()
	if _, err := h.View(short, n, stale, all("ann")); core.KindOf(err) != core.Unavailable {
		t.Errorf("the former owner is let in: %v", err)
	}
	s.d.gate <- struct{}{}
	next := <-came
	if next.Name() != "ann" {
		t.Errorf("the next owner is called %s", next.Name())
	}
	wantEnd(t, former, "", console.End{Reason: "the node has changed hands"})
	go func() { <-s.d.gate; s.d.gate <- struct{}{} }()
	_ = next.Close()
}

// TestLateCallsOfAFormerOwner end nothing of the next one's.
func TestLateCallsOfAFormerOwner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	stale := s.now(t)
	must(t, s.handOver(t, 2))
	next := s.view(t, h, all("bob"))
	s.d.print(t, "boot")
	h.Hang(stale, released)
	h.Forget(stale, released)
	h.StopLog(stale)
	wantRead(t, next, "boot")
	if text, err := recall(t, s, h, console.All); text != "boot" || err != nil {
		t.Errorf("recalled %q, %v", text, err)
	}
	if s.d.closed.Load() != 0 {
		t.Error("the session is closed")
	}
}
