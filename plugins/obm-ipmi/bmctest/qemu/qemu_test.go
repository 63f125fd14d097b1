package qemu_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bougou/go-ipmi/pkg/types"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/qemu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestAMachineStartsAnswersAndGoesOff walks through the life of one, which has a network card and a driver for it.
func TestAMachineStartsAnswersAndGoesOff(t *testing.T) {
	t.Parallel()
	m := qemu.NeedGuest(t, guest.Image{Modules: []string{"virtio_pci", "virtio_net"}, Script: "echo interfaces: $(ls /sys/class/net)\n"})
	line := attach(t, m)
	if m.On() {
		t.Error("it is on before it was turned on")
	}
	if _, err := line.Write([]byte("is there anybody?")); err != nil {
		t.Error(err) // it is off and hears nothing
	}
	m.SetBoot(types.BootDeviceSelectorForcePXE)
	must(t, m.Power(true))
	boot := guest.ReadUntil(t, line, "is up after")
	for _, want := range []string{"iPXE", "boot.ipxe... ok", "Linux version", "interfaces: eth0 lo"} {
		if !strings.Contains(boot, want) {
			t.Errorf("it has not printed %q:\n%s", want, boot)
		}
	}
	if !m.On() {
		t.Error("it is off while it runs")
	}
	_, err := line.Write([]byte("echo $((6*7)) is the answer\n"))
	must(t, err)
	guest.ReadUntil(t, line, "42 is the answer")
	_, err = line.Write([]byte("poweroff\n"))
	must(t, err)
	guest.ReadUntil(t, line, "reboot: Power down")
	off := time.Now().Add(limit)
	for m.On() {
		if runtime.Gosched(); time.Now().After(off) {
			t.Fatal("it stays on")
		}
	}

	m.SetBoot(types.BootDeviceSelectorNoOverride)
	must(t, m.Power(true))
	if boot := guest.ReadUntil(t, line, "Linux version"); strings.Contains(boot, "iPXE") {
		t.Errorf("it starts from the network again:\n%s", boot)
	}
	must(t, m.Power(false))
	if m.On() {
		t.Error("it is on after it was turned off")
	}
	must(t, line.Close())
	must(t, m.Close())
}

func TestAMachineWithoutAKernel(t *testing.T) {
	t.Parallel()
	qemu.Need(t)
	_, err := qemu.New(qemu.Options{Kernel: filepath.Join(t.TempDir(), "vmlinuz")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestWhatQEMUComplainsOfIsOnTheLine gives it a kernel that is none.
func TestWhatQEMUComplainsOfIsOnTheLine(t *testing.T) {
	t.Parallel()
	qemu.Need(t)
	file := filepath.Join(t.TempDir(), "vmlinuz")
	must(t, os.WriteFile(file, []byte("no kernel"), 0o600))
	m, err := qemu.New(qemu.Options{Kernel: file, Initrd: file})
	must(t, err)
	line := attach(t, m)
	must(t, m.Power(true))
	guest.ReadUntil(t, line, "kernel too old")
	must(t, m.Close())
}

// limit is how long a line is read, on a busy machine.
const limit = 2 * time.Minute

func attach(t *testing.T, m *qemu.Machine) io.ReadWriteCloser {
	t.Helper()
	line, err := m.Serial()
	must(t, err)
	giveUp := time.AfterFunc(limit, func() { _ = line.Close() })
	t.Cleanup(func() { giveUp.Stop(); _ = line.Close() }) // it may be closed already
	return line
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
