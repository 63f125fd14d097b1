package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
	"github.com/CCI-MOC/haas/sdk/internal/wiretest"
)

// fake is a driver with a function for each method.
type fake struct {
	info func() (sdk.Info, error)
}

func (f fake) Info(context.Context) (sdk.Info, error) { return f.info() }

type configurable struct {
	fake
	configure func(map[string]string) error
}

func (c configurable) Configure(_ context.Context, settings map[string]string) error {
	return c.configure(settings)
}

// service serves the Driver service alone.
type service struct{ wire.Driver }

func (s service) Register(g grpc.ServiceRegistrar) { wire.RegisterDriver(g, s.Driver) }
func (service) Close(context.Context)              {}

func TestInfoCrossesTheWire(t *testing.T) {
	t.Parallel()
	for name, info := range map[string]sdk.Info{
		"zero":    {},
		"name":    {Name: "switch-x"},
		"version": {Version: "1.2.0"},
		"all": {Name: "switch-x", Version: "1.2.0", Types: []sdk.Type{
			{URL: "http://example.com/x", Title: "X", Settings: json.RawMessage(`{"type":"object"}`), Capabilities: []string{"a", "b"}},
			{URL: "http://example.com/y"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := wiretest.Connect(t, hclog.NewNullLogger(), service{fake{info: func() (sdk.Info, error) { return info, nil }}})
			base, isConfigurable, err := wire.Connect(t.Context(), conn)
			if err != nil || isConfigurable {
				t.Fatal(isConfigurable, err)
			}
			got, err := base.Info(t.Context())
			if err != nil || !reflect.DeepEqual(got, info) {
				t.Errorf("%+v became %+v, %v", info, got, err)
			}
		})
	}
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	var got map[string]string
	unknown := &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: []sdk.FieldError{{Field: "dealy", Text: "is unknown"}}}
	driver := configurable{
		fake: fake{info: func() (sdk.Info, error) { return sdk.Info{Name: "x"}, nil }},
		configure: func(settings map[string]string) error {
			if got = settings; settings["dealy"] != "" {
				return unknown
			}
			return nil
		},
	}
	base, isConfigurable, err := wire.Connect(t.Context(), wiretest.Connect(t, hclog.NewNullLogger(), service{driver}))
	if err != nil || !isConfigurable {
		t.Fatal(isConfigurable, err)
	}
	want := map[string]string{"delay": "300ms", "": "odd"}
	if err := base.Configurer().Configure(t.Context(), want); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v became %v, %v", want, got, err)
	}
	err = base.Configurer().Configure(t.Context(), map[string]string{"dealy": "1s"})
	if !reflect.DeepEqual(err, unknown) {
		t.Errorf("%#v, want %#v", err, unknown)
	}
}

func TestConfigureOfADriverWithoutSettings(t *testing.T) {
	t.Parallel()
	driver := fake{info: func() (sdk.Info, error) { return sdk.Info{}, nil }}
	base, _, err := wire.Connect(t.Context(), wiretest.Connect(t, hclog.NewNullLogger(), service{driver}))
	if err != nil {
		t.Fatal(err)
	}
	if err := base.Configurer().Configure(t.Context(), nil); !errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		t.Errorf("%v", err)
	}
}

func TestADriverThatCannotSayWhoItIs(t *testing.T) {
	t.Parallel()
	driver := fake{info: func() (sdk.Info, error) { return sdk.Info{}, &sdk.Error{Code: sdk.Unsupported, Text: "no licence"} }}
	_, _, err := wire.Connect(t.Context(), wiretest.Connect(t, hclog.NewNullLogger(), service{driver}))
	if !errors.Is(err, &sdk.Error{Code: sdk.Unsupported}) {
		t.Errorf("%v", err)
	}
}

func TestAPanicIsAnErrorAndTheProcessLivesOn(t *testing.T) {
	t.Parallel()
	log := &journal{}
	panics := true
	driver := fake{info: func() (sdk.Info, error) {
		if panics {
			panic("open-sesame")
		}
		return sdk.Info{Name: "x"}, nil
	}}
	conn := wiretest.Connect(t, hclog.New(&hclog.LoggerOptions{Output: log, JSONFormat: true}), service{driver})
	_, _, err := wire.Connect(t.Context(), conn)
	if !errors.Is(err, &sdk.Error{Code: sdk.Internal}) || !strings.Contains(err.Error(), "panicked in Info") || strings.Contains(err.Error(), "sesame") {
		t.Errorf("%v", err)
	}
	if said := log.String(); !strings.Contains(said, "/haas.sdk.v1.Driver/Info") || !strings.Contains(said, "driver_test.go") {
		t.Errorf("the log lacks the method or the stack: %s", said)
	}
	panics = false
	if _, _, err := wire.Connect(t.Context(), conn); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

// journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder // guarded by mu
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
