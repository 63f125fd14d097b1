package headnodetest

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

// userData is a secret of the machine's, which the driver must keep.
const userData = "#!/bin/sh\n: haas-kit-user-data\n"

func seedChecks() []check {
	return []check{
		{Name: "CreateSeeded makes a machine that is off", Run: seeds},
		{Name: "CreateSeeded leaves an existing machine as it is", Run: seedsTwice},
		{Name: "CreateSeeded refuses an unknown image", Run: refusesImageForSeed},
		{Name: "Delete removes a machine with a seed", Run: deletesSeeded},
	}
}

// seeded makes a machine with a seed. Without the ability the check is skipped.
func (r *rig) seeded(ctx context.Context, t conformance.T, s headnode.Session, spec headnode.Spec) error {
	t.Helper()
	r.driver.w.Keep(userData)
	err := s.(headnode.Seeder).CreateSeeded(ctx, spec, headnode.Seed{
		Hostname: "haas-kit", SSHKeys: []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"}, UserData: userData,
	})
	able(t, err)
	return err
}

func seeds(t conformance.T, r *rig) {
	s := r.open(t)
	spec := r.spec(t, s)
	conformance.NoError(t, "CreateSeeded", r.seeded(t.Context(), t, s, spec))
	state, err := s.State(t.Context(), spec.ID)
	if err != nil || state.Running {
		t.Errorf("after CreateSeeded: running %t, error %v; want a machine that is off", state.Running, err)
	}
}

func seedsTwice(t conformance.T, r *rig) {
	s := r.open(t)
	spec := r.spec(t, s)
	if r.seeded(t.Context(), t, s, spec) != nil || s.Start(t.Context(), spec.ID) != nil || !r.becomes(t, s, spec.ID, true) {
		t.Skipf("not judged before CreateSeeded and Start work")
	}
	conformance.NoError(t, "CreateSeeded of a machine that exists", r.seeded(t.Context(), t, s, spec))
	if state, err := s.State(t.Context(), spec.ID); err != nil || !state.Running {
		t.Errorf("after a second CreateSeeded: running %t, error %v; want the machine as it was", state.Running, err)
	}
}

func refusesImageForSeed(t conformance.T, r *rig) {
	s := r.open(t)
	spec := r.spec(t, s)
	spec.Image = "haas-no-such-image"
	conformance.WantCode(t, "CreateSeeded from an unknown image", r.seeded(t.Context(), t, s, spec), sdk.Invalid)
	if _, err := s.State(t.Context(), spec.ID); err == nil {
		t.Errorf("CreateSeeded from an unknown image has left a machine behind")
	}
}

func deletesSeeded(t conformance.T, r *rig) {
	s := r.open(t)
	plain := r.machine(t, s)
	_ = s.Delete(t.Context(), plain)
	if _, err := s.State(t.Context(), plain); sdk.CodeOf(err) != sdk.NotFound {
		t.Skipf("not judged before Delete removes a machine without one")
	}
	spec := r.spec(t, s)
	if r.seeded(t.Context(), t, s, spec) != nil {
		t.Skipf("not judged before CreateSeeded makes a machine")
	}
	conformance.NoError(t, "Delete of a machine with a seed", s.Delete(t.Context(), spec.ID))
	_, err := s.State(t.Context(), spec.ID)
	conformance.WantCode(t, "State of a machine with a seed that was deleted", err, sdk.NotFound)
}
