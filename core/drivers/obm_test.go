package drivers_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// The usual name of IPMI controllers, and the one under which the real driver stands aside for the mock.
const (
	ipmiType    = "http://schema.massopencloud.org/haas/v0/obm/ipmi"
	ipmiLANType = ipmiType + "-lan"
)

// bothControllers runs the mock, which plays IPMI controllers, beside the real driver, and opens a session with each.
func bothControllers(t *testing.T) (mock, real obm.Session) {
	t.Helper()
	dir := t.TempDir()
	install(t, dir, "obm-mock", "obm-ipmi")
	m := start(t, drivers.Config{Dir: dir, Sections: map[string]map[string]string{
		"obm-mock": {"state_dir": t.TempDir(), "also": ipmiType}, "obm-ipmi": {"type": ipmiLANType},
	}})
	for _, s := range m.List() {
		if s.State != drivers.Running {
			t.Fatalf("%+v", s)
		}
	}
	c, err := bmctest.Listen("127.0.0.1:0", bmctest.Options{Users: []bmctest.User{{Name: "u", Password: "hush-hush"}}})
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	settings := fmt.Sprintf(`{"host":"127.0.0.1","user":"u","password":"hush-hush","port":%d}`, c.Address().Port)
	return openOBM(t, m, ipmiType, `{"host":"h","user":"u","password":"p"}`), openOBM(t, m, ipmiLANType, settings)
}

func openOBM(t *testing.T, m *drivers.Manager, typeURL, settings string) obm.Session {
	t.Helper()
	d, err := m.OBM(typeURL)
	must(t, err)
	s, err := d.Open(t.Context(), sdk.Target{Name: "n", Type: typeURL, Settings: sdk.Settings(settings)})
	must(t, err)
	return s
}

// taking is the place of the ability that the mock has not.
const taking = 2

// useAbilities uses each optional ability of a session once.
func useAbilities(ctx context.Context, s obm.Session) []error {
	_, sensors := s.(obm.SensorReader).Sensors(ctx)
	_, inventory := s.(obm.Inventorier).Inventory(ctx)
	console, taken := s.(obm.ConsoleTaker).TakeConsole(ctx)
	if taken == nil {
		_ = console.Close()
	}
	return []error{
		sensors, inventory, taken, s.(obm.NextBooter).SetNextBootDevice(ctx, obm.BootPXE), s.(obm.Identifier).Identify(ctx, time.Second),
	}
}

func TestAbilitiesPassThrough(t *testing.T) {
	t.Parallel()
	mock, real := bothControllers(t)
	for i, err := range useAbilities(t.Context(), real) {
		if err != nil {
			t.Errorf("ability %d: %v", i, err)
		}
	}
	for i, err := range useAbilities(t.Context(), mock) {
		switch {
		case i == taking && sdk.CodeOf(err) != sdk.Unsupported:
			t.Errorf("a driver that takes no consoles: %v", err)
		case i != taking && err != nil:
			t.Errorf("ability %d of the mock: %v", i, err)
		}
	}
}

func TestATakenConsoleIsLostByItsHolder(t *testing.T) {
	t.Parallel()
	_, s := bothControllers(t)
	holder, err := s.(obm.Consoler).Console(t.Context())
	must(t, err)
	_, err = s.(obm.Consoler).Console(t.Context())
	if sdk.CodeOf(err) != sdk.Busy {
		t.Errorf("a second console: %v", err)
	}
	taker, err := s.(obm.ConsoleTaker).TakeConsole(t.Context())
	must(t, err)
	if _, err := io.ReadAll(holder); sdk.CodeOf(err) != sdk.Busy {
		t.Errorf("the holder reads: %v", err)
	}
	must(t, holder.Close())
	must(t, taker.Close())
}
