// A program cannot be imported, so its tests are inside.

package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/netswitch/netswitchtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newSwitch is an Open vSwitch with a bridge br0 that has the named ports. They need no cables: internal ones do.
func newSwitch(t testing.TB, ports ...string) *ovstest.Switch {
	t.Helper()
	s := ovstest.Run(t)
	if err := s.AddBridge(t.Context(), "br0"); err != nil {
		t.Fatal(err)
	}
	for _, p := range ports {
		s.MustCtl(t, "add-port", "br0", p, "--", "set", "Interface", p, "type=internal")
	}
	return s
}

// target is a bridge, with more settings by name and value.
func target(t testing.TB, endpoint string, more ...string) sdk.Target {
	t.Helper()
	set := map[string]string{"ovs_bridge": "br0", "ovsdb": endpoint}
	for i := 0; i < len(more); i += 2 {
		set[more[i]] = more[i+1]
	}
	b, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return sdk.Target{Name: "sw", Type: typeURL, Settings: b}
}

func subject(t testing.TB) netswitchtest.Subject {
	return netswitchtest.Subject{
		New:    func(log hclog.Logger) netswitch.Driver { return newDriver(log) },
		Target: target(t, newSwitch(t, "p1", "p2").Endpoint()),
		Ports:  []string{"p1", "p2"},
		Absent: "p3",
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	netswitchtest.Run(t, subject(t))
}

func TestKitOnTheProgram(t *testing.T) {
	t.Parallel()
	s := subject(t)
	s.Binary = filepath.Join(t.TempDir(), "switch-ovs")
	if out, err := exec.Command("go", "build", "-o", s.Binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	netswitchtest.Run(t, s)
}
