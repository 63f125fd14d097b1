package obmtest

import (
	"context"
	"io"
	"strconv"

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
	if !l.Echoes(t, probe) {
		t.Errorf("%q was written to the console and did not come back; it said %q", probe, l.Said())
	}
}

// dial opens the console of s, when it is not busy. Without a console the check is skipped.
func (r *rig) dial(ctx context.Context, t conformance.T, s obm.Session) *conformance.Line {
	t.Helper()
	c, ok := s.(obm.Consoler)
	if !ok {
		t.Skipf("the controller has no console")
	}
	var rw io.ReadWriteCloser
	var err error
	conformance.Eventually(ctx, r.Patience, func() bool {
		rw, err = c.Console(ctx)
		return err == nil || sdk.CodeOf(err) != sdk.Busy
	})
	if err != nil {
		t.Fatalf("Console: %v", err)
	}
	return conformance.Listen(t, rw, r.Patience)
}

// alive reports whether the console still works, as far as can be seen.
func (r *rig) alive(t conformance.T, l *conformance.Line) bool {
	if r.Echo {
		return l.Echoes(t, probe+"-"+strconv.Itoa(len(l.Said())))
	}
	return !l.HasEnded()
}

// dialAlive opens a console that works; without one the check is not judged, because the check on bytes says why.
func (r *rig) dialAlive(t conformance.T, s obm.Session) *conformance.Line {
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
	if !l.Ends(t) {
		t.Errorf("%v after Close the console can still be read", r.Patience)
	}
}

func endsWithContext(t conformance.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := r.dial(ctx, t, r.openClean(t))
	cancel()
	if !l.Ends(t) {
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
