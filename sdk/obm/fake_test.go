package obm_test

import (
	"context"
	"io"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/wiretest"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// fake is a driver whose sessions note each call and fail if told to.
type fake struct {
	fail    error
	console func(ctx context.Context) (io.ReadWriteCloser, error) // nil if there is none
	able    bool                                                  // it has every ability

	mu    sync.Mutex
	calls []any // guarded by mu
}

func (f *fake) note(call ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call...)
	return f.fail
}

func (f *fake) Info(context.Context) (sdk.Info, error) { return sdk.Info{Name: "obm-test"}, nil }

func (f *fake) ValidateTarget(_ context.Context, target sdk.Target) error {
	return f.note("ValidateTarget", target)
}

func (f *fake) Open(context.Context, sdk.Target) (obm.Session, error) {
	if f.able {
		return ableSession{fakeConsoler{fakeSession{f}}}, nil
	}
	if f.console != nil {
		return fakeConsoler{fakeSession{f}}, nil
	}
	return fakeSession{f}, nil
}

type fakeSession struct{ f *fake }

func (s fakeSession) PowerOn(context.Context) error  { return s.f.note("PowerOn") }
func (s fakeSession) PowerOff(context.Context) error { return s.f.note("PowerOff") }
func (s fakeSession) Close() error                   { return nil }

func (s fakeSession) PowerCycle(_ context.Context, force bool) error {
	return s.f.note("PowerCycle", force)
}

func (s fakeSession) PowerStatus(context.Context) (obm.Power, error) {
	return obm.PowerOn, s.f.note("PowerStatus")
}

func (s fakeSession) SetBootDevice(_ context.Context, dev obm.BootDevice) error {
	return s.f.note("SetBootDevice", dev)
}

type fakeConsoler struct{ fakeSession }

func (s fakeConsoler) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	return s.f.console(ctx)
}

// connect is d, seen from the host's end of a wire.
func connect(t *testing.T, d obm.Driver) obm.Driver {
	t.Helper()
	log := hclog.NewNullLogger()
	driver, err := obm.Plugin{}.GRPCClient(t.Context(), nil, wiretest.Connect(t, log, obm.NewService(d, log)))
	if err != nil {
		t.Fatal(err)
	}
	return driver.(obm.Driver)
}

func open(t *testing.T, d obm.Driver) obm.Session {
	t.Helper()
	s, err := connect(t, d).Open(t.Context(), target())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func target() sdk.Target {
	return sdk.Target{Name: "n1", Type: "http://example.com/x", Settings: sdk.Settings(`{"host":"n1"}`)}
}
