package pc_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/bougou/go-ipmi/pkg/types"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/pc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestItSaysFromWhatItStarts(t *testing.T) {
	t.Parallel()
	for device, want := range map[types.BootDeviceSelector]string{
		types.BootDeviceSelectorNoOverride: "first device", types.BootDeviceSelectorForcePXE: "network (PXE)",
		types.BootDeviceSelectorForceHardDrive: "from disk", types.BootDeviceSelectorForceBIOSSetup: "set up",
		types.BootDeviceSelectorForceFloppy: "not there",
	} {
		m, line := machine(t)
		m.SetBoot(device)
		power(t, m, true)
		if boot := guest.ReadUntil(t, line, "Press a number: "); !strings.Contains(boot, want) {
			t.Errorf("%v: it prints %q", device, boot)
		}
	}
}

// TestItAnswers goes through the menu and types at the prompt.
func TestItAnswers(t *testing.T) {
	t.Parallel()
	m, line := machine(t)
	typeTo(t, line, "1") // a machine that is off hears nothing
	power(t, m, true)
	guest.ReadUntil(t, line, "Press a number: ")
	typeTo(t, line, "9")
	guest.ReadUntil(t, line, `'9' is none of them. Press a number: `)
	typeTo(t, line, "2")
	guest.ReadUntil(t, line, "2\r\nStarting Rescue system...\r\n")
	for typed, want := range map[string]string{
		"help\r": "poweroff\r\n", "echo ab\bc\r": "echo ab\b \bc\r\nac\r\n", "boot\r": "the disk...\r\n", "ls -l\r": "ls: not found\r\n", "\r": "simulated# ",
	} {
		guest.ReadUntil(t, line, "simulated# ")
		typeTo(t, line, typed)
		guest.ReadUntil(t, line, want)
		typeTo(t, line, "\r")
	}
	typeTo(t, line, "\rreboot\r")
	guest.ReadUntil(t, line, "Boot menu")
	typeTo(t, line, "1poweroff\r")
	guest.ReadUntil(t, line, "poweroff\r\n")
	eventuallyOff(t, m)
	power(t, m, true)
	guest.ReadUntil(t, line, "Boot menu")
	power(t, m, false)
	eventuallyOff(t, m)
}

// TestItsLinesTakeTime turns it off while it waits for the next one.
func TestItsLinesTakeTime(t *testing.T) {
	t.Parallel()
	m, _ := machine(t)
	m.Pace = time.Hour
	power(t, m, true)
	power(t, m, true) // as a reset does
	power(t, m, false)
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

func machine(t *testing.T) (*pc.Machine, io.ReadWriter) {
	t.Helper()
	m := &pc.Machine{}
	line, err := m.Serial()
	if err != nil {
		t.Fatal(err)
	}
	giveUp := time.AfterFunc(time.Minute, func() { _ = line.Close() })
	t.Cleanup(func() { giveUp.Stop(); _ = m.Close() }) // it always succeeds
	return m, line
}

func power(t *testing.T, m *pc.Machine, on bool) {
	t.Helper()
	if err := m.Power(on); err != nil {
		t.Fatal(err)
	}
}

func eventuallyOff(t *testing.T, m *pc.Machine) {
	t.Helper()
	for giveUp := time.Now().Add(time.Minute); m.On(); {
		if time.Now().After(giveUp) {
			t.Fatal("it stays on")
		}
	}
}

func typeTo(t *testing.T, line io.Writer, keys string) {
	t.Helper()
	if _, err := io.WriteString(line, keys); err != nil {
		t.Fatal(err)
	}
}
