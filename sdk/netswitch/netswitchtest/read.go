package netswitchtest

import (
	"context"
	"fmt"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func readChecks() []check {
	return []check{
		{Name: "Open outlives its context", Run: outlivesContext},
		{Name: "Read answers in order", Run: readsInOrder},
		{Name: "Read does not find an absent port", Run: doesNotFindAbsent},
		{Name: "A cancelled call returns", Run: cancelledReturns},
		{Name: "Save may be repeated", Run: savesTwice},
	}
}

func outlivesContext(t conformance.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := r.driver.Open(ctx, r.Target)
	cancel()
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if _, err = s.Read(t.Context(), r.Ports); err != nil {
		t.Errorf("Read, when the context of Open has ended: %v", err)
	}
	conformance.NoError(t, "Close", s.Close())
}

func readsInOrder(t conformance.T, r *rig) {
	backwards := slices.Clone(r.Ports)
	slices.Reverse(backwards)
	for _, ports := range [][]string{r.Ports, backwards} {
		states, err := r.open(t).Read(t.Context(), ports)
		if err != nil {
			t.Fatalf("Read: %v", err)
		}
		got := make([]string, len(states))
		for i, s := range states {
			got[i] = s.Port
		}
		if !slices.Equal(got, ports) {
			t.Errorf("Read of %q answers for %q", ports, got)
		}
	}
}

func doesNotFindAbsent(t conformance.T, r *rig) {
	if r.Absent == "" {
		t.Skipf("the subject names no absent port")
	}
	_, err := r.open(t).Read(t.Context(), []string{r.Absent})
	conformance.WantCode(t, "Read of port "+r.Absent, err, sdk.NotFound)
}

func cancelledReturns(t conformance.T, r *rig) {
	ctx := conformance.Cancelled(t.Context())
	calls := map[string]func(s netswitch.Session){
		"Read":  func(s netswitch.Session) { _, _ = s.Read(ctx, r.Ports) },
		"Plan":  func(s netswitch.Session) { _, _ = s.Plan(ctx, []netswitch.PortState{r.access(r.Ports[0])}) },
		"Apply": func(s netswitch.Session) { _, _ = s.Apply(ctx, []netswitch.PortState{netswitch.Closed(r.Ports[0])}) },
		"Save":  func(s netswitch.Session) { _ = s.Save(ctx) },
	}
	for name, call := range calls {
		s := r.open(t) // a session whose call was cancelled is not used again
		if !conformance.Returns(r.Patience, func() { call(s) }) {
			t.Errorf("%s has not returned %v after its context ended", name, r.Patience)
		}
	}
}

func savesTwice(t conformance.T, r *rig) {
	s := r.open(t)
	conformance.NoError(t, "Save", s.Save(t.Context()))
	conformance.NoError(t, "second Save", s.Save(t.Context()))
}

// shown is s for a message, shortened.
func shown(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%q and more, %d bytes", s[:most], len(s))
	}
	return fmt.Sprintf("%q", s)
}
