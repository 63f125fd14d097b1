// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/headnode/headnodetest"
)

func TestHost(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	for name, test := range map[string]func(*testing.T, *host){
		"passes the kit":            passesKit,
		"passes the kit by program": passesKitByProgram,
		"lives":                     lives,
		"works over TLS":            worksOverTLS,
		"works over SSH":            worksOverSSH,
		"passes the kit over SSH":   passesKitOverSSH,
		"makes half a machine anew": halfGone,
		"uses bridges":              usesBridges,
		"deletes parts":             deletesParts,
		"lists images":              listsImages,
		"survives kills":            survivesKills,
		"gives seeds":               givesSeeds,
		"finds no room for a seed":  findsNoRoomForSeed,
		"loses the connection":      losesTheConnection,
		"plugs while starting":      plugsWhileStarting,
		"plugs what is saved":       plugsWhatIsSaved,
		"deletes while starting":    deletesWhileStarting,
		"refuses bad input":         refuses,
		"finds a pool full":         findsPoolFull,
		"leaves others alone":       leavesOthersAlone,
		"tells its room":            tellsRoom,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, h)
		})
	}
}

func subject(t testing.TB, h *host) headnodetest.Subject {
	return headnodetest.Subject{
		New:      func(log hclog.Logger) headnode.Driver { return newDriver(log) },
		Target:   h.target(t, nil),
		Patience: time.Minute,
	}
}

func passesKit(t *testing.T, h *host) { headnodetest.Run(t, subject(t, h)) }

func passesKitByProgram(t *testing.T, h *host) {
	s := subject(t, h)
	s.Binary = program(t)
	headnodetest.Run(t, s)
}

func passesKitOverSSH(t *testing.T, h *host) {
	s := subject(t, h)
	s.Target = h.sshTarget(t, nil)
	headnodetest.Run(t, s)
}

// TestKitOnHardware runs on the host that HAAS_HEADNODE_TARGET describes.
func TestKitOnHardware(t *testing.T) {
	t.Parallel()
	headnodetest.Run(t, headnodetest.Hardware(t, headnodetest.Subject{New: func(log hclog.Logger) headnode.Driver { return newDriver(log) }}))
}
