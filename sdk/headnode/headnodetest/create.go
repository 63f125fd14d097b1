package headnodetest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

func createChecks() []check {
	return []check{
		{Name: "Open outlives its context", Run: outlivesContext},
		{Name: "Images are sorted", Run: imagesAreSorted},
		{Name: "Create makes a machine that is off", Run: createsMachine},
		{Name: "Create leaves an existing machine as it is", Run: createsTwice},
		{Name: "Create refuses an unknown image", Run: refusesImage},
		{Name: "Create works beside others", Run: createsBesideOthers},
	}
}

func outlivesContext(t conformance.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := r.driver.Open(ctx, r.Target)
	cancel()
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	_, err = s.State(t.Context(), newID())
	if sdk.CodeOf(err) == sdk.Internal {
		t.Errorf("State, when the context of Open has ended: %v", err)
	}
	conformance.NoError(t, "Close", s.Close())
}

func imagesAreSorted(t conformance.T, r *rig) {
	images, err := r.open(t).Images(t.Context())
	if err != nil {
		t.Fatalf("Images: %v", err)
	}
	if len(images) == 0 {
		t.Errorf("Images: there is none")
	}
	byName := func(a, b headnode.Image) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(images, byName) {
		t.Errorf("Images are not sorted by name: %+v", images)
	}
}

func createsMachine(t conformance.T, r *rig) {
	s := r.open(t)
	spec := r.spec(t, s)
	conformance.NoError(t, "Create", s.Create(t.Context(), spec))
	state, err := s.State(t.Context(), spec.ID)
	if err != nil || state.Running {
		t.Errorf("after Create: running %t, error %v; want a machine that is off", state.Running, err)
	}
}

func createsTwice(t conformance.T, r *rig) {
	s := r.open(t)
	spec := r.spec(t, s)
	if s.Create(t.Context(), spec) != nil || s.Start(t.Context(), spec.ID) != nil || !r.becomes(t, s, spec.ID, true) {
		t.Skipf("not judged before Create and Start work")
	}
	conformance.NoError(t, "Create of a machine that exists", s.Create(t.Context(), spec))
	if state, err := s.State(t.Context(), spec.ID); err != nil || !state.Running {
		t.Errorf("after a second Create: running %t, error %v; want the machine as it was", state.Running, err)
	}
}

func refusesImage(t conformance.T, r *rig) {
	s := r.open(t)
	spec := r.spec(t, s)
	spec.Image = "haas-no-such-image"
	conformance.WantCode(t, "Create from an unknown image", s.Create(t.Context(), spec), sdk.Invalid)
	if _, err := s.State(t.Context(), spec.ID); err == nil {
		t.Errorf("Create from an unknown image has left a machine behind")
	}
}

func createsBesideOthers(t conformance.T, r *rig) {
	s := r.open(t)
	r.machine(t, s)
	specs := []headnode.Spec{r.spec(t, s), r.spec(t, s), r.spec(t, s)}
	errs := make([]error, len(specs))
	var all sync.WaitGroup
	for i, spec := range specs {
		all.Go(func() { errs[i] = s.Create(t.Context(), spec) })
	}
	all.Wait()
	for i, spec := range specs {
		conformance.NoError(t, "Create beside others", errs[i])
		if _, err := s.State(t.Context(), spec.ID); err != nil {
			t.Errorf("State of a machine created beside others: %v", err)
		}
	}
}
