package netswitchtest

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// patience is the default of Subject.Patience.
const patience = 10 * time.Second

// rig is one check's view of the subject.
type rig struct {
	Subject
	driver watched
}

// newBench makes the rigs of one run, which share a witness and, if there is one, the launched program.
func newBench(t conformance.T, s Subject) func(conformance.T) *rig {
	t.Helper()
	if s.VLANs == nil {
		s.VLANs = []int{101, 102, 103}
	}
	if s.Patience == 0 {
		s.Patience = patience
	}
	w := &conformance.Witness{}
	driver := conformance.Source[netswitch.Driver]{
		New: s.New, Binary: s.Binary, Kind: netswitch.Kind, Plugin: netswitch.Plugin{}, Config: s.Config,
	}.Open(t, w.Log())
	return func(t conformance.T) *rig { return &rig{Subject: s, driver: watched{Driver: driver(t), w: w}} }
}

// subject is what the checks of all contracts want to know.
func (r *rig) subject() *conformance.Subject {
	return &conformance.Subject{
		Driver:  r.driver,
		Open:    func(ctx context.Context, target sdk.Target) (io.Closer, error) { return r.driver.Open(ctx, target) },
		Target:  r.Target,
		Binary:  r.Binary,
		Witness: r.driver.w,
	}
}

// open gives a session that ends with t.
func (r *rig) open(t conformance.T) netswitch.Session {
	t.Helper()
	return conformance.Session(t, r.Patience, r.driver.Open, r.Target)
}

// openClean is open; the ports are closed before the session ends.
func (r *rig) openClean(t conformance.T) netswitch.Session {
	t.Helper()
	s := r.open(t)
	after := context.WithoutCancel(t.Context())
	t.Cleanup(func() {
		for _, port := range r.Ports {
			_, _ = s.Apply(after, []netswitch.PortState{netswitch.Closed(port)}) // as good as it gets
		}
	})
	return s
}

// trunk is a state of port with an untagged and two tagged VLANs, access one with an untagged VLAN only.
func (r *rig) trunk(port string) netswitch.PortState {
	v := slices.Sorted(slices.Values(r.VLANs[1:3]))
	return netswitch.PortState{Port: port, Native: r.VLANs[0], Tagged: v, Up: true}
}

func (r *rig) access(port string) netswitch.PortState {
	return netswitch.PortState{Port: port, Native: r.VLANs[0], Up: true}
}

// other is a third state of port, which shares one tagged VLAN with trunk.
func (r *rig) other(port string) netswitch.PortState {
	return netswitch.PortState{Port: port, Native: r.VLANs[1], Tagged: []int{r.VLANs[2]}, Up: true}
}

// apply wants the driver to accept every state.
func apply(t conformance.T, s netswitch.Session, want ...netswitch.PortState) {
	t.Helper()
	results, err := s.Apply(t.Context(), want)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	if len(results) != len(want) {
		t.Fatalf("Apply: %d results for %d ports", len(results), len(want))
	}
	for _, r := range results {
		if r.Err != nil {
			t.Errorf("Apply: port %s: %v", r.Port, r.Err)
		}
	}
}

// shows wants the device to have every state.
func shows(t conformance.T, s netswitch.Session, want ...netswitch.PortState) {
	t.Helper()
	for _, w := range want {
		got, err := s.Read(t.Context(), []string{w.Port})
		if err != nil || len(got) != 1 {
			t.Fatalf("Read: %d states, error %v", len(got), err)
		}
		if !got[0].Equal(w) {
			t.Errorf("Read: port %s is %+v, want %+v", w.Port, got[0], w)
		}
	}
}

// arrange brings the device into states a check starts from. If that fails the check is not judged, because the
// check on reaching a state says why.
func arrange(t conformance.T, s netswitch.Session, start ...netswitch.PortState) {
	t.Helper()
	for _, want := range start {
		results, err := s.Apply(t.Context(), []netswitch.PortState{want})
		if err != nil || len(results) != 1 || results[0].Err != nil {
			t.Skipf("not judged before Apply reaches a full state")
		}
		got, err := s.Read(t.Context(), []string{want.Port})
		if err != nil || len(got) != 1 || !got[0].Equal(want) {
			t.Skipf("not judged before Apply reaches a full state")
		}
	}
}
