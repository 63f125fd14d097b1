package ovstest_test

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// soon is when a frame has arrived that ever will.
const (
	soon = 200 * time.Millisecond
	late = 10 * time.Second
)

func wire(t testing.TB, m *ovstest.Namespace) *ovstest.Wire {
	t.Helper()
	w, err := m.OpenWire("eth0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func TestFramesKeepTheirTags(t *testing.T) {
	t.Parallel()
	s := ovstest.Run(t)
	if err := s.AddBridge(t.Context(), "br0"); err != nil {
		t.Fatal(err)
	}
	from, to := wire(t, machine(t, s, "br0", "p1", "10.0.0.1/24")), wire(t, machine(t, s, "br0", "p2", "10.0.0.2/24"))
	for _, tags := range [][]int{nil, {0}, {7}, {4095}, {7, 9}} {
		if err := from.Send(ovstest.Frame{Tags: tags, Text: "hello"}); err != nil {
			t.Fatal(err)
		}
		got, err := to.Receive(late)
		if slices.Equal(tags, []int{0}) {
			tags = nil // the switch takes a priority tag off
		}
		if err != nil || got.Text != "hello" || !slices.Equal(got.Tags, tags) {
			t.Errorf("tags %v: received %+v, %v", tags, got, err)
		}
	}
	if got, err := to.Receive(soon); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("received %+v, %v although nothing was sent", got, err)
	}
}
