package obm_test

import (
	"context"
	"io"
	"reflect"
	"testing"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// callAll makes every call once.
func callAll(t *testing.T, d obm.Driver) (power obm.Power, errs []error) {
	t.Helper()
	ctx := t.Context()
	errs = append(errs, d.ValidateTarget(ctx, target()))
	s, err := d.Open(ctx, target())
	if err != nil {
		t.Fatal(err)
	}
	errs = append(errs, s.PowerOn(ctx), s.PowerOff(ctx), s.PowerCycle(ctx, false), s.PowerCycle(ctx, true))
	power, err = s.PowerStatus(ctx)
	errs = append(errs, err, s.SetBootDevice(ctx, obm.BootPXE))
	return power, append(errs, s.Close())
}

func TestCallsCrossTheWire(t *testing.T) {
	t.Parallel()
	f := &fake{}
	power, errs := callAll(t, connect(t, f))
	for i, err := range errs {
		if err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if power != obm.PowerOn {
		t.Errorf("power is %v", power)
	}
	want := []any{
		"ValidateTarget", target(), "PowerOn", "PowerOff", "PowerCycle", false, "PowerCycle", true,
		"PowerStatus", "SetBootDevice", obm.BootPXE,
	}
	if !reflect.DeepEqual(f.calls, want) {
		t.Errorf("%+v, want %+v", f.calls, want)
	}
}

func TestErrorsOfEachCall(t *testing.T) {
	t.Parallel()
	refused := &sdk.Error{Code: sdk.Refused, Text: "no", Retryable: true}
	_, errs := callAll(t, connect(t, &fake{fail: refused}))
	for i, err := range errs[:len(errs)-1] { // Close does not reach the driver
		if !reflect.DeepEqual(err, error(refused)) {
			t.Errorf("call %d: %#v", i, err)
		}
	}
}

func TestAbilitiesAreFoundByTypeAssertion(t *testing.T) {
	t.Parallel()
	if _, ok := connect(t, &fake{}).(sdk.Configurer); ok {
		t.Error("a driver without settings has become a Configurer")
	}
	if _, ok := connect(t, &configurable{}).(sdk.Configurer); !ok {
		t.Error("a Configurer has lost its ability")
	}
	if _, ok := open(t, &fake{}).(obm.Consoler); ok {
		t.Error("a session without a console has become a Consoler")
	}
	if _, ok := open(t, &fake{}).(obm.ConsoleTaker); ok {
		t.Error("a session without a console can take one")
	}
	none := func(context.Context) (io.ReadWriteCloser, error) { return nil, io.EOF }
	if _, ok := open(t, &fake{console: none}).(obm.Consoler); !ok {
		t.Error("a Consoler has lost its ability")
	}
}

// configurable is a fake that takes settings of its own.
type configurable struct{ fake }

func (*configurable) Configure(context.Context, map[string]string) error { return nil }
