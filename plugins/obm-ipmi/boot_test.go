// A program cannot be imported, so its tests are inside.

package main

import (
	"io"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/pc"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// TestAMachineStartsFromWhatWasChosen has a machine whose firmware obeys, and says so on the console.
func TestAMachineStartsFromWhatWasChosen(t *testing.T) {
	t.Parallel()
	m := &pc.Machine{}
	s := open(t, targetOf(t, simulate(t, bmctest.Options{Machine: m}), nil))
	t.Cleanup(func() { _ = m.Close() })
	console := hold(t.Context(), t, s)
	const first, disk, network = "the first device", "from disk", "from network"
	must(t, s.SetNextBootDevice(t.Context(), obm.BootPXE))
	startsFrom(t, s, console, network)
	startsFrom(t, s, console, first)
	must(t, s.SetBootDevice(t.Context(), obm.BootDisk))
	startsFrom(t, s, console, disk)
	startsFrom(t, s, console, disk)
	must(t, s.SetBootDevice(t.Context(), obm.BootNone))
	startsFrom(t, s, console, first)

	// It goes off by itself, and is cycled nevertheless, into PXE.
	_, err := io.WriteString(console, "1poweroff\r")
	must(t, err)
	guest.ReadUntil(t, console, "poweroff\r\n")
	eventually(t, "the machine is off", func() bool {
		power, err := s.PowerStatus(t.Context())
		return power == obm.PowerOff && err == nil
	})
	must(t, s.PowerCycle(t.Context(), false))
	guest.ReadUntil(t, console, network)
	must(t, console.Close())
}

// startsFrom turns the machine off, if it is on, and on, and wants it to say from what it starts.
func startsFrom(t *testing.T, s *session, console io.Reader, want string) {
	t.Helper()
	must(t, s.PowerOff(t.Context()))
	must(t, s.PowerOn(t.Context()))
	if boot := guest.ReadUntil(t, console, "Press a number: "); !strings.Contains(boot, want) {
		t.Errorf("it does not say %q:\n%s", want, boot)
	}
}
