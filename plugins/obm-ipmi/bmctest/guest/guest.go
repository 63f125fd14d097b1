// Package guest is a small operating system for emulated machines in tests and simulations: Debian's kernel for virtual
// machines and busybox, in memory alone, with a shell on the first serial port a few seconds after the start. .ci/setup
// fetches both into the folder bin/guest of the source tree, and installs neither. The package is not for running
// machines, which is the business of whoever has a hypervisor.
package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// folder is where .ci/setup puts the parts, from the top of the source tree.
const folder = "bin/guest"

// ErrMissing says that the parts have not been fetched.
var ErrMissing = errors.New("no " + folder + " here or above; run .ci/setup guest in the source tree of HaaS, and start from there")

// Guest are the parts of the system on disk.
type Guest struct {
	// Kernel is the path of the kernel, and Busybox that of the program, which runs here too.
	Kernel, Busybox string
	modules         string
}

// Find looks for the parts in the working directory and those above it.
func Find() (*Guest, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		if g, err := at(filepath.Join(dir, folder)); err == nil {
			return g, nil
		}
		if dir == filepath.Dir(dir) {
			return nil, ErrMissing
		}
		dir = filepath.Dir(dir)
	}
}

// at are the parts in a folder, as Debian lays them out: since its release 13, most are below usr.
func at(dir string) (*Guest, error) {
	g := &Guest{}
	for part, to := range map[string]*string{"boot/vmlinuz-*": &g.Kernel, "bin/busybox": &g.Busybox, "lib/modules/*": &g.modules} {
		found, _ := filepath.Glob(filepath.Join(dir, part)) // the patterns are good
		later, _ := filepath.Glob(filepath.Join(dir, "usr", part))
		if found = append(found, later...); len(found) != 1 {
			return nil, fmt.Errorf("%s is not in %s once", part, dir)
		}
		*to = found[0]
	}
	return g, nil
}

// Need is Find for tests. They are skipped where the parts are missing, and fail on a build server, which has them all.
func Need(t testing.TB) *Guest {
	t.Helper()
	g, err := Find()
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return g
}
