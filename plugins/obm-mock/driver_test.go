// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const host = `{"host":"h1","user":"u","password":"p"}`

func newTestDriver(t testing.TB, section map[string]string) *driver {
	t.Helper()
	d := newDriver()
	if err := d.Configure(t.Context(), section); err != nil {
		t.Fatal(err)
	}
	return d
}

func open(t testing.TB, d *driver) *session {
	t.Helper()
	s, err := d.Open(t.Context(), sdk.Target{Name: "n", Type: typeURL, Settings: sdk.Settings(host)})
	if err != nil {
		t.Fatal(err)
	}
	return s.(*session)
}

func TestPowerSurvivesARestart(t *testing.T) {
	t.Parallel()
	section := map[string]string{"state_dir": t.TempDir()}
	must(t, open(t, newTestDriver(t, section)).PowerOn(t.Context()))
	must(t, open(t, newTestDriver(t, section)).PowerOn(t.Context()))
	must(t, open(t, newTestDriver(t, section)).PowerCycle(t.Context(), true))
	power, err := open(t, newTestDriver(t, section)).PowerStatus(t.Context())
	if err != nil || power != obm.PowerOn {
		t.Fatal(power, err)
	}
	want := device{Host: "h1", On: true, BootDevice: obm.BootPXE, Boots: 2, Cycles: 1}
	if got := file(t, section["state_dir"]); got != want {
		t.Fatalf("%+v", got)
	}
	must(t, open(t, newTestDriver(t, section)).PowerOff(t.Context()))
	must(t, open(t, newTestDriver(t, section)).SetBootDevice(t.Context(), obm.BootDisk))
	if got := file(t, section["state_dir"]); got.On || got.BootDevice != obm.BootDisk {
		t.Fatalf("%+v", got)
	}
	wantCode(t, open(t, newTestDriver(t, section)).SetBootDevice(t.Context(), "floppy"), sdk.Invalid)
}

func TestBootDeviceForOneStart(t *testing.T) {
	t.Parallel()
	section := map[string]string{"state_dir": t.TempDir()}
	s := open(t, newTestDriver(t, section))
	c, err := s.Console(t.Context())
	must(t, err)
	must(t, s.SetBootDevice(t.Context(), obm.BootDisk))
	must(t, s.SetNextBootDevice(t.Context(), obm.BootPXE))
	must(t, s.PowerOn(t.Context()))
	guest.ReadUntil(t, c, "boot number 1, boot device pxe")
	must(t, s.PowerOff(t.Context()))
	must(t, s.PowerOn(t.Context()))
	guest.ReadUntil(t, c, "boot number 2, boot device disk")
	must(t, s.SetNextBootDevice(t.Context(), obm.BootPXE))
	must(t, s.SetNextBootDevice(t.Context(), obm.BootNone))
	if got := file(t, section["state_dir"]); got.NextBoot != "" || got.BootDevice != obm.BootDisk {
		t.Errorf("%+v", got)
	}
	must(t, s.SetNextBootDevice(t.Context(), obm.BootPXE))
	must(t, s.SetBootDevice(t.Context(), obm.BootNone))
	if got := file(t, section["state_dir"]); got.NextBoot != "" || got.BootDevice != obm.BootNone {
		t.Errorf("%+v", got)
	}
	wantCode(t, s.SetNextBootDevice(t.Context(), "floppy"), sdk.Invalid)
	must(t, c.Close())
}

func TestSensorsFollowTheNode(t *testing.T) {
	t.Parallel()
	s := open(t, newTestDriver(t, map[string]string{"state_dir": t.TempDir()}))
	read := func(name string) obm.Sensor {
		sensors, err := s.Sensors(t.Context())
		must(t, err)
		for _, one := range sensors {
			if one.Name == name {
				return one
			}
		}
		t.Fatalf("no sensor %s among %+v", name, sensors)
		return obm.Sensor{}
	}
	if fan := read("Fan1"); fan.Value != nil || fan.Unit != "" || fan.State != "no reading" {
		t.Errorf("the fan of a node that is off: %+v", fan)
	}
	must(t, s.PowerOn(t.Context()))
	if fan := read("Fan1"); fan.Value == nil || *fan.Value != 5400 || fan.Unit != "RPM" || fan.State != "ok" {
		t.Errorf("the fan of a node that is on: %+v", fan)
	}
	for d, want := range map[time.Duration]string{4 * time.Minute: "on", time.Minute: "on", 0: "off"} {
		must(t, s.Identify(t.Context(), d))
		if lamp := read("Identify LED"); lamp.State != want {
			t.Errorf("after %v the lamp is %s", d, lamp.State)
		}
	}
	wantCode(t, s.Identify(t.Context(), -1), sdk.Invalid)
	wantCode(t, s.Identify(t.Context(), longestLamp+1), sdk.Invalid)
}

