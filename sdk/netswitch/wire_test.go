package netswitch_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/wiretest"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// connect is d, seen from the host's end of a wire.
func connect(t *testing.T, d netswitch.Driver) netswitch.Driver {
	t.Helper()
	log := hclog.NewNullLogger()
	conn := wiretest.Connect(t, log, netswitch.NewService(d, log))
	driver, err := netswitch.Plugin{}.GRPCClient(t.Context(), nil, conn)
	if err != nil {
		t.Fatal(err)
	}
	return driver.(netswitch.Driver)
}

func open(t *testing.T, d netswitch.Driver) netswitch.Session {
	t.Helper()
	s, err := connect(t, d).Open(t.Context(), target())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func target() sdk.Target {
	return sdk.Target{Name: "sw-1", Type: "http://example.com/x", Settings: sdk.Settings(`{"host":"sw-1"}`)}
}

var refused = &sdk.Error{Code: sdk.Refused, Text: "no", Retryable: true}

// wantRefused wants the error of the driver at the host's end.
func wantRefused(t *testing.T, err error) {
	t.Helper()
	if !reflect.DeepEqual(err, error(refused)) {
		t.Errorf("%#v, want %#v", err, refused)
	}
}

func TestValidateTarget(t *testing.T) {
	t.Parallel()
	var got sdk.Target
	d := connect(t, &fake{validateTarget: func(target sdk.Target) error { got = target; return refused }})
	wantRefused(t, d.ValidateTarget(t.Context(), target()))
	if !reflect.DeepEqual(got, target()) {
		t.Errorf("%#v", got)
	}
}

func TestValidatePort(t *testing.T) {
	t.Parallel()
	d := connect(t, &fake{validatePort: func(got sdk.Target, port string) (string, error) {
		if port != "gi1" || !reflect.DeepEqual(got, target()) {
			return "", refused
		}
		return "GigabitEthernet 1", nil
	}})
	if name, err := d.ValidatePort(t.Context(), target(), "gi1"); name != "GigabitEthernet 1" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	_, err := d.ValidatePort(t.Context(), target(), "gi2")
	wantRefused(t, err)
	if _, err := d.ValidatePort(t.Context(), target(), "gi\xff"); !errors.Is(err, &sdk.Error{Code: sdk.Invalid}) {
		t.Errorf("a port that is no text: %v", err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	d := connect(t, &fake{open: func(got sdk.Target) error {
		if !reflect.DeepEqual(got, target()) {
			t.Errorf("%#v", got)
		}
		return refused
	}})
	_, err := d.Open(t.Context(), target())
	wantRefused(t, err)
}

func TestRead(t *testing.T) {
	t.Parallel()
	want := []netswitch.PortState{{Port: "b", Native: 1, Tagged: []int{2}, Up: true}, {Port: "a"}}
	s := open(t, &fake{session: fakeSession{read: func(_ context.Context, ports []string) ([]netswitch.PortState, error) {
		if !reflect.DeepEqual(ports, []string{"b", "a"}) {
			return nil, refused
		}
		return want, nil
	}}})
	if got, err := s.Read(t.Context(), []string{"b", "a"}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	_, err := s.Read(t.Context(), []string{"c"})
	wantRefused(t, err)
}

func TestPlan(t *testing.T) {
	t.Parallel()
	want := []netswitch.PortState{{Port: "b", Native: 1, Tagged: []int{2}, Up: true}}
	s := open(t, &fake{session: fakeSession{plan: func(got []netswitch.PortState) ([]string, error) {
		if !reflect.DeepEqual(got, want) {
			return nil, refused
		}
		return []string{"interface b", "no shutdown \xff"}, nil
	}}})
	lines, err := s.Plan(t.Context(), want)
	if err != nil || !reflect.DeepEqual(lines, []string{"interface b", "no shutdown \uFFFD"}) {
		t.Errorf("%q, %v", lines, err)
	}
	_, err = s.Plan(t.Context(), nil)
	wantRefused(t, err)
}

func TestApply(t *testing.T) {
	t.Parallel()
	want := []netswitch.PortState{{Port: "b", Native: 1, Tagged: []int{2}, Up: true}, {Port: "a"}}
	results := []netswitch.PortResult{{Port: "b", Err: refused}, {Port: "a"}}
	s := open(t, &fake{session: fakeSession{apply: func(got []netswitch.PortState) ([]netswitch.PortResult, error) {
		if !reflect.DeepEqual(got, want) {
			return nil, refused
		}
		return results, nil
	}}})
	if got, err := s.Apply(t.Context(), want); err != nil || !reflect.DeepEqual(got, results) {
		t.Errorf("%+v, %v", got, err)
	}
	_, err := s.Apply(t.Context(), want[:1])
	wantRefused(t, err)
}

func TestAnswersForOtherPortsAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t, &fake{session: fakeSession{
		read: func(context.Context, []string) ([]netswitch.PortState, error) {
			return []netswitch.PortState{{Port: "b"}, {Port: "a"}}, nil
		},
		apply: func([]netswitch.PortState) ([]netswitch.PortResult, error) { return nil, nil },
	}})
	if _, err := s.Read(t.Context(), []string{"a", "b"}); err == nil || !strings.Contains(err.Error(), `"b" in place of "a"`) {
		t.Errorf("%v", err)
	}
	if _, err := s.Apply(t.Context(), []netswitch.PortState{{Port: "a"}}); err == nil || !strings.Contains(err.Error(), "0 ports of 1") {
		t.Errorf("%v", err)
	}
}

func TestSaveAndClose(t *testing.T) {
	t.Parallel()
	s := open(t, &fake{session: fakeSession{save: func() error { return refused }}})
	wantRefused(t, s.Save(t.Context()))
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestConfigurerIsFoundByTypeAssertion(t *testing.T) {
	t.Parallel()
	if _, ok := connect(t, &fake{}).(sdk.Configurer); ok {
		t.Error("a driver without settings has become a Configurer")
	}
	c, ok := connect(t, &configurable{}).(sdk.Configurer)
	if !ok {
		t.Fatal("a Configurer has lost its ability")
	}
	if err := c.Configure(t.Context(), map[string]string{"delay": "1s"}); err != nil {
		t.Error(err)
	}
}

func TestCancelReachesTheDriver(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := open(t, &fake{session: fakeSession{read: func(ctx context.Context, _ []string) ([]netswitch.PortState, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}})
	if _, err := s.Read(ctx, []string{"a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
