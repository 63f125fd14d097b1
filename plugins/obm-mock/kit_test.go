// A program cannot be imported, so its tests are inside.

package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
	"github.com/CCI-MOC/haas/sdk/obm/obmtest"
)

func subject(t testing.TB) obmtest.Subject {
	return obmtest.Subject{
		New:    func(hclog.Logger) obm.Driver { return newDriver() },
		Config: map[string]string{"state_dir": t.TempDir()},
		Target: sdk.Target{Name: "n", Type: typeURL, Settings: sdk.Settings(`{"host":"h1","user":"u","password":"a good one"}`)},
		Echo:   true,
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	obmtest.Run(t, subject(t))
}

func TestKitOnTheProgram(t *testing.T) {
	t.Parallel()
	s := subject(t)
	s.Binary = filepath.Join(t.TempDir(), "obm-mock")
	if out, err := exec.Command("go", "build", "-o", s.Binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	obmtest.Run(t, s)
}
