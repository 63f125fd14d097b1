package ovstest_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func machine(t testing.TB, s *ovstest.Switch, bridge, port, address string) *ovstest.Namespace {
	t.Helper()
	m, err := ovstest.NewMachine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if err := errors.Join(s.Plug(t.Context(), bridge, port, m, "eth0"), m.SetAddress(t.Context(), "eth0", address)); err != nil {
		t.Fatal(err)
	}
	return m
}

func reaches(t testing.TB, m *ovstest.Namespace, address string) bool {
	t.Helper()
	ok, err := m.Ping(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestPacketsObeyTheTags(t *testing.T) {
	t.Parallel()
	s := ovstest.Run(t)
	if err := s.AddBridge(t.Context(), "br0"); err != nil {
		t.Fatal(err)
	}
	one, two := machine(t, s, "br0", "p1", "10.0.0.1/24"), machine(t, s, "br0", "p2", "10.0.0.2/24")
	if !reaches(t, one, "10.0.0.2") {
		t.Error("two new ports do not reach each other")
	}
	s.MustCtl(t, "set", "Port", "p1", "tag=7")
	for tries := 0; reaches(t, two, "10.0.0.1"); tries++ { // single frames go by what was cached
		if tries == 10 {
			t.Fatal("a port reaches one with another tag")
		}
	}
	s.MustCtl(t, "set", "Port", "p2", "tag=7")
	if !reaches(t, two, "10.0.0.1") {
		t.Error("two ports with the same tag do not reach each other")
	}
}

func TestTheDatabaseOutlivesItsServer(t *testing.T) {
	t.Parallel()
	s := ovstest.Run(t)
	if err := s.AddBridge(t.Context(), "br0"); err != nil {
		t.Fatal(err)
	}
	s.Database.Kill()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Ctl(ctx, "list-br"); err == nil {
		t.Error("a killed database answers")
	}
	if err := s.Database.Start(); err != nil {
		t.Fatal(err)
	}
	if got := s.MustCtl(t, "--retry", "list-br"); got != "br0" {
		t.Errorf("bridges %q", got)
	}
}

func TestALongFolderIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := ovstest.Start(t.Context(), "/tmp/"+string(make([]byte, 90))); err == nil {
		t.Error("a socket cannot have such a long path")
	}
}
