package obmtest

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/obm"
)

func powerChecks() []check {
	return []check{
		{Name: "Open outlives its context", Run: outlivesContext},
		{Name: "PowerOn turns the node on", Run: turnsOn},
		{Name: "PowerOff turns the node off", Run: turnsOff},
		{Name: "PowerOn may be repeated", Run: turnsOnTwice},
		{Name: "PowerOff may be repeated", Run: turnsOffTwice},
		{Name: "PowerCycle turns on a node that is off", Run: cyclesOffNode},
		{Name: "PowerCycle leaves a running node on", Run: cyclesRunningNode},
		{Name: "SetBootDevice takes every device", Run: takesBootDevices},
		{Name: "SetBootDevice refuses an unknown device", Run: refusesBootDevice},
		{Name: "A cancelled call returns", Run: cancelledReturns},
	}
}

func outlivesContext(t conformance.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := r.driver.Open(ctx, r.Target)
	cancel()
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if _, err = s.PowerStatus(t.Context()); err != nil {
		t.Errorf("PowerStatus, when the context of Open has ended: %v", err)
	}
	conformance.NoError(t, "Close", s.Close())
}

func turnsOn(t conformance.T, r *rig) {
	s := r.openClean(t)
	r.arrange(t, s, obm.PowerOff)
	conformance.NoError(t, "PowerOn", s.PowerOn(t.Context()))
	r.wantPower(t, s, "PowerOn", obm.PowerOn)
}

func turnsOff(t conformance.T, r *rig) {
	s := r.openClean(t)
	r.arrange(t, s, obm.PowerOn)
	conformance.NoError(t, "PowerOff", s.PowerOff(t.Context()))
	r.wantPower(t, s, "PowerOff", obm.PowerOff)
}

func turnsOnTwice(t conformance.T, r *rig) {
	s := r.openClean(t)
	r.arrange(t, s, obm.PowerOn)
	conformance.NoError(t, "PowerOn of a node that is on", s.PowerOn(t.Context()))
	r.wantPower(t, s, "a second PowerOn", obm.PowerOn)
}

func turnsOffTwice(t conformance.T, r *rig) {
	s := r.openClean(t)
	r.arrange(t, s, obm.PowerOff)
	conformance.NoError(t, "PowerOff of a node that is off", s.PowerOff(t.Context()))
	r.wantPower(t, s, "a second PowerOff", obm.PowerOff)
}

func cyclesOffNode(t conformance.T, r *rig) {
	s := r.openClean(t)
	for _, force := range []bool{false, true} {
		r.arrange(t, s, obm.PowerOff)
		conformance.NoError(t, "PowerCycle", s.PowerCycle(t.Context(), force))
		r.wantPower(t, s, "PowerCycle", obm.PowerOn)
	}
}

func cyclesRunningNode(t conformance.T, r *rig) {
	s := r.openClean(t)
	for _, force := range []bool{false, true} {
		r.arrange(t, s, obm.PowerOn)
		conformance.NoError(t, "PowerCycle", s.PowerCycle(t.Context(), force))
		r.wantPower(t, s, "PowerCycle", obm.PowerOn)
	}
}

func (r *rig) wantPower(t conformance.T, s obm.Session, after string, want obm.Power) {
	t.Helper()
	if !r.becomes(t, s, want) {
		got, err := s.PowerStatus(t.Context())
		t.Errorf("%v after %s the node is %s (error %v), want %s", r.Patience, after, got, err, want)
	}
}

func takesBootDevices(t conformance.T, r *rig) {
	s := r.open(t)
	for _, dev := range []obm.BootDevice{obm.BootPXE, obm.BootDisk, obm.BootNone} {
		conformance.NoError(t, "SetBootDevice "+string(dev), s.SetBootDevice(t.Context(), dev))
	}
}

func refusesBootDevice(t conformance.T, r *rig) {
	err := r.open(t).SetBootDevice(t.Context(), "floppy")
	conformance.WantCode(t, "SetBootDevice floppy", err, sdk.Invalid)
}

func cancelledReturns(t conformance.T, r *rig) {
	ctx := conformance.Cancelled(t.Context())
	for name, call := range map[string]func(s obm.Session){
		"PowerOff":      func(s obm.Session) { _ = s.PowerOff(ctx) },
		"PowerStatus":   func(s obm.Session) { _, _ = s.PowerStatus(ctx) },
		"SetBootDevice": func(s obm.Session) { _ = s.SetBootDevice(ctx, obm.BootNone) },
	} {
		s := r.open(t) // a session whose call was cancelled is not used again
		if !conformance.Returns(r.Patience, func() { call(s) }) {
			t.Errorf("%s has not returned %v after its context ended", name, r.Patience)
		}
	}
}
