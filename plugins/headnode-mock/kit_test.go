// A program cannot be imported, so its tests are inside.

package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/headnode/headnodetest"
)

func subject(t testing.TB) headnodetest.Subject {
	return headnodetest.Subject{
		New:    func(hclog.Logger) headnode.Driver { return newDriver() },
		Config: map[string]string{"state_dir": t.TempDir()},
		Target: sdk.Target{Name: "host", Type: typeURL, Settings: sdk.Settings(`{}`)},
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	headnodetest.Run(t, subject(t))
}

func TestKitOnTheProgram(t *testing.T) {
	t.Parallel()
	s := subject(t)
	s.Binary = filepath.Join(t.TempDir(), "headnode-mock")
	if out, err := exec.Command("go", "build", "-o", s.Binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	headnodetest.Run(t, s)
}
