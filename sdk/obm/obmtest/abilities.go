package obmtest

import (
	"math"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// abilityChecks are skipped for what the driver, or the controller, cannot do. A watched session has
// every method, those of consoles excepted.
func abilityChecks() []check {
	return []check{
		{Name: "SetNextBootDevice takes every device", Run: takesNextBootDevices},
		{Name: "SetNextBootDevice refuses an unknown device", Run: refusesNextBootDevice},
		{Name: "Sensors have names and finite values", Run: sensorsAreSane},
		{Name: "Inventory says something of each part", Run: inventoryIsSane},
		{Name: "Identify lights the lamp and puts it out", Run: identifies},
		{Name: "Identify refuses less than nothing", Run: refusesNegativeTime},
		{Name: "TakeConsole takes the console from its holder", Run: takesConsole},
		{Name: "TakeConsole opens a console that nobody holds", Run: takesFreeConsole},
	}
}

// able skips the check if err says that an ability is missing.
func able(t conformance.T, err error) {
	t.Helper()
	if sdk.CodeOf(err) == sdk.Unsupported {
		t.Skipf("an ability is missing: %v", err)
	}
}

func takesNextBootDevices(t conformance.T, r *rig) {
	b := r.open(t).(obm.NextBooter)
	for _, dev := range []obm.BootDevice{obm.BootPXE, obm.BootDisk, obm.BootNone} {
		err := b.SetNextBootDevice(t.Context(), dev)
		able(t, err)
		conformance.NoError(t, "SetNextBootDevice "+string(dev), err)
	}
}

func refusesNextBootDevice(t conformance.T, r *rig) {
	b := r.open(t).(obm.NextBooter)
	err := b.SetNextBootDevice(t.Context(), "floppy")
	able(t, err)
	conformance.WantCode(t, "SetNextBootDevice floppy", err, sdk.Invalid)
}

func sensorsAreSane(t conformance.T, r *rig) {
	sensors, err := r.open(t).(obm.SensorReader).Sensors(t.Context())
	able(t, err)
	conformance.NoError(t, "Sensors", err)
	for i, s := range sensors {
		if s.Name == "" {
			t.Errorf("sensor %d has no name", i)
		}
		if s.Value != nil && (math.IsNaN(*s.Value) || math.IsInf(*s.Value, 0)) {
			t.Errorf("the sensor %q reads %v", s.Name, *s.Value)
		}
	}
}

func inventoryIsSane(t conformance.T, r *rig) {
	parts, err := r.open(t).(obm.Inventorier).Inventory(t.Context())
	able(t, err)
	conformance.NoError(t, "Inventory", err)
	for i, p := range parts {
		if p == (obm.Part{}) {
			t.Errorf("nothing is said of part %d", i)
		}
	}
}

func identifies(t conformance.T, r *rig) {
	s := r.open(t).(obm.Identifier)
	for _, d := range []time.Duration{time.Second, time.Second, 0, 0} { // each may be repeated
		err := s.Identify(t.Context(), d)
		able(t, err)
		conformance.NoError(t, "Identify "+d.String(), err)
	}
}

func refusesNegativeTime(t conformance.T, r *rig) {
	err := r.open(t).(obm.Identifier).Identify(t.Context(), -time.Second)
	able(t, err)
	conformance.WantCode(t, "Identify -1s", err, sdk.Invalid)
}

func takesConsole(t conformance.T, r *rig) {
	s := r.openClean(t)
	holder := r.dialAlive(t, s)
	taker := r.take(t, s)
	if !holder.Ends(t) {
		t.Errorf("%v after TakeConsole the holder's console can still be read", r.Patience)
	}
	if !r.alive(t, taker) {
		t.Errorf("the console that was taken does not work")
	}
}

func takesFreeConsole(t conformance.T, r *rig) {
	if l := r.take(t, r.openClean(t)); l.HasEnded() {
		t.Errorf("the console that was taken has ended")
	}
}

// take opens the console of s, whoever holds it.
func (r *rig) take(t conformance.T, s obm.Session) *conformance.Line {
	t.Helper()
	taker, ok := s.(obm.ConsoleTaker)
	if !ok {
		t.Skipf("the controller has no console")
	}
	rw, err := taker.TakeConsole(t.Context())
	able(t, err)
	if err != nil {
		t.Fatalf("TakeConsole: %v", err)
	}
	return conformance.Listen(t, rw, r.Patience)
}
