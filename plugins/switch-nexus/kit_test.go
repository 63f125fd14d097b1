// A program cannot be imported, so its tests are inside.

package main

import (
	"encoding/json"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/netswitch/netswitchtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// password is that of the simulated switches.
const password = "Nexus-secret-77"

// simulated starts a switch over a transport, and gives the target that reaches it.
func simulated(t *testing.T, transport string, more map[string]any, quirks ...nexus5k.Quirk) (*nexus5k.Switch, sdk.Target) {
	t.Helper()
	sw := nexus5k.New(consoletest.Options{Username: "haas", Password: password}, quirks...)
	return sw, targetOf(t, sw.Start(t, transport), transport, more)
}

func targetOf(t *testing.T, address, transport string, more map[string]any) sdk.Target {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{
		"hostname": host, "port": port, "username": "haas", "password": password, "dummy_vlan": strconv.Itoa(dummy),
		"transport": transport, "session_limit": 8, "deadline": "5s",
	}
	for name, value := range more {
		settings[name] = value
	}
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	return sdk.Target{Name: "sw-07", Type: typeURL, Settings: raw}
}

// newDriver makes the driver with a file for host keys.
func newDriver(t testing.TB) *cli.Driver {
	t.Helper()
	d := cli.New(nexus(), hclog.NewNullLogger())
	if err := d.Configure(t.Context(), configuration(t)); err != nil {
		t.Fatal(err)
	}
	return d
}

func configuration(t testing.TB) map[string]string {
	return map[string]string{"known_hosts": filepath.Join(t.TempDir(), "known_hosts")}
}

func subject(t *testing.T, transport string) netswitchtest.Subject {
	_, target := simulated(t, transport, nil)
	return netswitchtest.Subject{
		New:       func(log hclog.Logger) netswitch.Driver { return cli.New(nexus(), log) },
		Config:    configuration(t),
		Target:    target,
		Ports:     []string{"Ethernet1/3", "Ethernet101/1/2"},
		Spellings: map[string]string{"ethernet 1/3": "Ethernet1/3", "Eth101/1/2": "Ethernet101/1/2"},
		Absent:    "Ethernet1/99",
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{console.Telnet, console.SSH} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			netswitchtest.Run(t, subject(t, transport))
		})
	}
}

func TestKitOnTheProgram(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "switch-nexus")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, transport := range []string{console.Telnet, console.SSH} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			s := subject(t, transport)
			s.Binary = binary
			netswitchtest.Run(t, s)
		})
	}
}

func TestKitOnHardware(t *testing.T) {
	netswitchtest.Run(t, netswitchtest.Hardware(t, netswitchtest.Subject{
		New: func(log hclog.Logger) netswitch.Driver { return cli.New(nexus(), log) },
	}))
}
