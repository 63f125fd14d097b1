// Package ovstest runs an Open vSwitch of the caller's own, with real packets between machines that are network
// namespaces, for tests and for the lab. It touches no system service and needs no kernel module, nothing it makes has a
// name outside of it, and all of it is gone when the process that started it is, however that ends. It needs root, and the
// packages openvswitch-switch, iproute2 and iputils-ping. It is not for production.
package ovstest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// ErrMissing says that this machine cannot run an Open vSwitch.
var ErrMissing = errors.New("cannot run an Open vSwitch")

// Available is nil where Start can work; else it wraps ErrMissing and says what to do.
func Available() error {
	for _, program := range []string{"ovsdb-tool", "ovsdb-server", "ovs-vsctl", "ovs-vswitchd", "ip", "ping"} {
		if _, err := exec.LookPath(program); err != nil {
			return missing(program + " is not installed; run .ci/setup to install what the tests need")
		}
	}
	ns, err := newNamespace()
	if err != nil {
		return missing("network namespaces need root: " + err.Error())
	}
	return ns.Close()
}

// missing is ErrMissing with a reason.
type missing string

func (m missing) Error() string        { return ErrMissing.Error() + ": " + string(m) }
func (m missing) Is(target error) bool { return target == ErrMissing }

// Run is a switch for a test, and stops it when the test ends. The test is skipped where the switch cannot run; a
// build server has no excuse.
func Run(t testing.TB) *Switch {
	t.Helper()
	if err := Available(); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	s, err := Start(t.Context(), shortDir(t))
	if err != nil {
		t.Fatal("start Open vSwitch: ", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("stop Open vSwitch: ", err)
		}
	})
	return s
}

// shortDir is a folder for one test: the path of t.TempDir contains the test's name, and a socket's path must be short.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ovs") //nolint:usetesting // t.TempDir is too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a leftover in the temporary folder harms nobody
	return dir
}

// MustCtl runs ovs-vsctl for a test, which fails if it does.
func (s *Switch) MustCtl(t testing.TB, args ...string) string {
	t.Helper()
	out, err := s.Ctl(context.WithoutCancel(t.Context()), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
