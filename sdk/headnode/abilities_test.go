package headnode_test

import (
	"context"
	"errors"
	"io"
	"net"
	"reflect"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// able is a fake whose sessions have every ability. The lines they open echo.
type able struct{ fake }

func (a *able) Open(context.Context, sdk.Target) (headnode.Session, error) {
	return ableSession{fakeSession{&a.fake}}, nil
}

type ableSession struct{ fakeSession }

func (s ableSession) Console(_ context.Context, id string) (io.ReadWriteCloser, error) {
	return echo(s.f.note("Console", id))
}

func (s ableSession) TakeConsole(_ context.Context, id string) (io.ReadWriteCloser, error) {
	return echo(s.f.note("TakeConsole", id))
}

func (s ableSession) Screen(_ context.Context, id string) (io.ReadWriteCloser, error) {
	return echo(s.f.note("Screen", id))
}

func (s ableSession) Plug(_ context.Context, id string, nic headnode.NIC) error {
	return s.f.note("Plug", id, nic)
}

func (s ableSession) Room(_ context.Context, image string) (headnode.Room, error) {
	return headnode.Room{Total: 3, Used: 2, Needed: 1}, s.f.note("Room", image)
}

func (s ableSession) CreateSeeded(_ context.Context, spec headnode.Spec, seed headnode.Seed) error {
	return s.f.note("CreateSeeded", spec, seed)
}

// echo is a line that says what it is told, unless it could not be opened.
func echo(err error) (io.ReadWriteCloser, error) {
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	go func() {
		_, _ = io.Copy(far, far)
		_ = far.Close()
	}()
	return near, nil
}

// openers are the abilities to open a stream.
func openers(s headnode.Session) map[string]func(context.Context, string) (io.ReadWriteCloser, error) {
	return map[string]func(context.Context, string) (io.ReadWriteCloser, error){
		"Console":     s.(headnode.Consoler).Console,
		"TakeConsole": s.(headnode.ConsoleTaker).TakeConsole,
		"Screen":      s.(headnode.Screener).Screen,
	}
}

func open(t *testing.T, d headnode.Driver) headnode.Session {
	t.Helper()
	s, err := connect(t, d).Open(t.Context(), target())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStreamsCrossTheWire(t *testing.T) {
	t.Parallel()
	a := &able{}
	for name, call := range openers(open(t, a)) {
		line, err := call(t.Context(), "id-"+name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := line.Write([]byte(name)); err != nil {
			t.Error(err)
		}
		said := make([]byte, len(name))
		if _, err := io.ReadFull(line, said); err != nil || string(said) != name {
			t.Errorf("%s: %q, %v", name, said, err)
		}
		if err := line.Close(); err != nil {
			t.Error(err)
		}
		if want := []any{name, "id-" + name}; !reflect.DeepEqual(a.calls, want) {
			t.Errorf("%+v, want %+v", a.calls, want)
		}
		a.calls = nil
	}
}

func TestPlugCrossesTheWire(t *testing.T) {
	t.Parallel()
	a := &able{}
	nic := headnode.NIC{Label: "eth0", VLAN: 7}
	if err := open(t, a).(headnode.Plugger).Plug(t.Context(), "id1", nic); err != nil {
		t.Error(err)
	}
	if want := []any{"Plug", "id1", nic}; !reflect.DeepEqual(a.calls, want) {
		t.Errorf("%+v, want %+v", a.calls, want)
	}
}

func TestRoomIsAskedAcrossTheWire(t *testing.T) {
	t.Parallel()
	a := &able{}
	room, err := open(t, a).(headnode.Roomer).Room(t.Context(), "img1")
	if want := (headnode.Room{Total: 3, Used: 2, Needed: 1}); err != nil || room != want {
		t.Errorf("%+v, %v", room, err)
	}
	if want := []any{"Room", "img1"}; !reflect.DeepEqual(a.calls, want) {
		t.Errorf("%v", a.calls)
	}
}

func TestCreateSeededCrossesTheWire(t *testing.T) {
	t.Parallel()
	a := &able{}
	spec := headnode.Spec{ID: "id1", Image: "img1", NICs: []headnode.NIC{{Label: "eth0", VLAN: 7}}}
	seed := headnode.Seed{Hostname: "h1", SSHKeys: []string{"ssh-ed25519 AAAA"}, UserData: "#cloud-config"}
	if err := open(t, a).(headnode.Seeder).CreateSeeded(t.Context(), spec, seed); err != nil {
		t.Error(err)
	}
	if want := []any{"CreateSeeded", spec, seed}; !reflect.DeepEqual(a.calls, want) {
		t.Errorf("%+v, want %+v", a.calls, want)
	}
}

func TestErrorsOfAbilities(t *testing.T) {
	t.Parallel()
	refused := &sdk.Error{Code: sdk.Refused, Text: "it does not run", Retryable: true}
	a := &able{}
	s := open(t, a)
	a.fail = refused
	for name, call := range openers(s) {
		if _, err := call(t.Context(), "id1"); !reflect.DeepEqual(err, error(refused)) {
			t.Errorf("%s: %#v", name, err)
		}
	}
	if err := s.(headnode.Plugger).Plug(t.Context(), "id1", headnode.NIC{}); !reflect.DeepEqual(err, error(refused)) {
		t.Errorf("Plug: %#v", err)
	}
	if _, err := s.(headnode.Roomer).Room(t.Context(), ""); !reflect.DeepEqual(err, error(refused)) {
		t.Errorf("Room: %#v", err)
	}
	if err := s.(headnode.Seeder).CreateSeeded(t.Context(), headnode.Spec{}, headnode.Seed{}); !reflect.DeepEqual(err, error(refused)) {
		t.Errorf("CreateSeeded: %#v", err)
	}
}

func TestADriverWithoutAbilitiesSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t, &fake{})
	for name, call := range openers(s) {
		if _, err := call(t.Context(), "id1"); !errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) || sdk.IsRetryable(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.(headnode.Plugger).Plug(t.Context(), "id1", headnode.NIC{}); !errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		t.Errorf("Plug: %v", err)
	}
	if _, err := s.(headnode.Roomer).Room(t.Context(), ""); !errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		t.Errorf("Room: %v", err)
	}
	if err := s.(headnode.Seeder).CreateSeeded(t.Context(), headnode.Spec{}, headnode.Seed{}); !errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		t.Errorf("CreateSeeded: %v", err)
	}
	if err := s.Start(t.Context(), "id1"); err != nil {
		t.Errorf("the session did not survive: %v", err)
	}
}
