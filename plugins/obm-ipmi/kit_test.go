// A program cannot be imported, so its tests are inside.

package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/bougou/go-ipmi/pkg/bmc"
	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
	"github.com/CCI-MOC/haas/sdk/obm/obmtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The accounts of the simulated controllers.
const (
	password         = "Bmc-secret-77"
	operatorPassword = "oper-secret-78"
)

// simulate starts a controller that ends with the test.
func simulate(t testing.TB, o bmctest.Options) *bmctest.Controller {
	t.Helper()
	o.Users = append(o.Users, bmctest.User{Name: "admin", Password: password},
		bmctest.User{Name: "oper", Password: operatorPassword, Privilege: bmc.PrivilegeLevelOperator})
	c, err := bmctest.Listen("127.0.0.1:0", o)
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// targetOf is the target that reaches a controller as its administrator, with some settings changed.
func targetOf(t testing.TB, c *bmctest.Controller, changes map[string]any) sdk.Target {
	t.Helper()
	return target(t, c.Address().Port, password, changes)
}

func target(t testing.TB, port int, password string, changes map[string]any) sdk.Target {
	t.Helper()
	all := map[string]any{"host": "127.0.0.1", "port": port, "user": "admin", "password": password, "timeout": "2s"}
	for name, value := range changes {
		all[name] = value
	}
	raw, err := json.Marshal(all)
	must(t, err)
	return sdk.Target{Name: "n1", Type: typeURL, Settings: raw}
}

func subject(t testing.TB) obmtest.Subject {
	t.Helper()
	return obmtest.Subject{
		New:      func(log hclog.Logger) obm.Driver { return newDriver(log) },
		Target:   targetOf(t, simulate(t, bmctest.Options{}), nil),
		Echo:     true,
		Patience: 20 * time.Second,
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	obmtest.Run(t, subject(t))
}

func TestKitOnTheProgram(t *testing.T) {
	t.Parallel()
	s := subject(t)
	s.Binary = program(t)
	obmtest.Run(t, s)
}

// program builds the driver.
func program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "obm-ipmi")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// TestKitOnHardware runs on the controller that HAAS_OBM_TARGET describes.
func TestKitOnHardware(t *testing.T) {
	t.Parallel()
	obmtest.Run(t, obmtest.Hardware(t, obmtest.Subject{New: func(log hclog.Logger) obm.Driver { return newDriver(log) }}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
