package headnodetest

import (
	"regexp"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

func screenChecks() []check {
	return []check{
		{Name: "Screen speaks of its version", Run: screenSpeaks},
		{Name: "Screen asks for no password", Run: screenIsOpen},
		{Name: "Screen ends with Close", Run: screenEndsWithClose},
		{Name: "Screen ends with the machine", Run: screenEndsWithMachine},
		{Name: "Screen refuses a machine that does not run", Run: screenOfStopped},
		{Name: "Screen does not find an absent machine", Run: screenOfAbsent},
	}
}

// The beginning of the remote framebuffer protocol (RFC 6143, 7.1).
const (
	protocol  = "RFB 003.008\n"
	noneAtAll = "\x01" // the kind of security that asks for nothing
)

// greeting is the version of a screen.
var greeting = regexp.MustCompile(`\ARFB \d{3}\.\d{3}\n`)

func (r *rig) screen(t conformance.T, s headnode.Session, id string) *conformance.Line {
	t.Helper()
	return r.dial(t.Context(), t, "Screen", s.(headnode.Screener).Screen, id)
}

func (r *rig) greets(t conformance.T, l *conformance.Line) bool {
	return conformance.Eventually(t.Context(), r.Patience, func() bool { return greeting.MatchString(l.Said()) })
}

func screenSpeaks(t conformance.T, r *rig) {
	s := r.open(t)
	if l := r.screen(t, s, r.running(t, s)); !r.greets(t, l) {
		t.Errorf("Screen says %q, want the version of its protocol", l.Said())
	}
}

func screenIsOpen(t conformance.T, r *rig) {
	s := r.open(t)
	l := r.screen(t, s, r.running(t, s))
	if !r.greets(t, l) {
		t.Skipf("not judged before Screen speaks of its version")
	}
	_, _ = l.Write([]byte(protocol)) // whether it was taken shows what follows
	var kinds string
	if !conformance.Eventually(t.Context(), r.Patience, func() bool {
		kinds = l.Said()[len(protocol):]
		return kinds != "" && len(kinds) > int(kinds[0])
	}) || !strings.Contains(kinds[1:], noneAtAll) {
		t.Errorf("Screen offers the kinds of security %q, want 1, none", kinds)
	}
}

func screenEndsWithClose(t conformance.T, r *rig) {
	s := r.open(t)
	l := r.screen(t, s, r.running(t, s))
	_ = l.Close() // some lines complain when they are cut
	r.wantEnds(t, l, "Close")
}

func screenEndsWithMachine(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	l := r.screen(t, s, id)
	if s.Stop(t.Context(), id) != nil || !r.becomes(t, s, id, false) {
		t.Skipf("not judged before Stop stops a machine")
	}
	r.wantEnds(t, l, "Stop")
}

func screenOfStopped(t conformance.T, r *rig) {
	s := r.open(t)
	wantNone(t, "Screen of a machine that does not run", s.(headnode.Screener).Screen, r.machine(t, s), sdk.Refused)
}

func screenOfAbsent(t conformance.T, r *rig) {
	wantNone(t, "Screen of an absent machine", r.open(t).(headnode.Screener).Screen, newID(), sdk.NotFound)
}
