// Package libvirttest runs a libvirtd of the caller's own, whose machines are emulated by QEMU in software, for tests. It
// touches no system service: the daemon sees files, processes, sockets and, if wanted, a network that nobody else sees, and
// all of it is gone when the process that started it is, however that ends. It needs root, and the packages
// libvirt-daemon, libvirt-daemon-driver-qemu, libvirt-clients, qemu-system-x86, qemu-utils and iproute2, and over SSH openssh-server. It is not for production.
package libvirttest

import (
	"errors"
	"os"
	"os/exec"
	"testing"
)

// ErrMissing says that this machine cannot run a libvirtd.
var ErrMissing = errors.New("cannot run a libvirtd")

// Available is nil where Start can work; else it wraps ErrMissing and says what to do.
func Available() error {
	for _, program := range []string{"libvirtd", "virsh", "qemu-system-x86_64", "qemu-img", "unshare", "mount", "nsenter", "bash", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			return missing(program + " is not installed; run .ci/setup to install what the tests need")
		}
	}
	if os.Geteuid() != 0 {
		return missing("mounts of one's own need root")
	}
	return nil
}

// missing is ErrMissing with a reason.
type missing string

func (m missing) Error() string        { return ErrMissing.Error() + ": " + string(m) }
func (m missing) Is(target error) bool { return target == ErrMissing }

// Run is a host for a test, and stops it when the test ends. The test is skipped where it cannot run; a build server
// has no excuse.
func Run(t testing.TB, o Options) *Host {
	t.Helper()
	if err := Available(); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	h, err := Start(t.Context(), shortDir(t), o)
	if err != nil {
		t.Fatal("start libvirtd: ", err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error("stop libvirtd: ", err)
		}
	})
	return h
}

// shortDir is a folder for one test: the path of t.TempDir contains the test's name, and a socket's path must be short.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "virt") //nolint:usetesting // t.TempDir is too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a leftover in the temporary folder harms nobody
	return dir
}
