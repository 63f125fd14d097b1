package obm_test

import (
	"context"
	"errors"
	"io"
	"net"
	"reflect"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// ableSession is a fake with every optional ability.
type ableSession struct{ fakeConsoler }

func (s ableSession) SetNextBootDevice(_ context.Context, dev obm.BootDevice) error {
	return s.f.note("SetNextBootDevice", dev)
}

func (s ableSession) Sensors(context.Context) ([]obm.Sensor, error) {
	return sensors(), s.f.note("Sensors")
}

func (s ableSession) Inventory(context.Context) ([]obm.Part, error) {
	return parts(), s.f.note("Inventory")
}

func (s ableSession) Identify(_ context.Context, d time.Duration) error {
	return s.f.note("Identify", d)
}

func (s ableSession) TakeConsole(ctx context.Context) (io.ReadWriteCloser, error) {
	if err := s.f.note("TakeConsole"); err != nil {
		return nil, err
	}
	return s.f.console(ctx)
}

func sensors() []obm.Sensor {
	value := 35.5
	return []obm.Sensor{{Name: "MBTemp", Value: &value, Unit: "degrees C", State: "ok"}, {Name: "PSU", State: "presence detected"}}
}

func parts() []obm.Part { return []obm.Part{{Name: "Builtin FRU", Product: "R620", Serial: "A1"}} }

// able is a fake with every ability, and its session seen from the host's end of a wire.
func able(t *testing.T, fail error) (*fake, obm.Session) {
	t.Helper()
	f := &fake{able: true, fail: fail, console: func(context.Context) (io.ReadWriteCloser, error) {
		near, far := net.Pipe()
		t.Cleanup(func() { _ = far.Close() })
		return near, nil
	}}
	return f, open(t, f)
}

// useAll uses each ability once.
func useAll(ctx context.Context, s obm.Session) (readings []obm.Sensor, stock []obm.Part, errs []error) {
	errs = append(errs, s.(obm.NextBooter).SetNextBootDevice(ctx, obm.BootDisk))
	readings, err := s.(obm.SensorReader).Sensors(ctx)
	errs = append(errs, err)
	stock, err = s.(obm.Inventorier).Inventory(ctx)
	errs = append(errs, err, s.(obm.Identifier).Identify(ctx, 1500*time.Microsecond))
	console, err := s.(obm.ConsoleTaker).TakeConsole(ctx)
	if err == nil {
		_ = console.Close()
	}
	return readings, stock, append(errs, err)
}

func TestAbilitiesCrossTheWire(t *testing.T) {
	t.Parallel()
	f, s := able(t, nil)
	readings, stock, errs := useAll(t.Context(), s)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(readings, sensors()) || !reflect.DeepEqual(stock, parts()) {
		t.Errorf("%+v, %+v", readings, stock)
	}
	want := []any{"SetNextBootDevice", obm.BootDisk, "Sensors", "Inventory", "Identify", 2 * time.Millisecond, "TakeConsole"}
	if !reflect.DeepEqual(f.calls, want) {
		t.Errorf("%+v, want %+v", f.calls, want)
	}
}

func TestErrorsOfAbilities(t *testing.T) {
	t.Parallel()
	refused := &sdk.Error{Code: sdk.Refused, Text: "no", Retryable: true}
	_, s := able(t, refused)
	readings, stock, errs := useAll(t.Context(), s)
	if readings != nil || stock != nil {
		t.Errorf("readings %v and parts %v beside an error", readings, stock)
	}
	for i, err := range errs {
		if !reflect.DeepEqual(err, error(refused)) {
			t.Errorf("ability %d: %#v", i, err)
		}
	}
}

func TestADriverWithoutAbilitiesSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return nil, io.EOF }})
	_, _, errs := useAll(t.Context(), s)
	for i, err := range errs {
		if sdk.CodeOf(err) != sdk.Unsupported || sdk.IsRetryable(err) {
			t.Errorf("ability %d: %v", i, err)
		}
	}
	if err := s.PowerOn(t.Context()); err != nil {
		t.Errorf("the session did not survive: %v", err)
	}
}

func TestAnUnknownBootDeviceDoesNotReachTheDriver(t *testing.T) {
	t.Parallel()
	f, s := able(t, nil)
	err := s.(obm.NextBooter).SetNextBootDevice(t.Context(), "floppy")
	if sdk.CodeOf(err) != sdk.Invalid || len(f.calls) != 0 {
		t.Errorf("%v, calls %v", err, f.calls)
	}
}
