package obmtest

import (
	"context"
	"io"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// patience is the default of Subject.Patience: a Redfish controller was seen to take 46 s to turn a node on.
const patience = time.Minute

// rig is one check's view of the subject.
type rig struct {
	Subject
	driver watched
}

// newBench makes the rigs of one run, which share a witness and, if there is one, the launched program.
func newBench(t conformance.T, s Subject) func(conformance.T) *rig {
	t.Helper()
	if s.Patience == 0 {
		s.Patience = patience
	}
	w := &conformance.Witness{}
	driver := conformance.Source[obm.Driver]{
		New: s.New, Binary: s.Binary, Kind: obm.Kind, Plugin: obm.Plugin{}, Config: s.Config,
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
func (r *rig) open(t conformance.T) obm.Session {
	t.Helper()
	return conformance.Session(t, r.Patience, r.driver.Open, r.Target)
}

// openClean is open; the node is turned off before the session ends.
func (r *rig) openClean(t conformance.T) obm.Session {
	t.Helper()
	s := r.open(t)
	after := context.WithoutCancel(t.Context())
	t.Cleanup(func() { _ = s.PowerOff(after) }) // as good as it gets
	return s
}

// becomes reports whether the node's power is want before long. A controller that does not know is believed.
func (r *rig) becomes(t conformance.T, s obm.Session, want obm.Power) bool {
	t.Helper()
	return conformance.Eventually(t.Context(), r.Patience, func() bool {
		got, err := s.PowerStatus(t.Context())
		return err == nil && (got == want || got == obm.PowerUnknown)
	})
}

// arrange brings the node into the state a check starts from. If that fails the check is not judged, because the check
// on reaching that state says why.
func (r *rig) arrange(t conformance.T, s obm.Session, want obm.Power) {
	t.Helper()
	turn := s.PowerOff
	if want == obm.PowerOn {
		turn = s.PowerOn
	}
	if now, err := s.PowerStatus(t.Context()); err == nil && now == want {
		return
	}
	if err := turn(t.Context()); err != nil || !r.becomes(t, s, want) {
		t.Skipf("not judged before the node can be turned %s", want)
	}
}
