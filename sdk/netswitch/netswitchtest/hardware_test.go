package netswitchtest_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/netswitch/netswitchtest"
)

// A test that sets a variable cannot be parallel.
func TestHardwareIsReadFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "switch.json")
	file := `{"name": "lab", "type": "` + memoryType + `", "settings": {"host": "lab", "password": "open-sesame"},
		"ports": ["port1", "port2"], "spellings": {"p1": "port1"}, "absent": "port99", "vlans": [11, 12, 13]}`
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(netswitchtest.HardwareVariable, path)
	s := netswitchtest.Hardware(t, netswitchtest.Subject{New: func(log hclog.Logger) netswitch.Driver { return newMemory(log) }})
	want := sdk.Target{Name: "lab", Type: memoryType, Settings: sdk.Settings(`{"host": "lab", "password": "open-sesame"}`)}
	if !reflect.DeepEqual(s.Target, want) || s.Absent != "port99" || s.VLANs[2] != 13 || s.Spellings["p1"] != "port1" {
		t.Errorf("%+v", s)
	}
	netswitchtest.Run(t, s)
}

func TestHardwareIsSkippedWithoutItsVariable(t *testing.T) {
	t.Setenv(netswitchtest.HardwareVariable, "")
	var skipped bool
	t.Run("skipped", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		netswitchtest.Hardware(t, netswitchtest.Subject{})
	})
	if !skipped {
		t.Error("it was not skipped")
	}
}
