package headnodetest

import (
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

func deleteChecks() []check {
	return []check{
		{Name: "Delete removes a machine", Run: deletes},
		{Name: "Delete removes a machine that runs", Run: deletesRunning},
		{Name: "Delete of what is absent is a success", Run: deletesAbsent},
	}
}

func deletes(t conformance.T, r *rig) {
	s := r.open(t)
	wantDeleted(t, s, r.machine(t, s))
}

func deletesRunning(t conformance.T, r *rig) {
	s := r.open(t)
	wantDeleted(t, s, r.running(t, s))
}

func wantDeleted(t conformance.T, s headnode.Session, id string) {
	t.Helper()
	conformance.NoError(t, "Delete", s.Delete(t.Context(), id))
	if _, err := s.State(t.Context(), id); err == nil {
		t.Errorf("after Delete the machine is still there")
	}
}

func deletesAbsent(t conformance.T, r *rig) {
	conformance.NoError(t, "Delete of an absent machine", r.open(t).Delete(t.Context(), newID()))
}
