// A program cannot be imported, so its tests are inside.

package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// open logs in with a driver of its own.
func open(t testing.TB, target sdk.Target) *session {
	t.Helper()
	s, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s.(*session)
}

func wantCode(t testing.TB, err error, code sdk.Code, words ...string) {
	t.Helper()
	if !errors.Is(err, &sdk.Error{Code: code}) {
		t.Fatalf("want %v, got %v: %v", code, sdk.CodeOf(err), err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestSettingsOfThePredecessorAreEnough(t *testing.T) {
	t.Parallel()
	s, err := readSettings(sdk.Target{Settings: sdk.Settings(`{"host":"BMC-7.example.com","user":"root","password":"calvin"}`)})
	must(t, err)
	if s.address() != "bmc-7.example.com:623" || s.suite != 3 || s.privilege != privileges["administrator"] || s.silence != defaultSilence {
		t.Errorf("%v %v %v %v", s.address(), s.suite, s.privilege, s.silence)
	}
}

func TestSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	for field, changes := range map[string]map[string]any{
		"host": {"host": "-x; reboot"}, "user": {"user": strings.Repeat("u", 17)}, "password": {"password": strings.Repeat("p", 21)},
		"port": {"port": 0}, "privilege": {"privilege": "root"}, "cipher_suite": {"cipher_suite": 0}, "timeout": {"timeout": "1h"},
	} {
		err := newDriver(hclog.NewNullLogger()).ValidateTarget(t.Context(), target(t, 623, password, changes))
		wantCode(t, err, sdk.Invalid, field)
		if e := sdk.AsError(err); len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	err := newDriver(hclog.NewNullLogger()).ValidateTarget(t.Context(), target(t, 0, strings.Repeat("p", 21), map[string]any{"timeout": "x"}))
	if e := sdk.AsError(err); len(e.Fields) != 3 {
		t.Errorf("not every mistake is named: %v", err)
	}
	for _, host := range []string{"10.0.0.1", "fe80::1", "bmc_1"} {
		must(t, newDriver(hclog.NewNullLogger()).ValidateTarget(t.Context(), target(t, 623, password, map[string]any{"host": host})))
	}
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	d := newDriver(hclog.NewNullLogger())
	must(t, d.Configure(t.Context(), map[string]string{"type": typeURL + "-lan", "console_poll": "10ms"}))
	info, err := d.Info(t.Context())
	if err != nil || info.Types[0].URL != typeURL+"-lan" || d.pollInterval() != 10*time.Millisecond {
		t.Errorf("%+v, %v", info, err)
	}
	for key, value := range map[string]string{"type": "ipmi", "console_poll": "often", "port": "623"} {
		wantCode(t, d.Configure(t.Context(), map[string]string{key: value}), sdk.Invalid, key)
	}
}

func TestPowerAndBootDeviceReachTheMachine(t *testing.T) {
	t.Parallel()
	for _, suite := range suites {
		c := simulate(t, optionsFor(suite))
		s := open(t, targetOf(t, c, map[string]any{"cipher_suite": suite}))
		must(t, s.PowerCycle(t.Context(), false)) // of a machine that is off
		must(t, s.PowerCycle(t.Context(), false))
		must(t, s.PowerCycle(t.Context(), true))
		got := c.Chassis()
		if !got.On || got.Boots != 3 || got.Cycles != 1 || got.Resets != 1 {
			t.Errorf("suite %d: %+v", suite, got)
		}
		if b := got.Boot; !b.BootFlagsValid || b.Persist || b.BootDeviceSelector != selectors[obm.BootPXE] {
			t.Errorf("suite %d: a cycle leaves the boot flags %+v", suite, b)
		}
		for dev, selector := range selectors {
			must(t, s.SetBootDevice(t.Context(), dev))
			if b := c.Chassis().Boot; !b.BootFlagsValid || !b.Persist || b.BootDeviceSelector != selector {
				t.Errorf("suite %d: %s: %+v", suite, dev, b)
			}
			must(t, s.SetNextBootDevice(t.Context(), dev))
			if b := c.Chassis().Boot; !b.BootFlagsValid || b.Persist || b.BootDeviceSelector != selector {
				t.Errorf("suite %d: %s once: %+v", suite, dev, b)
			}
		}
	}
}
