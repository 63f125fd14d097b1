// A program cannot be imported, so its tests are inside.

package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/netswitch/netswitchtest"
)

func subject(t testing.TB) netswitchtest.Subject {
	return netswitchtest.Subject{
		New:       func(log hclog.Logger) netswitch.Driver { return newDriver(log) },
		Config:    map[string]string{"state_dir": t.TempDir()},
		Target:    target(""),
		Ports:     []string{"gi1/0/1", "Ethernet1/42"},
		Spellings: map[string]string{"GigabitEthernet 1/0/1": "gi1/0/1", "ethernet 1/42": "Ethernet1/42"},
		Absent:    "gi1/0/1000",
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	netswitchtest.Run(t, subject(t))
}

func TestKitOnTheProgram(t *testing.T) {
	t.Parallel()
	s := subject(t)
	s.Binary = filepath.Join(t.TempDir(), "switch-mock")
	if out, err := exec.Command("go", "build", "-o", s.Binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	netswitchtest.Run(t, s)
}
