// A program cannot be imported, so its tests are inside.

package main

import "testing"

// deletesWhileStarting has libvirt start a machine, as it does at boot, before each call with which it is deleted.
func deletesWhileStarting(t *testing.T, h *host) {
	p := newTrap(t, h)
	p.passes = true
	s, direct := h.open(t, map[string]any{"uri": p.URI()}), h.open(t, nil)
	calls := 0
	for done := false; !done; calls++ {
		spec := spec(file, 104)
		must(t, direct.Create(t.Context(), spec))
		p.set(calls, func() { _, _ = h.Virsh(t.Context(), "start", spec.ID) }) // when its disk is gone, it cannot
		must(t, s.Delete(t.Context(), spec.ID))
		done = !p.sprung()
		h.wantGone(t, spec.ID)
	}
	if calls < 5 {
		t.Errorf("the trap has seen %d calls", calls)
	}
	t.Logf("started before each of %d calls", calls-1)
}
