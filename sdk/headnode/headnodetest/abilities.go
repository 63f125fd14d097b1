package headnodetest

import (
	"context"
	"io"
	"regexp"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

// abilityChecks are skipped for what the driver, or the host, cannot do. A watched session has every method.
func abilityChecks() []check {
	return slices.Concat(consoleChecks(), screenChecks(), roomChecks(), seedChecks(), []check{
		{Name: "Images say what they know", Run: imagesAreSane},
		{Name: "Plug moves a card of a machine that is off", Run: plugs},
		{Name: "Plug moves a card of a machine that runs", Run: plugsLive},
		{Name: "Plug does not find a card that the machine has not", Run: plugsAbsentCard},
		{Name: "Plug does not find an absent machine", Run: plugsAbsent},
	})
}

// able skips the check if err says that an ability is missing.
func able(t conformance.T, err error) {
	t.Helper()
	if sdk.CodeOf(err) == sdk.Unsupported {
		t.Skipf("an ability is missing: %v", err)
	}
}

// opener is Console, TakeConsole or Screen.
type opener func(ctx context.Context, id string) (io.ReadWriteCloser, error)

// dial opens a stream of a machine, when it is not busy. Without the ability the check is skipped.
func (r *rig) dial(ctx context.Context, t conformance.T, what string, open opener, id string) *conformance.Line {
	t.Helper()
	var rw io.ReadWriteCloser
	var err error
	conformance.Eventually(ctx, r.Patience, func() bool {
		rw, err = open(ctx, id)
		return err == nil || sdk.CodeOf(err) != sdk.Busy
	})
	able(t, err)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return conformance.Listen(t, rw, r.Patience)
}

// wantNone fails unless open refuses a machine with the code.
func wantNone(t conformance.T, what string, open opener, id string, code sdk.Code) {
	t.Helper()
	line, err := open(t.Context(), id)
	able(t, err)
	conformance.WantCode(t, what, err, code)
	if err == nil {
		_ = line.Close()
	}
}

// wantEnds fails unless the stream ends with what was done.
func (r *rig) wantEnds(t conformance.T, l *conformance.Line, what string) {
	t.Helper()
	if !l.Ends(t) {
		t.Errorf("%v after %s it can still be read", r.Patience, what)
	}
}

// checksum is the name of a sum, and the sum in hexadecimal digits.
var checksum = regexp.MustCompile(`\A[a-z0-9-]+:[0-9a-f]+\z`)

func imagesAreSane(t conformance.T, r *rig) {
	images, err := r.open(t).Images(t.Context())
	if err != nil {
		t.Skipf("not judged before Images gives images")
	}
	for _, i := range images {
		if i.Size < 0 {
			t.Errorf("the image %q has %d bytes", i.Name, i.Size)
		}
		if i.Checksum != "" && !checksum.MatchString(i.Checksum) {
			t.Errorf("the image %q has the checksum %q; want the sum's name and the sum in hexadecimal digits", i.Name, i.Checksum)
		}
	}
}

// moves unplugs the first card of a machine, and plugs it in again. Each step may be repeated.
func (r *rig) moves(t conformance.T, s headnode.Session, id string) {
	t.Helper()
	for _, vlan := range []int{0, 0, r.VLAN, r.VLAN} {
		err := s.(headnode.Plugger).Plug(t.Context(), id, headnode.NIC{Label: firstCard, VLAN: vlan})
		able(t, err)
		conformance.NoError(t, "Plug", err)
	}
}

func plugs(t conformance.T, r *rig) {
	s := r.open(t)
	r.moves(t, s, r.machine(t, s))
}

func plugsLive(t conformance.T, r *rig) {
	s := r.open(t)
	id := r.running(t, s)
	r.moves(t, s, id)
	if !r.becomes(t, s, id, true) {
		t.Errorf("Plug has stopped the machine")
	}
}

func plugsAbsentCard(t conformance.T, r *rig) {
	s := r.open(t)
	err := s.(headnode.Plugger).Plug(t.Context(), r.machine(t, s), headnode.NIC{Label: "haas-no-such-card", VLAN: r.VLAN})
	able(t, err)
	conformance.WantCode(t, "Plug of a card that the machine has not", err, sdk.NotFound)
}

func plugsAbsent(t conformance.T, r *rig) {
	err := r.open(t).(headnode.Plugger).Plug(t.Context(), newID(), headnode.NIC{Label: firstCard, VLAN: r.VLAN})
	able(t, err)
	conformance.WantCode(t, "Plug of an absent machine", err, sdk.NotFound)
}
