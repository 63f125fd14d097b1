package netswitchtest

import (
	"slices"

	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func planChecks() []check {
	return []check{
		{Name: "Plan tells of a change", Run: tellsOfChange},
		{Name: "Plan changes nothing", Run: changesNothing},
		{Name: "Plan says the same twice", Run: saysSameTwice},
	}
}

func tellsOfChange(t conformance.T, r *rig) {
	s := r.openClean(t)
	arrange(t, s, r.access(r.Ports[0]))
	if len(plan(t, s, r.trunk(r.Ports[0]))) == 0 {
		t.Errorf("Plan of a change is empty")
	}
}

func changesNothing(t conformance.T, r *rig) {
	s, before := r.openClean(t), r.access(r.Ports[0])
	arrange(t, s, before)
	plan(t, s, r.trunk(r.Ports[0]))
	shows(t, s, before)
}

// saysSameTwice allows a plan for what is there already, if the driver sends whole states.
func saysSameTwice(t conformance.T, r *rig) {
	s, there := r.openClean(t), r.trunk(r.Ports[0])
	arrange(t, s, there)
	first, second := plan(t, s, there), plan(t, s, there)
	if !slices.Equal(first, second) {
		t.Errorf("Plan of what is there already says %q, and then %q", first, second)
	}
}

func plan(t conformance.T, s netswitch.Session, want netswitch.PortState) []string {
	t.Helper()
	lines, err := s.Plan(t.Context(), []netswitch.PortState{want})
	if err != nil {
		t.Fatalf("Plan: %v", err)
	}
	return lines
}
