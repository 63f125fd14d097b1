// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// newTestDriver is a driver with its files in a folder of the test's own, and one more setting per key and value.
func newTestDriver(t testing.TB, dir string, more ...string) *driver {
	t.Helper()
	d := newDriver(hclog.NewNullLogger())
	section := map[string]string{"state_dir": dir}
	for i := 0; i < len(more); i += 2 {
		section[more[i]] = more[i+1]
	}
	if err := d.Configure(t.Context(), section); err != nil {
		t.Fatal(err)
	}
	return d
}

func target(extra string) sdk.Target {
	return sdk.Target{Name: "sw", Type: typeURL, Settings: sdk.Settings(`{"hostname":"host1","username":"u","password":"a good one"` + extra + `}`)}
}

func open(t testing.TB, d *driver, extra string) netswitch.Session {
	t.Helper()
	s, err := d.Open(t.Context(), target(extra))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// file is the device's file, read as an end-to-end test would.
func file(t testing.TB, dir string) device {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "switch-host1.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dev device
	if err := json.Unmarshal(b, &dev); err != nil {
		t.Fatal(err)
	}
	return dev
}

func up(port string, native int, tagged ...int) netswitch.PortState {
	return netswitch.PortState{Port: port, Native: native, Tagged: tagged, Up: true}
}

func TestStateSurvivesARestartAndSaveIsApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := []netswitch.PortState{up("gi1/0/1", 104, 105), netswitch.Closed("gi1/0/2")}
	if _, err := open(t, newTestDriver(t, dir), "").Apply(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if dev := file(t, dir); len(dev.Saved) != 0 || dev.Running["gi1/0/1"].Native != 104 || dev.Visits != 1 {
		t.Fatalf("before save: %+v", dev)
	}
	again := open(t, newTestDriver(t, dir), "")
	got, err := again.Read(t.Context(), []string{"gi1/0/2", "gi1/0/1"})
	if err != nil || !got[0].Equal(want[1]) || !got[1].Equal(want[0]) {
		t.Fatalf("read back %+v, %v", got, err)
	}
	if err := again.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dev := file(t, dir); dev.Saved["gi1/0/1"].Native != 104 || dev.Saves != 1 {
		t.Fatalf("after save: %+v", dev)
	}
}

func TestOnePortsFailureDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	s := open(t, newTestDriver(t, t.TempDir()), "")
	results, err := s.Apply(t.Context(), []netswitch.PortState{up("no port", 1), up("gi1/0/1", 5000), up("gi1/0/2", 7)})
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Err.Code != sdk.NotFound || results[1].Err.Code != sdk.Invalid || results[2].Err != nil {
		t.Fatalf("%+v", results)
	}
}

