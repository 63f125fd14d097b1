// The converters are not exported, so their test is inside.

package obm

import (
	"errors"
	"testing"

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
