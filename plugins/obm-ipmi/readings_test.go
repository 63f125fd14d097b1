// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"
	"time"

	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// optionsFor is a controller that speaks one cipher suite.
func optionsFor(suite int) bmctest.Options {
	return bmctest.Options{Suites: []types.CipherSuiteID{types.CipherSuiteID(suite)}}
}

func TestSensorsAndInventory(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, nil))
	sensors, err := s.Sensors(t.Context())
	must(t, err)
	wantSensor(t, sensors, 0, bmctest.Temperature, 35, "degrees C", "ok")
	wantSensor(t, sensors, 1, bmctest.Fan, 3000, "RPM", "ok")
	if len(sensors) != 3 || sensors[2] != (obm.Sensor{Name: bmctest.Silent, State: "not present"}) {
		t.Errorf("%+v", sensors)
	}
	parts, err := s.Inventory(t.Context())
	want := obm.Part{
		Name: "system", Manufacturer: bmctest.Manufacturer, Product: bmctest.Product, PartNumber: "620", Serial: bmctest.Serial,
		Version: "1.0", AssetTag: bmctest.AssetTag,
	}
	if err != nil || len(parts) != 1 || parts[0] != want {
		t.Errorf("%+v, %v", parts, err)
	}
}

func wantSensor(t testing.TB, sensors []obm.Sensor, i int, name string, value float64, unit, state string) {
	t.Helper()
	if len(sensors) <= i {
		t.Fatalf("there are only %d sensors", len(sensors))
	}
	if s := sensors[i]; s.Name != name || s.Value == nil || *s.Value != value || s.Unit != unit || s.State != state {
		t.Errorf("%+v", s)
	}
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, nil))
	for d, want := range map[time.Duration]uint8{time.Millisecond: 1, 15 * time.Second: 15, longest: 255, 0: 0} {
		must(t, s.Identify(t.Context(), d))
		if got := c.Chassis().Lamp; got != want {
			t.Errorf("%v: the lamp is lit for %d s", d, got)
		}
	}
	wantCode(t, s.Identify(t.Context(), longest+1), sdk.Invalid)
}
