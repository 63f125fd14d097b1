package main

import (
	"context"
	"maps"
	"os"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/switches/mock"
	version = "1.0.0"
)

// driver serves mock switches. Two registrations with one hostname are one device.
type driver struct {
	log hclog.Logger
	// exit ends the process; a crash is played with it.
	exit func(code int)

	mu     sync.Mutex // guards the fields below
	faults faults
	store  *mock.Store
	calls  map[string]uint64 // visits of this process by hostname, so that each throws new dice
}

var (
	_ netswitch.Driver = (*driver)(nil)
	_ sdk.Configurer   = (*driver)(nil)
)

func newDriver(log hclog.Logger) *driver {
	return &driver{log: log, exit: os.Exit, calls: map[string]uint64{}}
}

func (d *driver) Info(context.Context) (sdk.Info, error) {
	schema, err := settingsSchema()
	return sdk.Info{Name: "switch-mock", Version: version, Types: []sdk.Type{{
		URL: typeURL, Title: "Mock switch", Settings: schema, Capabilities: []string{netswitch.NativelessTrunk},
	}}}, err
}

// Configure takes the section [switch-mock] of haas.cfg in: the faults of every switch, and where their files are.
func (d *driver) Configure(_ context.Context, section map[string]string) error {
	var f faults
	var dir string
	setters := f.Setters(&dir)
	maps.Copy(setters, map[string]mock.Setter{"crash": mock.Chance(&f.Crash), "lie": mock.Chance(&f.Lie)})
	if err := mock.Configure(section, setters); err != nil {
		return err
	}
	store, err := mock.OpenStore(dir, "switch")
	if err != nil {
		return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: []sdk.FieldError{{Field: "state_dir", Text: err.Error()}}}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults, d.store = f, &store
	return nil
}

func (d *driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, _, err := readSettings(target, faults{})
	return err
}

func (d *driver) ValidatePort(_ context.Context, _ sdk.Target, port string) (string, error) {
	return canonicalPort(port)
}

func (d *driver) Open(_ context.Context, target sdk.Target) (netswitch.Session, error) {
	store, general, err := d.setup()
	if err != nil {
		return nil, err
	}
	set, f, err := readSettings(target, general)
	if err != nil {
		return nil, err
	}
	return &session{driver: d, store: store, faults: f, host: set.Hostname}, nil
}

// setup is what Configure left, or the defaults for a host that never called it.
func (d *driver) setup() (mock.Store, faults, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.store == nil {
		store, err := mock.OpenStore("", "switch")
		if err != nil {
			return mock.Store{}, faults{}, err
		}
		d.store = &store
	}
	return *d.store, d.faults, nil
}

// turn numbers the visits to a host. The visits its file remembers are part of it, so that a crash does not come
// back with the same dice after the relaunch.
func (d *driver) turn(host string, remembered uint64) uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[host]++
	return remembered<<32 | d.calls[host]
}
