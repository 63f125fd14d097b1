package headnodetest

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

const (
	// patience is the default of Subject.Patience.
	patience = 10 * time.Second
	// vlan is the default of Subject.VLAN.
	vlan = 101
	// firstCard is the name of the card that stands on a network.
	firstCard = "eth0"
)

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
	if s.VLAN == 0 {
		s.VLAN = vlan
	}
	w := &conformance.Witness{}
	driver := conformance.Source[headnode.Driver]{
		New: s.New, Binary: s.Binary, Kind: headnode.Kind, Plugin: headnode.Plugin{}, Config: s.Config,
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
func (r *rig) open(t conformance.T) headnode.Session {
	t.Helper()
	return conformance.Session(t, 0, r.driver.Open, r.Target)
}

// spec describes a machine nobody has made yet; should somebody, it is deleted with t.
func (r *rig) spec(t conformance.T, s headnode.Session) headnode.Spec {
	t.Helper()
	image := r.Image
	if image == "" {
		images, err := s.Images(t.Context())
		if err != nil || len(images) == 0 {
			t.Skipf("not judged before there are images")
		}
		image = images[0].Name
	}
	id := newID()
	after := context.WithoutCancel(t.Context())
	t.Cleanup(func() { _ = s.Delete(after, id) }) // as good as it gets
	nics := []headnode.NIC{{Label: firstCard, VLAN: r.VLAN}, {Label: "eth1"}}
	return headnode.Spec{ID: id, Image: image, NICs: nics}
}

func newID() string { return "headnode-" + uuid.NewString() }

// machine makes a machine a check starts from. If that fails the check is not judged, because the check on making
// machines says why.
func (r *rig) machine(t conformance.T, s headnode.Session) string {
	t.Helper()
	spec := r.spec(t, s)
	if err := s.Create(t.Context(), spec); err != nil {
		t.Skipf("not judged before Create makes a machine")
	}
	if state, err := s.State(t.Context(), spec.ID); err != nil || state.Running {
		t.Skipf("not judged before Create makes a machine")
	}
	return spec.ID
}

// running makes a machine that runs, as machine does.
func (r *rig) running(t conformance.T, s headnode.Session) string {
	t.Helper()
	id := r.machine(t, s)
	if err := s.Start(t.Context(), id); err != nil || !r.becomes(t, s, id, true) {
		t.Skipf("not judged before Start starts a machine")
	}
	return id
}

// becomes reports whether the machine runs, or does not, before long.
func (r *rig) becomes(t conformance.T, s headnode.Session, id string, running bool) bool {
	t.Helper()
	return conformance.Eventually(t.Context(), r.Patience, func() bool {
		state, err := s.State(t.Context(), id)
		return err == nil && state.Running == running
	})
}
