package obmtest

import (
	"context"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/obm"
)

func consoleChecks() []check {
	return []check{
		{Name: "Console carries bytes", Run: carriesBytes},
		{Name: "Console is not taken from its holder", Run: isNotTaken},
		{Name: "Console can be opened again", Run: opensAgain},
		{Name: "Console ends with Close", Run: endsWithClose},
		{Name: "Console ends with its context", Run: endsWithContext},
		{Name: "Power works beside a console", Run: powerBesideConsole},
	}
}

// probe is typed into consoles. A login prompt takes it for a user's name, and nothing happens.
const probe = "haas-conformance"

func carriesBytes(t conformance.T, r *rig) {
	if !r.Echo {
		t.Skipf("the subject's console does not echo")
	}
	l := r.dial(t.Context(), t, r.openClean(t))
	if !l.echoes(t, probe) {
		t.Errorf("%q was written to the console and did not come back; it said %q", probe, l.said())
	}
}

// echoes types words and waits for them to come back.
func (l *line) echoes(t conformance.T, words string) bool {
	if _, err := l.Write([]byte(words + "\r")); err != nil {
		return false
	}
	return conformance.Eventually(t.Context(), l.patience, func() bool { return strings.Contains(l.said(), words) })
}

// alive reports whether the console still works, as far as can be seen.
func (r *rig) alive(t conformance.T, l *line) bool {
	if r.Echo {
		return l.echoes(t, probe+"-"+strconv.Itoa(len(l.said())))
	}
	return !l.hasEnded()
}

// dialAlive opens a console that works; without one the check is not judged, because the check on bytes says why.
func (r *rig) dialAlive(t conformance.T, s obm.Session) *line {
	t.Helper()
	l := r.dial(t.Context(), t, s)
	if !r.alive(t, l) {
		t.Skipf("not judged before the console carries bytes")
	}
	return l
}

func isNotTaken(t conformance.T, r *rig) {
	s := r.openClean(t)
	first := r.dialAlive(t, s)
	second, err := s.(obm.Consoler).Console(t.Context())
	if err == nil { // a controller for many viewers
		_ = second.Close()
	} else {
		conformance.WantCode(t, "a second Console", err, sdk.Busy)
	}
	if !r.alive(t, first) {
		t.Errorf("a second Console has ended the first")
	}
}

func opensAgain(t conformance.T, r *rig) {
	s := r.openClean(t)
	for range 3 {
		_ = r.dial(t.Context(), t, s).Close()
	}
}

func endsWithClose(t conformance.T, r *rig) {
	l := r.dial(t.Context(), t, r.openClean(t))
	_ = l.Close() // some lines complain when they are cut
	if !l.ends(t) {
		t.Errorf("%v after Close the console can still be read", r.Patience)
	}
}

func endsWithContext(t conformance.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := r.dial(ctx, t, r.openClean(t))
	cancel()
	if !l.ends(t) {
		t.Errorf("%v after its context ended the console can still be read", r.Patience)
	}
}

func powerBesideConsole(t conformance.T, r *rig) {
	s := r.openClean(t)
	l := r.dialAlive(t, s)
	if _, err := s.PowerStatus(t.Context()); err != nil {
		t.Errorf("PowerStatus beside a console: %v", err)
	}
	if !r.alive(t, l) {
		t.Errorf("PowerStatus has ended the console")
	}
}
