// Package obmtest is the conformance kit of the out-of-band management contract. A driver's own test calls Run; what
// passes is fit for the server. It is not for a driver's inner parts, which deserve tests of their own.
package obmtest

import (
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// HardwareVariable names the JSON file that describes the real controller for Hardware.
const HardwareVariable = "HAAS_OBM_TARGET"

// Subject is a driver under test and a node it may play with.
type Subject struct {
	// New makes the driver in this process; it is what the driver gives to obm.Serve. Each subtest gets a new one.
	// A controller that allows one session at a time needs Binary: there the SDK shares the session.
	New func(log hclog.Logger) obm.Driver
	// Binary is the path of the driver's program, which is launched as the server does. It is used in place of New.
	Binary string
	// Config is the driver's section of haas.cfg.
	Config map[string]string
	// Target is a controller the driver can reach, real or simulated, with good settings. Its node is turned on and
	// off, and left off.
	Target sdk.Target
	// Echo says that what is written to the console comes back.
	Echo bool
	// Patience is how long the node may take to turn on or off, and the driver to notice that a call was cancelled;
	// absent, a minute.
	Patience time.Duration
}

// Hardware is s pointed at the real controller that HAAS_OBM_TARGET describes, a JSON file with the members name, type,
// settings and echo. The test is skipped if the variable is not set.
func Hardware(t *testing.T, s Subject) Subject {
	t.Helper()
	var device struct {
		conformance.Device
		Echo bool `json:"echo"`
	}
	conformance.ReadHardware(t, HardwareVariable, &device)
	s.Target, s.Echo = device.Target(), device.Echo
	return s
}

// Run certifies the driver: one subtest for each obligation of the contract.
func Run(t *testing.T, s Subject) {
	t.Helper()
	conformance.Run(t, checks(), newBench(t, s))
}

type check = conformance.Check[*rig]

// checks are the obligations, in the order of the contract. Each fails for one kind of mistake only; where a mistake
// elsewhere would hide it, it is not judged.
func checks() []check {
	return slices.Concat(
		conformance.First((*rig).subject),
		powerChecks(),
		consoleChecks(),
		abilityChecks(),
		[]check{conformance.Last((*rig).subject)},
	)
}
