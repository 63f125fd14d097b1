package drivers_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestSecretsInADriversErrorsAreHidden(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play(t, dir, "switch-good")
	s := openGood(t, start(t, drivers.Config{Dir: dir}), t.TempDir())

	_, whole := s.Apply(t.Context(), nil)
	results, err := s.Apply(t.Context(), []netswitch.PortState{{Port: "p1"}})
	must(t, err)
	for where, e := range map[string]error{"of the visit": whole, "of a port": results[0].Err} {
		if !errors.Is(e, &sdk.Error{Code: sdk.Refused}) {
			t.Errorf("the error %s is %v", where, e)
			continue
		}
		if strings.Contains(e.Error(), "hush-hush") || !strings.Contains(e.Error(), "no to [secret]") {
			t.Errorf("the error %s says %q", where, e)
		}
	}
}
