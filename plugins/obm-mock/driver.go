package main

import (
	"context"
	"maps"
	"sync"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/obm/mock"
	version = "1.0.0"
)

// driver serves mock controllers. Two registrations with one host are one device.
type driver struct {
	consoles *mock.Consoles

	mu     sync.Mutex // guards the fields below
	faults mock.Faults
	also   []string
	store  *mock.Store
	calls  map[string]uint64 // visits of this process by host, so that each throws new dice
}

var (
	_ obm.Driver     = (*driver)(nil)
	_ sdk.Configurer = (*driver)(nil)
)

func newDriver() *driver {
	return &driver{calls: map[string]uint64{}, consoles: mock.NewConsoles()}
}

// Info lists the mock type, and those the mock was told to stand in for.
func (d *driver) Info(context.Context) (sdk.Info, error) {
	schema, err := settingsSchema()
	if err != nil {
		return sdk.Info{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	types := []sdk.Type{{URL: typeURL, Title: "Mock controller", Settings: schema}}
	for _, url := range d.also {
		types = append(types, sdk.Type{URL: url, Title: "Mock controller standing in", Settings: schema})
	}
	return sdk.Info{Name: "obm-mock", Version: version, Types: types}, nil
}

// Configure takes the section [obm-mock] of haas.cfg in.
func (d *driver) Configure(_ context.Context, section map[string]string) error {
	var f mock.Faults
	var dir string
	var also []string
	setters := f.Setters(&dir)
	maps.Copy(setters, map[string]mock.Setter{"also": func(text string) error { return parseURLs(&also, text) }})
	if err := mock.Configure(section, setters); err != nil {
		return err
	}
	store, err := mock.OpenStore(dir, "obm")
	if err != nil {
		return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: []sdk.FieldError{{Field: "state_dir", Text: err.Error()}}}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults, d.also, d.store = f, also, &store
	return nil
}

func (d *driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, _, err := readSettings(target, mock.Faults{})
	return err
}

func (d *driver) Open(_ context.Context, target sdk.Target) (obm.Session, error) {
	store, general, err := d.setup()
	if err != nil {
		return nil, err
	}
	set, f, err := readSettings(target, general)
	if err != nil {
		return nil, err
	}
	return &session{driver: d, store: store, faults: f, host: set.Host}, nil
}

// setup is what Configure left, or the defaults for a host that never called it.
func (d *driver) setup() (mock.Store, mock.Faults, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.store == nil {
		store, err := mock.OpenStore("", "obm")
		if err != nil {
			return mock.Store{}, mock.Faults{}, err
		}
		d.store = &store
	}
	return *d.store, d.faults, nil
}

// dice throws for the next visit to a host.
func (d *driver) dice(f mock.Faults, host string) mock.Dice {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[host]++
	return f.Dice(host, d.calls[host])
}