func TestTheLampGoesOut(t *testing.T) {
	t.Parallel()
	lit := time.Unix(1000, 0)
	dev := newDevice("h1")
	dev.light(lit, time.Millisecond)
	for after, want := range map[time.Duration]string{0: "on", time.Second - 1: "on", time.Second: "off"} {
		if sensors := dev.sensors(lit.Add(after)); sensors[len(sensors)-1].State != want {
			t.Errorf("%v later the lamp is %s", after, sensors[len(sensors)-1].State)
		}
	}
}

func TestInventoryTellsHostsApart(t *testing.T) {
	t.Parallel()
	one, two := newDevice("h1").parts(), newDevice("h2").parts()
	if one[0].Name != "system" || one[0].AssetTag != "h1" || one[0].Serial == two[0].Serial || one[0].Serial == one[1].Serial {
		t.Errorf("%+v, %+v", one, two)
	}
	if again := newDevice("h1").parts(); again[0] != one[0] {
		t.Errorf("%+v, before %+v", again, one)
	}
}

func file(t testing.TB, dir string) device {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "obm-h1.json"))
	must(t, err)
	var dev device
	must(t, json.Unmarshal(b, &dev))
	return dev
}

func TestConsolePrintsTheBootLogAndEchoes(t *testing.T) {
	t.Parallel()
	s := open(t, newTestDriver(t, map[string]string{"state_dir": t.TempDir()}))
	c, err := s.Console(t.Context())
	must(t, err)
	guest.ReadUntil(t, c, "login: ")
	_, err = c.Write([]byte("root\r"))
	must(t, err)
	guest.ReadUntil(t, c, "root\r\n")
	must(t, s.PowerCycle(t.Context(), false))
	guest.ReadUntil(t, c, "boot number 1")
	must(t, c.Close())
	must(t, c.Close())
	if _, err := c.Write([]byte("x")); err == nil {
		t.Fatal("a closed console took a byte")
	}
	_, err = io.ReadAll(c)
	must(t, err)
}

func TestConsoleHasOneHolder(t *testing.T) {
	t.Parallel()
	d := newTestDriver(t, map[string]string{"state_dir": t.TempDir()})
	ctx, leave := context.WithCancel(t.Context())
	first, err := open(t, d).Console(ctx)
	must(t, err)
	_, err = open(t, d).Console(t.Context())
	wantCode(t, err, sdk.Busy)
	leave()
	_, err = io.ReadAll(first)
	must(t, err)
	must(t, first.Close())
	second, err := open(t, d).Console(t.Context())
	must(t, err)
	must(t, second.Close())
}

func TestStandsInForOtherTypes(t *testing.T) {
	t.Parallel()
	const ipmi = "http://schema.massopencloud.org/haas/v0/obm/ipmi"
	d := newTestDriver(t, map[string]string{"state_dir": t.TempDir(), "also": " " + ipmi + ",http://example.org/x"})
	info, err := d.Info(t.Context())
	if err != nil || len(info.Types) != 3 || info.Types[0].URL != typeURL || info.Types[1].URL != ipmi {
		t.Fatalf("%+v, %v", info.Types, err)
	}
	wantCode(t, newDriver().Configure(t.Context(), map[string]string{"also": "ipmi"}), sdk.Invalid)
}

func TestFaultsAndSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wantCode(t, open(t, newTestDriver(t, map[string]string{"state_dir": dir, "fail": "1"})).PowerOn(t.Context()), sdk.Busy)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := open(t, newTestDriver(t, map[string]string{"state_dir": dir, "hang": "1"})).PowerStatus(ended)
	wantCode(t, err, sdk.Timeout)
	for _, bad := range []string{`{}`, `{"host":"h","user":"u","password":""}`, `{"host":"h","user":"u","password":"p","crash":1}`, `[]`} {
		wantCode(t, newDriver().ValidateTarget(t.Context(), sdk.Target{Settings: sdk.Settings(bad)}), sdk.Invalid)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code sdk.Code) {
	t.Helper()
	if !errors.Is(err, &sdk.Error{Code: code}) {
		t.Fatalf("want %v, got %v", code, err)
	}
}
