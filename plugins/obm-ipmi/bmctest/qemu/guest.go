package qemu

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
)

// Guest are the options of a machine that runs a guest with the image, which is written into dir.
func Guest(dir string, g *guest.Guest, i guest.Image) (Options, error) {
	file, err := os.Create(filepath.Join(dir, "initrd"))
	if err != nil {
		return Options{}, err
	}
	err = errors.Join(g.Write(file, i), file.Close())
	return Options{Kernel: g.Kernel, Initrd: file.Name(), Append: "console=ttyS0"}, err
}

// NeedGuest is a machine with a guest for tests, until the test ends. They are skipped where QEMU or the guest is
// missing, and fail on a build server, which has both.
func NeedGuest(t testing.TB, i guest.Image) *Machine {
	t.Helper()
	g := guest.Need(t)
	if _, err := exec.LookPath(Program); err != nil && os.Getenv("CI") == "" {
		t.Skipf("%v; run .ci/setup guest", err)
	}
	o, err := Guest(t.TempDir(), g, i)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() }) // what it leaves is in the temporary folder
	return m
}
