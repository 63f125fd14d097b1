package service_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core"
)

// TestALeftPortIsNotCabledToAnotherNode: whatever the port may still carry is somebody else's, and the node may be
// in use already.
func TestALeftPortIsNotCabledToAnotherNode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sw := get(w.s.Switch(t.Context(), "s1"))(t)
		port := get(w.s.Port(t.Context(), sw, "gi4"))(t)
		must(t, w.s.WantPort(t.Context(), port.ID))
		must(t, w.s.NotePortVLANs(t.Context(), []core.PortVLAN{{PortID: port.ID, VLAN: 102}}))
		wantKind(t, w.PortConnectNIC(w.admin, "s1", "gi4", "n1", "eth1"), core.Blocked)
		w.settle(t)
		must(t, w.PortConnectNIC(w.admin, "s1", "gi4", "n1", "eth1"))
	})
}
