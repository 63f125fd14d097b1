package console_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

// headnode is a headnode on the site's device, and hubs that know how to open its line.
func (s *site) headnode(t *testing.T) (core.Headnode, func(*console.Config)) {
	t.Helper()
	must(t, s.CreateHeadnode(t.Context(), core.Headnode{Label: "h1", ProjectID: 1, UUID: "u1", Frozen: true}))
	h, err := s.Headnode(t.Context(), "h1")
	must(t, err)
	return h, func(c *console.Config) {
		c.OpenHeadnode = func(ctx context.Context, now core.Headnode, take bool) (io.ReadWriteCloser, error) {
			if now != h {
				t.Errorf("asked to open %+v, want %+v", now, h)
			}
			return s.d.connect(ctx, core.Node{}, take)
		}
	}
}

// viewHeadnode views the headnode's console, as the database says it is.
func (s *site) viewHeadnode(t *testing.T, on *console.Hub) (*console.Viewer, error) {
	t.Helper()
	h, server, err := s.HeadnodeConsole(t.Context(), "h1")
	must(t, err)
	return on.ViewHeadnode(t.Context(), h, server, all("ann"))
}

// TestHeadnodesShareTheHub has a node and a headnode with one ID, whose consoles are apart; that of the headnode is open on
// one server, and ends with it.
func TestHeadnodesShareTheHub(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, open := s.headnode(t)
	if h.ID != s.n.ID {
		t.Fatalf("the IDs are %d and %d; the test wants them to be the same", h.ID, s.n.ID)
	}
	a := s.running(t, open, func(c *console.Config) { c.Address = "http://a:5000" })
	b := s.hub(t, open)
	v, err := s.viewHeadnode(t, a)
	must(t, err)
	s.d.print(t, "boot")
	wantRead(t, v, "boot")
	other, err := s.viewHeadnode(t, a)
	must(t, err)
	wantRead(t, other, "boot")

	_, err = s.viewHeadnode(t, b)
	e, ok := errors.AsType[*console.ElsewhereError](err)
	if !ok || e.Address != "http://a:5000" || e.Of != "headnode h1" {
		t.Errorf("on another server: %v", err)
	}
	_, server, err := s.HeadnodeConsole(t.Context(), "h1")
	must(t, err)
	if text, err := a.RecallHeadnode(t.Context(), h, server, console.All); err != nil || string(text) != "boot" {
		t.Errorf("recalled %q, %v", text, err)
	}
	if text, err := recall(t, s, a, console.All); err != nil || len(text) != 0 {
		t.Errorf("the node with the same ID printed %q, %v", text, err)
	}
	a.Forget(s.now(t), console.End{Reason: "the node's"})
	s.d.print(t, "!")
	wantRead(t, v, "!")
	a.ForgetHeadnode(h.ID, console.End{Reason: "deleted"})
	wantEnd(t, v, "", console.End{Reason: "deleted"})
	if text, err := a.RecallHeadnode(t.Context(), h, "", console.All); err != nil || len(text) != 0 {
		t.Errorf("after it was forgotten: %q, %v", text, err)
	}
}

// TestADeletedHeadnodesConsoleEnds also where another server deletes it.
func TestADeletedHeadnodesConsoleEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, open := s.headnode(t)
	a := s.running(t, open)
	v, err := s.viewHeadnode(t, a)
	must(t, err)
	must(t, s.DeleteHeadnode(t.Context(), h.ID))
	if _, err := io.ReadAll(v); err != nil {
		t.Error(err)
	}
	if _, err := a.ViewHeadnode(t.Context(), h, "", all("ann")); core.KindOf(err) != core.NotFound {
		t.Errorf("it is opened again: %v", err)
	}
	must(t, s.CreateHeadnode(t.Context(), core.Headnode{Label: "h1", ProjectID: 2, UUID: "u2"}))
	if _, err := a.ViewHeadnode(t.Context(), h, "", all("ann")); core.KindOf(err) != core.Unavailable {
		t.Errorf("another one of the name is opened: %v", err)
	}
}
