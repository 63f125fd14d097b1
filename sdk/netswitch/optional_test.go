package netswitch_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestListPorts(t *testing.T) {
	t.Parallel()
	s := open(t, &listed{listing: listing{ports: []string{"gi1/0/2", "gi1/0/1"}}})
	ports, err := s.(netswitch.PortLister).ListPorts(t.Context())
	if err != nil || !slices.Equal(ports, []string{"gi1/0/2", "gi1/0/1"}) {
		t.Errorf("%v, %v", ports, err)
	}
}

func TestADriverThatCannotListSaysSo(t *testing.T) {
	t.Parallel()
	_, err := open(t, &fake{}).(netswitch.PortLister).ListPorts(t.Context())
	if !errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		t.Errorf("%v", err)
	}
}

func TestReleaseClosesTheWarmSession(t *testing.T) {
	t.Parallel()
	d := &listed{}
	host := connect(t, d)
	if _, err := host.Open(t.Context(), target()); err != nil || d.open != 1 {
		t.Fatalf("%d sessions, %v", d.open, err)
	}
	for range 2 {
		if err := host.(netswitch.Releaser).Release(t.Context(), target()); err != nil || d.open != 0 {
			t.Errorf("%d sessions, %v", d.open, err)
		}
	}
}
