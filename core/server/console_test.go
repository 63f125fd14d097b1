package server_test

import (
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// screen is what a viewer of a console has seen so far.
type screen struct {
	mu sync.Mutex
	// text and ended are guarded by mu.
	text  strings.Builder
	ended bool
}

// watch opens a console and reads it until it ends, or the test does.
func (a actor) watch(path string) *screen {
	a.s.t.Helper()
	stream := a.client.Open(a.s.t, a.s.h.prefix+a.s.named(path))
	v := &screen{}
	var reading sync.WaitGroup
	reading.Go(func() { v.read(stream) })
	a.s.t.Cleanup(func() {
		_ = stream.Close() // it was only read
		reading.Wait()
	})
	return v
}

func (v *screen) read(stream io.Reader) {
	chunk := make([]byte, 4096)
	for {
		n, err := stream.Read(chunk)
		v.mu.Lock()
		v.text.Write(chunk[:n])
		v.ended = err != nil
		v.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (v *screen) shows(t *testing.T, text string) {
	t.Helper()
	servertest.Eventually(t, "the console shows "+text, func() (bool, any) {
		v.mu.Lock()
		defer v.mu.Unlock()
		return strings.Contains(v.text.String(), text), v.text.String()
	})
}

func (v *screen) ends(t *testing.T) {
	t.Helper()
	servertest.Eventually(t, "the console ends", func() (bool, any) {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.ended, "still open"
	})
}

// TestConsole shows that a console begins with its last lines, has many viewers, and none who may not power the node.
func TestConsole(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		s := h.scene(t)
		s.node("n1~")
		s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
		s.ann.ok("POST", "/node/n1~/power_on", "")
		for _, who := range []actor{s.bob, s.nobody, s.as("ann", "wrong")} {
			who.fails(unauthorized, "GET", "/node/n1~/console", "")
		}
		first := s.ann.watch("/node/n1~/console")
		first.shows(t, "boot number 1")
		second := s.root.watch("/v0/node/n1~/console")
		second.shows(t, "boot number 1")
		s.ann.ok("POST", "/node/n1~/power_cycle", "")
		first.shows(t, "boot number 2")
		second.shows(t, "boot number 2")
		third := s.ann.watch("/node/n1~/console")
		third.shows(t, "boot number 1")
		third.shows(t, "boot number 2")

		s.ann.ok("POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
		for _, v := range []*screen{first, second, third} {
			v.ends(t)
		}
		s.ann.fails(unauthorized, "GET", "/node/n1~/console", "")
		s.bob.ok("POST", "/project/p2~/connect_node", `{"node": "n1~"}`)
		next := s.bob.watch("/node/n1~/console")
		next.shows(t, "boot number 2")
		next.mu.Lock()
		defer next.mu.Unlock()
		if strings.Contains(next.text.String(), "boot number 1") {
			t.Error("the new owner reads what the node printed for the old one")
		}
	})
}

// TestConsoleStopped shows that a console ends when it is stopped, its controller is disabled, or the server stops.
func TestConsoleStopped(t *testing.T) {
	t.Parallel()
	s := newHouse(t, "", nil).scene(t)
	s.node("n1~")
	s.root.ok("POST", "/node/n1~/power_on", "")
	v := s.root.watch("/node/n1~/console")
	v.shows(t, "boot number 1")
	s.root.empty("DELETE", "/node/n1~/console", "")
	v.ends(t)
	v = s.root.watch("/node/n1~/console")
	v.shows(t, "boot number 1")
	s.root.ok("PUT", "/node/n1~/obm", `{"enabled": false}`)
	v.ends(t)
	s.root.ok("PUT", "/node/n1~/obm", `{"enabled": true}`)
	v = s.root.watch("/node/n1~/console")
	v.shows(t, "boot number 1")
	s.h.Stop()
	v.ends(t)
}
