// A program cannot be imported, so its tests are inside.

package main

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

// plugsWhatIsSaved moves a card of a machine that its host has saved, as it may when it is shut down. It comes back with the card
// where it was moved to.
func plugsWhatIsSaved(t *testing.T, h *host) {
	s, spec := h.open(t, nil), spec(file, 104)
	must(t, s.Create(t.Context(), spec))
	must(t, s.Start(t.Context(), spec.ID))
	h.MustVirsh(t, "managedsave", spec.ID)
	must(t, s.Plug(t.Context(), spec.ID, headnode.NIC{Label: "eth0", VLAN: 104})) // where it is
	if state := h.MustVirsh(t, "dominfo", spec.ID); !strings.Contains(state, "Managed save:   yes") {
		t.Errorf("what was saved is gone though no card has moved: %s", state)
	}
	must(t, s.Plug(t.Context(), spec.ID, headnode.NIC{Label: "eth0", VLAN: 105}))
	h.MustVirsh(t, "start", spec.ID) // as libvirt does at boot
	if xml := h.MustVirsh(t, "dumpxml", spec.ID); !strings.Contains(xml, "<tag id='105'/>") || strings.Contains(xml, "<tag id='104'/>") {
		t.Errorf("it has come back on another VLAN: %s", xml)
	}
	must(t, s.Delete(t.Context(), spec.ID))
}

// deletesWhileStarting has libvirt start a machine, as it does at boot, before each call with which it is deleted.
func deletesWhileStarting(t *testing.T, h *host) {
	h.beforeEachCall(t, 5,
		func(_ *session, id string) { _, _ = h.Virsh(t.Context(), "start", id) }, // when its disk is gone, it cannot
		func(s *session, id string) { must(t, s.Delete(t.Context(), id)) },
		func(_ *session, id string, _ bool) { h.wantGone(t, id) })
}
