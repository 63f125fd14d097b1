package drivers_test

import (
	"errors"
	"testing"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/obm"
)

func TestStaticServesDriversOfThisProcess(t *testing.T) {
	t.Parallel()
	p := &played{name: "switch-here", says: "switch-here", url: goodType}
	s := drivers.Static{Switches: []netswitch.Driver{p}}
	if d, err := s.Switch(goodType); err != nil || d != p {
		t.Fatal(d, err)
	}
	if _, err := s.OBM(goodType); !isUnknown(err) {
		t.Fatal(err)
	}
	if len(s.Types(netswitch.Kind)) != 1 || len(s.Types(obm.Kind)) != 0 || len(s.List()) != 1 {
		t.Fatal(s.List())
	}
}

func isUnknown(err error) bool {
	_, ok := errors.AsType[*drivers.UnknownTypeError](err)
	return ok
}
