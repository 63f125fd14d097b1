// Package netswitchtest is the conformance kit of the switch contract. A driver's own test calls Run; what passes is
// fit for the server. It is not for a driver's inner parts, which deserve tests of their own.
package netswitchtest

import (
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// HardwareVariable names the JSON file that describes the real switch for Hardware.
const HardwareVariable = "HAAS_SWITCH_TARGET"

// Subject is a driver under test and a switch it may play with.
type Subject struct {
	// New makes the driver in this process; it is what the driver gives to netswitch.Serve. Each subtest gets a new one.
	// A switch that allows one session at a time needs Binary: there the SDK shares the session.
	New func(log hclog.Logger) netswitch.Driver
	// Binary is the path of the driver's program, which is launched as the server does. It is used in place of New.
	Binary string
	// Config is the driver's section of haas.cfg.
	Config map[string]string
	// Target is a switch the driver can reach, real or simulated, with good settings.
	Target sdk.Target
	// Ports are at least two ports of it, by the device's own names. The kit changes them, and leaves them closed.
	Ports []string
	// Spellings are other spellings of ports, each with the device's own name. They may be absent.
	Spellings map[string]string
	// Absent is a well-spelled port the device does not have; "" if there is no such thing.
	Absent string
	// VLANs are three VLAN ids the kit may use; absent, they are 101, 102 and 103.
	VLANs []int
	// Patience is how long the driver may take to notice that a call was cancelled, or that a device is busy no more;
	// absent, ten seconds.
	Patience time.Duration
}

// Hardware is s pointed at the real switch that HAAS_SWITCH_TARGET describes, a JSON file with the members name, type,
// settings, ports, spellings, absent and vlans. The test is skipped if the variable is not set.
func Hardware(t *testing.T, s Subject) Subject {
	t.Helper()
	var device struct {
		conformance.Device
		Ports     []string          `json:"ports"`
		Spellings map[string]string `json:"spellings"`
		Absent    string            `json:"absent"`
		VLANs     []int             `json:"vlans"`
	}
	conformance.ReadHardware(t, HardwareVariable, &device)
	s.Target, s.Ports, s.Spellings = device.Target(), device.Ports, device.Spellings
	s.Absent, s.VLANs = device.Absent, device.VLANs
	return s
}

// Run certifies the driver: one subtest for each obligation of the contract.
func Run(t *testing.T, s Subject) {
	t.Helper()
	if len(s.Ports) < 2 {
		t.Fatal("netswitchtest: the subject needs two ports")
	}
	conformance.Run(t, checks(), newBench(t, s))
}
