package netswitchtest

import (
	"maps"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

func portChecks() []check {
	return []check{
		{Name: "ValidatePort keeps the device's own names", Run: keepsOwnNames},
		{Name: "ValidatePort knows other spellings", Run: knowsSpellings},
		{Name: "ValidatePort refuses hostile names", Run: refusesHostileNames},
	}
}

func keepsOwnNames(t conformance.T, r *rig) {
	for _, port := range r.Ports {
		wantName(t, r, port, port)
	}
}

func knowsSpellings(t conformance.T, r *rig) {
	if len(r.Spellings) == 0 {
		t.Skipf("the subject has no other spellings of its ports")
	}
	for _, spelling := range slices.Sorted(maps.Keys(r.Spellings)) {
		wantName(t, r, spelling, r.Spellings[spelling])
	}
}

func wantName(t conformance.T, r *rig, spelling, want string) {
	got, err := r.driver.ValidatePort(t.Context(), r.Target, spelling)
	if err != nil || got != want {
		t.Errorf("ValidatePort(%q) = %q, %v; want %q", spelling, got, err, want)
	}
}

// refusesHostileNames tries what would become a second command if it were put into a line.
func refusesHostileNames(t conformance.T, r *rig) {
	port := r.Ports[0]
	for _, hostile := range []string{
		"",
		port + "\nno shutdown",
		port + "\r\nreload",
		port + "\x00",
		port + ";reload",
		port + " | redirect",
		port + " && reload",
		"`reload`",
		"$(reload)",
		"../" + port,
		port + "\u2028",
		strings.Repeat(port, 10_000/len(port)),
	} {
		_, err := r.driver.ValidatePort(t.Context(), r.Target, hostile)
		conformance.WantCode(t, "ValidatePort("+shown(hostile)+")", err, sdk.Invalid)
	}
}
