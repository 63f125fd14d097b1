package headnode_test

import (
	"context"
	"reflect"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/internal/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a driver whose sessions note each call and fail if told to.
type fake struct {
	fail error
	meet func() // called in every Start

	mu    sync.Mutex
	calls []any // guarded by mu
}

func (f *fake) note(call ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call...)
	return f.fail
}

func (f *fake) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "headnode-test"}, nil
}

func (f *fake) ValidateTarget(_ context.Context, target sdk.Target) error {
	return f.note("ValidateTarget", target)
}

func (f *fake) Open(_ context.Context, target sdk.Target) (headnode.Session, error) {
	return fakeSession{f}, nil
}

type fakeSession struct{ f *fake }

func (s fakeSession) Images(context.Context) ([]headnode.Image, error) {
	return []headnode.Image{{Name: "img1", Description: "Debian"}}, s.f.note("Images")
}

func (s fakeSession) Create(_ context.Context, spec headnode.Spec) error {
	return s.f.note("Create", spec)
}

func (s fakeSession) Start(_ context.Context, id string) error {
	if s.f.meet != nil {
		s.f.meet()
	}
	return s.f.note("Start", id)
}

func (s fakeSession) Stop(_ context.Context, id string) error   { return s.f.note("Stop", id) }
func (s fakeSession) Delete(_ context.Context, id string) error { return s.f.note("Delete", id) }

func (s fakeSession) State(_ context.Context, id string) (headnode.State, error) {
	return headnode.State{Running: true, VNCPort: 5901}, s.f.note("State", id)
}

func (s fakeSession) Close() error { return nil }

// configurable is a fake that takes settings of its own.
type configurable struct{ fake }

func (c *configurable) Configure(_ context.Context, settings map[string]string) error {
	return c.note("Configure", settings)
}

// connect is d, seen from the host's end of a wire.
func connect(t *testing.T, d headnode.Driver) headnode.Driver {
	t.Helper()
	log := hclog.NewNullLogger()
	driver, err := headnode.Plugin{}.GRPCClient(t.Context(), nil, wiretest.Connect(t, log, headnode.NewService(d, log)))
	if err != nil {
		t.Fatal(err)
	}
	return driver.(headnode.Driver)
}

func target() sdk.Target {
	return sdk.Target{Name: "h1", Type: "http://example.com/x", Settings: sdk.Settings(`{"host":"h1"}`)}
}

// callAll makes every call once.
func callAll(t *testing.T, d headnode.Driver) (images []headnode.Image, state headnode.State, errs []error) {
	t.Helper()
	ctx := t.Context()
	errs = append(errs, d.ValidateTarget(ctx, target()))
	s, err := d.Open(ctx, target())
	if err != nil {
		t.Fatal(err)
	}
	images, err = s.Images(ctx)
	errs = append(errs, err)
	spec := headnode.Spec{ID: "id1", Image: "img1", NICs: []headnode.NIC{{Label: "eth0", VLAN: 7}}}
	errs = append(errs, s.Create(ctx, spec), s.Start(ctx, "id2"), s.Stop(ctx, "id3"), s.Delete(ctx, "id4"))
	state, err = s.State(ctx, "id5")
	return images, state, append(errs, err, s.Close())
}

func TestCallsCrossTheWire(t *testing.T) {
	t.Parallel()
	f := &fake{}
	images, state, errs := callAll(t, connect(t, f))
	for i, err := range errs {
		if err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if want := []headnode.Image{{Name: "img1", Description: "Debian"}}; !reflect.DeepEqual(images, want) {
		t.Errorf("%+v", images)
	}
	if want := (headnode.State{Running: true, VNCPort: 5901}); state != want {
		t.Errorf("%+v", state)
	}
	spec := headnode.Spec{ID: "id1", Image: "img1", NICs: []headnode.NIC{{Label: "eth0", VLAN: 7}}}
	want := []any{"ValidateTarget", target(), "Images", "Create", spec, "Start", "id2", "Stop", "id3", "Delete", "id4", "State", "id5"}
	if !reflect.DeepEqual(f.calls, want) {
		t.Errorf("%+v, want %+v", f.calls, want)
	}
}

func TestErrorsOfEachCall(t *testing.T) {
	t.Parallel()
	refused := &sdk.Error{Code: sdk.Refused, Text: "no", Retryable: true}
	_, _, errs := callAll(t, connect(t, &fake{fail: refused}))
	for i, err := range errs[:len(errs)-1] { // Close does not reach the driver
		if !reflect.DeepEqual(err, error(refused)) {
			t.Errorf("call %d: %#v", i, err)
		}
	}
}

// TestCallsRunBesideEachOther would hang if one waited for the other.
func TestCallsRunBesideEachOther(t *testing.T) {
	t.Parallel()
	var both sync.WaitGroup
	both.Add(2)
	f := &fake{meet: func() { both.Done(); both.Wait() }}
	s, err := connect(t, f).Open(t.Context(), target())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, id := range []string{"id1", "id2"} {
		all.Go(func() {
			if err := s.Start(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestConfigurerIsFoundByTypeAssertion(t *testing.T) {
	t.Parallel()
	if _, ok := connect(t, &fake{}).(sdk.Configurer); ok {
		t.Error("a driver without settings has become a Configurer")
	}
	d := &configurable{}
	c, ok := connect(t, d).(sdk.Configurer)
	if !ok {
		t.Fatal("a Configurer has lost its ability")
	}
	settings := map[string]string{"delay": "1s"}
	if err := c.Configure(t.Context(), settings); err != nil || !reflect.DeepEqual(d.calls, []any{"Configure", settings}) {
		t.Errorf("%v, %v", d.calls, err)
	}
}
