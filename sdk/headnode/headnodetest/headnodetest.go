// Package headnodetest is the conformance kit of the headnode contract. A driver's own test calls Run; what passes is
// fit for the server. It is not for a driver's inner parts, which deserve tests of their own.
package headnodetest

import (
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
)

// HardwareVariable names the JSON file that describes the real host for Hardware.
const HardwareVariable = "HAAS_HEADNODE_TARGET"

// Subject is a driver under test and a host it may play with.
type Subject struct {
	// New makes the driver in this process; it is what the driver gives to headnode.Serve. Each subtest gets a new one.
	New func(log hclog.Logger) headnode.Driver
	// Binary is the path of the driver's program, which is launched as the server does. It is used in place of New.
	Binary string
	// Config is the driver's section of haas.cfg.
	Config map[string]string
	// Target is a host the driver can reach, real or simulated, with good settings. The kit makes machines there, and
	// deletes them.
	Target sdk.Target
	// Image is the base image of these machines; absent, it is the first there is.
	Image string
	// VLAN is the network their first card stands on; absent, it is 101. The second card is unplugged.
	VLAN int
	// Echo says that what is written to the console of a machine comes back, soon after it was started.
	Echo bool
	// Patience is how long a machine may take to start or stop, and the driver to notice that a call was cancelled;
	// absent, ten seconds.
	Patience time.Duration
}

// Hardware is s pointed at the real host that HAAS_HEADNODE_TARGET describes, a JSON file with the members name, type,
// settings, image, vlan and echo. The test is skipped if the variable is not set.
func Hardware(t *testing.T, s Subject) Subject {
	t.Helper()
	var host struct {
		conformance.Device
		Image string `json:"image"`
		VLAN  int    `json:"vlan"`
		Echo  bool   `json:"echo"`
	}
	conformance.ReadHardware(t, HardwareVariable, &host)
	s.Target, s.Image, s.VLAN, s.Echo = host.Target(), host.Image, host.VLAN, host.Echo
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
		createChecks(),
		powerChecks(),
		deleteChecks(),
		abilityChecks(),
		[]check{conformance.Last((*rig).subject)},
	)
}
