package consoles_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/qemu"
)

// TestATenantRunsAMachine goes through what a tenant does with a machine that really boots: turns it on, reads what its
// kernel says, types a command and reads the answer, shuts it down, power-cycles it into PXE, and turns it off.
func TestATenantRunsAMachine(t *testing.T) {
	t.Parallel()
	machine := qemu.NeedGuest(t, guest.Image{})
	s := newSite(t, machine)
	s.powerIs(t, "off")
	reader, writer := s.watch(t), s.join(t)
	s.ann.OK(t, "POST", "/v0/node/n1/power_on", "")
	s.powerIs(t, "on")
	reader.shows(t, "Linux version")
	reader.shows(t, "guest# ")
	writer.types(t, "echo $((6*7)) is the answer\r")
	writer.shows(t, "42 is the answer")
	reader.shows(t, "42 is the answer")
	if strings.Contains(reader.String(), "iPXE") {
		t.Error("it started from the network, which nobody asked for")
	}
	writer.types(t, "poweroff\r")
	s.powerIs(t, "off")

	s.ann.OK(t, "POST", "/v0/node/n1/power_cycle", "")
	s.powerIs(t, "on")
	reader.shows(t, "boot.ipxe... ok")
	s.ann.OK(t, "POST", "/v0/node/n1/power_off", "")
	s.powerIs(t, "off")
	if machine.On() {
		t.Error("the machine is on")
	}
	if strings.Contains(s.Log.String(), bmcPassword) {
		t.Error("the controller's password is in the log")
	}
}

// powerIs waits until the server says so.
func (s *site) powerIs(t *testing.T, want string) {
	t.Helper()
	servertest.Eventually(t, "the power is "+want, func() (bool, any) {
		got := s.ann.OK(t, "GET", "/v0/node/n1/power_status", "").JSON(t)["power_status"]
		return got == want, got
	})
}
