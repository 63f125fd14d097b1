package headnodetest

import (
	"context"
	"strconv"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

func consoleChecks() []check {
	return []check{
		{Name: "Console carries bytes", Run: carriesBytes},
		{Name: "Console is not taken from its holder", Run: isNotTaken},
		{Name: "Console can be opened again", Run: opensAgain},
		{Name: "Console ends with Close", Run: consoleEndsWithClose},
		{Name: "Console ends with its context", Run: consoleEndsWithContext},
		{Name: "Console ends with the machine", Run: consoleEndsWithMachine},
		{Name: "Console refuses a machine that does not run", Run: consoleOfStopped},
		{Name: "Console does not find an absent machine", Run: consoleOfAbsent},
		{Name: "TakeConsole takes the console from its holder", Run: takesConsole},
	}
}

// probe is typed into consoles. A login prompt takes it for a user's name, and nothing happens.
const probe = "haas-conformance"

// console opens the console of a machine.
func (r *rig) console(ctx context.Context, t conformance.T, s headnode.Session, id string) *conformance.Line {
	t.Helper()
	return r.dial(ctx, t, "Console", s.(headnode.Consoler).Console, id)
}

// alive reports whether the console still works, as far as can be seen.
func (r *rig) alive(t conformance.T, l *conformance.Line) bool {
	if r.Echo {
		return l.Echoes(t, probe+"-"+strconv.Itoa(len(l.Said())))
	}
	return !l.HasEnded()
}

func carriesBytes(t conformance.T, r *rig) {
	if !r.Echo {
		t.Skipf("the subject's consoles do not echo")
	}
	s := r.open(t)
	l := r.console(t.Context(), t, s, r.running(t, s))
	if !l.Echoes(t, probe) {
		t.Errorf("%q was written to the console and did not come back; it said %q", probe, l.Said())
	}
}

func isNotTaken(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	first := r.console(t.Context(), t, s, id)
	if !r.alive(t, first) {
		t.Skipf("not judged before the console carries bytes")
	}
	second, err := s.(headnode.Consoler).Console(t.Context(), id)
	if err == nil { // a host for many viewers
		_ = second.Close()
	} else {
		conformance.WantCode(t, "a second Console", err, sdk.Busy)
	}
	if !r.alive(t, first) {
		t.Errorf("a second Console has ended the first")
	}
}

func opensAgain(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	for range 3 {
		_ = r.console(t.Context(), t, s, id).Close()
	}
}

func consoleEndsWithClose(t conformance.T, r *rig) {
	s := r.open(t)
	l := r.console(t.Context(), t, s, r.running(t, s))
	_ = l.Close() // some lines complain when they are cut
	r.wantEnds(t, l, "Close")
}

func consoleEndsWithContext(t conformance.T, r *rig) {
	s := r.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := r.console(ctx, t, s, r.running(t, s))
	cancel()
	r.wantEnds(t, l, "its context ended")
}

func consoleEndsWithMachine(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	l := r.console(t.Context(), t, s, id)
	if s.Stop(t.Context(), id) != nil || !r.becomes(t, s, id, false) {
		t.Skipf("not judged before Stop stops a machine")
	}
	r.wantEnds(t, l, "Stop")
}

func consoleOfStopped(t conformance.T, r *rig) {
	s := r.open(t)
	wantNone(t, "Console of a machine that does not run", s.(headnode.Consoler).Console, r.machine(t, s), sdk.Refused)
}

func consoleOfAbsent(t conformance.T, r *rig) {
	wantNone(t, "Console of an absent machine", r.open(t).(headnode.Consoler).Console, newID(), sdk.NotFound)
}

func takesConsole(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	holder := r.console(t.Context(), t, s, id)
	rw, err := s.(headnode.ConsoleTaker).TakeConsole(t.Context(), id)
	able(t, err)
	if err != nil {
		t.Fatalf("TakeConsole: %v", err)
	}
	taker := conformance.Listen(t, rw, r.Patience)
	r.wantEnds(t, holder, "TakeConsole")
	if taker.HasEnded() {
		t.Errorf("the console that was taken has ended")
	}
}
