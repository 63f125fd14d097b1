package headnodetest

import (
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

func powerChecks() []check {
	return []check{
		{Name: "Start starts a machine", Run: starts},
		{Name: "Start may be repeated", Run: startsTwice},
		{Name: "Start does not find an absent machine", Run: startsAbsent},
		{Name: "Stop stops a machine", Run: stops},
		{Name: "Stop refuses a machine that does not run", Run: stopsStopped},
		{Name: "Stop does not find an absent machine", Run: stopsAbsent},
		{Name: "State does not find an absent machine", Run: stateOfAbsent},
		{Name: "A cancelled call returns", Run: cancelledReturns},
	}
}

func starts(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.machine(t, s)
	conformance.NoError(t, "Start", s.Start(t.Context(), id))
	if !r.becomes(t, s, id, true) {
		t.Errorf("%v after Start the machine does not run", r.Patience)
	}
}

func startsTwice(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	conformance.NoError(t, "Start of a machine that runs", s.Start(t.Context(), id))
	if !r.becomes(t, s, id, true) {
		t.Errorf("a second Start has stopped the machine")
	}
}

func startsAbsent(t conformance.T, r *rig) {
	conformance.WantCode(t, "Start of an absent machine", r.open(t).Start(t.Context(), newID()), sdk.NotFound)
}

func stops(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	conformance.NoError(t, "Stop", s.Stop(t.Context(), id))
	if !r.becomes(t, s, id, false) {
		t.Errorf("%v after Stop the machine still runs", r.Patience)
	}
}

func stopsStopped(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.machine(t, s)
	conformance.WantCode(t, "Stop of a machine that does not run", s.Stop(t.Context(), id), sdk.Refused)
}

func stopsAbsent(t conformance.T, r *rig) {
	conformance.WantCode(t, "Stop of an absent machine", r.open(t).Stop(t.Context(), newID()), sdk.NotFound)
}

func stateOfAbsent(t conformance.T, r *rig) {
	_, err := r.open(t).State(t.Context(), newID())
	conformance.WantCode(t, "State of an absent machine", err, sdk.NotFound)
}

func cancelledReturns(t conformance.T, r *rig) {
	ctx := conformance.Cancelled(t.Context())
	for name, call := range map[string]func(s headnode.Session, id string){
		"Images": func(s headnode.Session, _ string) { _, _ = s.Images(ctx) },
		"Start":  func(s headnode.Session, id string) { _ = s.Start(ctx, id) },
		"State":  func(s headnode.Session, id string) { _, _ = s.State(ctx, id) },
		"Delete": func(s headnode.Session, id string) { _ = s.Delete(ctx, id) },
	} {
		s := r.open(t)
		if !conformance.Returns(r.Patience, func() { call(s, newID()) }) {
			t.Errorf("%s has not returned %v after its context ended", name, r.Patience)
		}
	}
}
