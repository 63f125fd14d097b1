// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

// losesTheConnection cuts the connection to libvirtd before each call that making a machine with a seed takes, and wants that
// to be noticed at once: a call that waits until it may wait no longer ends with another error.
func losesTheConnection(t *testing.T, h *host) {
	p := newTrap(t, h)
	through := map[string]any{"uri": p.URI()}
	direct, cuts := h.open(t, nil), 0
	for done := false; !done; cuts++ {
		spec := spec(file, 104)
		p.set(never, nil) // let the connection through
		s := h.open(t, through)
		p.set(cuts, func() {})
		err := s.CreateSeeded(t.Context(), spec, seed)
		if done = !p.sprung(); done {
			must(t, err)
		} else {
			wantCode(t, err, sdk.Unavailable)
		}
		eventually(t, func() error { return direct.Delete(t.Context(), spec.ID) })
		h.wantGone(t, spec.ID)
	}
	t.Logf("lost at each of %d calls", cuts-1)
}
