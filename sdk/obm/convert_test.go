// The converters are not exported, so their test is inside.

package obm

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

func TestPowerCrossesTheWire(t *testing.T) {
	t.Parallel()
	for _, power := range []Power{PowerUnknown, PowerOff, PowerOn} {
		if got := powerFromProto(powerToProto(power)); got != power {
			t.Errorf("%v became %v", power, got)
		}
	}
	if got := powerFromProto(99); got != PowerUnknown {
		t.Errorf("an unknown state became %v", got)
	}
	if got := powerToProto(99); got != pb.Power_POWER_UNSPECIFIED {
		t.Errorf("an unknown state became %v", got)
	}
}

func TestBootDevicesCrossTheWire(t *testing.T) {
	t.Parallel()
	for _, dev := range []BootDevice{BootNone, BootDisk, BootPXE} {
		if got, err := bootFromProto(bootToProto(dev)); got != dev || err != nil {
			t.Errorf("%q became %q, %v", dev, got, err)
		}
	}
	for _, dev := range []BootDevice{"", "floppy"} {
		if _, err := bootFromProto(bootToProto(dev)); !errors.Is(err, &sdk.Error{Code: sdk.Invalid}) {
			t.Errorf("%q: %v", dev, err)
		}
	}
}

func TestPowerHasWords(t *testing.T) {
	t.Parallel()
	for power, want := range map[Power]string{PowerOn: "on", PowerOff: "off", PowerUnknown: "unknown", 99: "unknown"} {
		if power.String() != want {
			t.Errorf("%d is %q, want %q", power, power, want)
		}
	}
}

func TestSensorsCrossTheWire(t *testing.T) {
	t.Parallel()
	zero, value := 0.0, -12.5
	for name, s := range map[string]Sensor{
		"zero": {}, "name": {Name: "x"}, "value": {Value: &value}, "a value of nothing": {Value: &zero}, "unit": {Unit: "RPM"},
		"state": {State: "ok"},
	} {
		if got := sensorsFromProto(sensorsToProto([]Sensor{s})); !reflect.DeepEqual(got, []Sensor{s}) {
			t.Errorf("%s: %+v became %+v", name, s, got)
		}
	}
	if got := sensorsFromProto([]*pb.OBMSensor{nil}); !reflect.DeepEqual(got, []Sensor{{}}) {
		t.Errorf("nil became %+v", got)
	}
	if len(sensorsToProto(nil)) != 0 || len(sensorsFromProto(nil)) != 0 {
		t.Error("none became some")
	}
	if got := sensorsToProto([]Sensor{{Name: "\xff"}})[0].GetName(); got != "\uFFFD" {
		t.Errorf("what the wire cannot carry became %q", got)
	}
}

func TestPartsCrossTheWire(t *testing.T) {
	t.Parallel()
	whole := reflect.ValueOf(Part{})
	for i := range whole.NumField() {
		p := Part{}
		reflect.ValueOf(&p).Elem().Field(i).SetString("x")
		if got := partsFromProto(partsToProto([]Part{p, {}})); !reflect.DeepEqual(got, []Part{p, {}}) {
			t.Errorf("%+v became %+v", p, got)
		}
	}
	if got := partsFromProto([]*pb.OBMPart{nil}); !reflect.DeepEqual(got, []Part{{}}) {
		t.Errorf("nil became %+v", got)
	}
	if len(partsToProto(nil)) != 0 || len(partsFromProto(nil)) != 0 {
		t.Error("none became some")
	}
	if got := partsToProto([]Part{{Serial: "\xff"}})[0].GetSerial(); got != "\uFFFD" {
		t.Errorf("what the wire cannot carry became %q", got)
	}
}

func TestMillisecondsAreRoundedAwayFromNothing(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]int64{
		0: 0, 1: 1, -1: -1, time.Millisecond: 1, time.Millisecond + 1: 2, time.Second: 1000, -time.Millisecond - 1: -2,
	} {
		if got := milliseconds(d); got != want {
			t.Errorf("%d became %d, want %d", d, got, want)
		}
	}
}