func TestPlanIsEmptyOnceApplied(t *testing.T) {
	t.Parallel()
	s := open(t, newTestDriver(t, t.TempDir()), "")
	want := []netswitch.PortState{up("Ethernet1/1", 0, 7, 9)}
	before, err := s.Plan(t.Context(), want)
	if err != nil || !strings.Contains(strings.Join(before, "\n"), "tagged vlan 7,9") {
		t.Fatalf("%q, %v", before, err)
	}
	if _, err := s.Apply(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if after, err := s.Plan(t.Context(), want); err != nil || len(after) != 0 {
		t.Fatalf("%q, %v", after, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	want := []netswitch.PortState{up("gi1/0/1", 7), up("gi1/0/2", 7)}
	t.Run("fail refuses and changes nothing", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		s := open(t, newTestDriver(t, dir, "fail", "1"), "")
		results, err := s.Apply(t.Context(), want)
		if err != nil || results[0].Err == nil || !results[0].Err.Retryable || len(file(t, dir).Running) != 0 {
			t.Fatalf("%+v, %v", results, err)
		}
		if err := s.Save(t.Context()); sdk.CodeOf(err) != sdk.Busy {
			t.Fatalf("save: %v", err)
		}
	})
	t.Run("lie accepts and changes nothing", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		results, err := open(t, newTestDriver(t, dir), `,"lie":1`).Apply(t.Context(), want)
		if err != nil || results[0].Err != nil || len(file(t, dir).Running) != 0 {
			t.Fatalf("%+v, %v", results, err)
		}
	})
	t.Run("hang lasts until the deadline", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := open(t, newTestDriver(t, t.TempDir(), "hang", "1"), "").Read(ctx, []string{"gi1/0/1"})
		if sdk.CodeOf(err) != sdk.Timeout {
			t.Fatal(err)
		}
	})
	t.Run("a switch's own fault wins", func(t *testing.T) {
		t.Parallel()
		_, err := open(t, newTestDriver(t, t.TempDir(), "hang", "1"), `,"hang":0,"delay":"1ms"`).Read(t.Context(), []string{"gi1/0/1"})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestCrashAppliesPartAndDoesNotRepeatItself(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := []netswitch.PortState{up("gi1/0/1", 7), up("gi1/0/2", 7), up("gi1/0/3", 7)}
	applied := map[int]bool{}
	for range 30 {
		d := newTestDriver(t, dir, "seed", "3")
		died := false
		d.exit = func(int) { died = true }
		closed := []netswitch.PortState{netswitch.Closed("gi1/0/1"), netswitch.Closed("gi1/0/2"), netswitch.Closed("gi1/0/3")}
		if _, err := open(t, d, "").Apply(t.Context(), closed); err != nil || died {
			t.Fatal(err, died)
		}
		if _, err := open(t, d, `,"crash":1`).Apply(t.Context(), want); err != nil || !died {
			t.Fatal(err, died)
		}
		n := 0
		for _, p := range file(t, dir).Running {
			n += p.Native / 7
		}
		applied[n] = true
	}
	if len(applied) < 2 {
		t.Fatalf("thirty crashes all applied the same number of ports: %v", applied)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ settings, field string }{
		"nothing given":       {`{}`, "hostname"},
		"no password":         {`{"hostname":"h","username":"u"}`, "password"},
		"unknown member":      {`{"hostname":"h","username":"u","password":"p","x":1}`, "x"},
		"wrong type":          {`{"hostname":"h","username":"u","password":5}`, "password"},
		"not a probability":   {`{"hostname":"h","username":"u","password":"p","lie":2}`, "lie"},
		"text as probability": {`{"hostname":"h","username":"u","password":"p","fail":"often"}`, "fail"},
		"bad delay":           {`{"hostname":"h","username":"u","password":"p","delay":"soon"}`, "delay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := newDriver(hclog.NewNullLogger()).ValidateTarget(t.Context(), sdk.Target{Settings: sdk.Settings(c.settings)})
			e, ok := errors.AsType[*sdk.Error](err)
			if !ok || e.Code != sdk.Invalid || len(e.Fields) == 0 || e.Fields[0].Field != c.field {
				t.Fatalf("%#v", err)
			}
		})
	}
}

func TestSectionIsChecked(t *testing.T) {
	t.Parallel()
	for key, value := range map[string]string{"dealy": "1s", "delay": "fast", "crash": "1.5", "seed": "-1", "lie": "NaN", "state_dir": "/dev/null/x"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			err := newDriver(hclog.NewNullLogger()).Configure(t.Context(), map[string]string{key: value})
			e, ok := errors.AsType[*sdk.Error](err)
			if !ok || e.Code != sdk.Invalid || e.Fields[0].Field != key {
				t.Fatalf("%#v", err)
			}
		})
	}
}

func TestTwoDriversShareADevice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ports := []string{"gi1/0/1", "gi1/0/2", "gi1/0/3", "gi1/0/4"}
	const rounds = 25
	var wg sync.WaitGroup
	for _, p := range ports {
		s := open(t, newTestDriver(t, dir), "")
		wg.Go(func() {
			for i := range rounds {
				if _, err := s.Apply(t.Context(), []netswitch.PortState{up(p, i+1)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	dev := file(t, dir)
	if dev.Visits != uint64(len(ports)*rounds) || len(dev.Running) != len(ports) {
		t.Fatalf("%d visits, %d ports", dev.Visits, len(dev.Running))
	}
}
