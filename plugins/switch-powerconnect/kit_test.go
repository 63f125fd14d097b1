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
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
	"github.com/CCI-MOC/haas/sdk/netswitch"
	"github.com/CCI-MOC/haas/sdk/netswitch/netswitchtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// secret is the password of the simulated switches.
const secret = "PowerConnect-secret-55"

// personality is how the firmware of a simulated switch differs from that of others.
type personality []powerconnect55.Quirk

// personalities differ in what a fresh trunk lets through.
func personalities() map[string]personality {
	return map[string]personality{"a fresh trunk lets everything through": nil, "a fresh trunk lets VLAN 1 through": {powerconnect55.FreshTrunkNative}}
}

// simulated starts a switch over a transport, and gives the target that reaches it.
func simulated(t *testing.T, transport string, p personality) (*powerconnect55.Switch, sdk.Target) {
	t.Helper()
	sw := powerconnect55.New(consoletest.Options{Username: "haas", Password: secret}, p...)
	return sw, targetOf(t, sw.Start(t, transport), transport)
}

func targetOf(t *testing.T, address, transport string) sdk.Target {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := json.Marshal(map[string]any{
		"hostname": host, "port": port, "username": "haas", "password": secret,
		"transport": transport, "session_limit": 4, "deadline": "5s",
	})
	if err != nil {
		t.Fatal(err)
	}
	return sdk.Target{Name: "sw-08", Type: typeURL, Settings: settings}
}

// open logs in to a simulated switch.
func open(t *testing.T, target sdk.Target) netswitch.Session {
	t.Helper()
	s, err := cli.New(powerconnect(), hclog.NewNullLogger()).Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func subject(t *testing.T, transport string, p personality) netswitchtest.Subject {
	_, target := simulated(t, transport, p)
	return netswitchtest.Subject{
		New:       func(log hclog.Logger) netswitch.Driver { return cli.New(powerconnect(), log) },
		Config:    map[string]string{"known_hosts": filepath.Join(t.TempDir(), "known_hosts")},
		Target:    target,
		Ports:     []string{"gi1/0/11", "te1/0/1"},
		Spellings: map[string]string{"GigabitEthernet 1/0/11": "gi1/0/11", "TE1/0/1": "te1/0/1"},
		Absent:    "gi1/0/99",
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	for name, p := range personalities() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			netswitchtest.Run(t, subject(t, console.Telnet, p))
		})
	}
	t.Run("over SSH", func(t *testing.T) {
		t.Parallel()
		netswitchtest.Run(t, subject(t, console.SSH, nil))
	})
}

func TestKitOnTheProgram(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "switch-powerconnect")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, transport := range []string{console.Telnet, console.SSH} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			s := subject(t, transport, nil)
			s.Binary = binary
			netswitchtest.Run(t, s)
		})
	}
}

func TestKitOnHardware(t *testing.T) {
	netswitchtest.Run(t, netswitchtest.Hardware(t, netswitchtest.Subject{
		New: func(log hclog.Logger) netswitch.Driver { return cli.New(powerconnect(), log) },
	}))
}
