package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/headnodes/mock"
	version = "1.0.0"
	// machineMemory is what each machine has, and hostMemory each host for them, in MiB.
	machineMemory = 1 << 10
	hostMemory    = 64 << 10
)

// driver serves mock hosts of virtual machines. Two registrations with one name are one host.
type driver struct {
	consoles *mock.Consoles
	screens  *screens

	mu     sync.Mutex // guards the fields below
	faults mock.Faults
	images []string
	store  *mock.Store
	calls  map[string]uint64 // visits of this process by host, so that each throws new dice
}

var (
	_ headnode.Driver = (*driver)(nil)
	_ sdk.Configurer  = (*driver)(nil)
)

func newDriver() *driver {
	return &driver{
		calls: map[string]uint64{}, images: []string{"base-headnode", "debian-12"},
		consoles: mock.NewConsoles(), screens: &screens{open: map[string][]*screen{}},
	}
}

func (d *driver) Info(context.Context) (sdk.Info, error) {
	schema, err := settingsSchema()
	return sdk.Info{Name: "headnode-mock", Version: version, Types: []sdk.Type{{
		URL: typeURL, Title: "Mock host of virtual machines", Settings: schema,
	}}}, err
}

// Configure takes the section [headnode-mock] of haas.cfg in.
func (d *driver) Configure(_ context.Context, section map[string]string) error {
	var f mock.Faults
	var dir string
	images := newDriver().images
	setters := f.Setters(&dir)
	maps.Copy(setters, map[string]mock.Setter{"images": func(text string) error { return parseImages(&images, text) }})
	if err := mock.Configure(section, setters); err != nil {
		return err
	}
	store, err := mock.OpenStore(dir, "headnode")
	if err != nil {
		return &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: []sdk.FieldError{{Field: "state_dir", Text: err.Error()}}}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults, d.images, d.store = f, images, &store
	return nil
}

func (d *driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, err := readSettings(target)
	return err
}

func (d *driver) Open(_ context.Context, target sdk.Target) (headnode.Session, error) {
	set, err := readSettings(target)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.store == nil { // a host that never called Configure
		store, err := mock.OpenStore("", "headnode")
		if err != nil {
			return nil, err
		}
		d.store = &store
	}
	return &session{driver: d, store: *d.store, faults: d.faults, images: d.images, host: set.Name, memory: hostMemory}, nil
}

// dice throws for the next visit to a host.
func (d *driver) dice(f mock.Faults, host string) mock.Dice {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[host]++
	return f.Dice(host, d.calls[host])
}

// scheme is before the name of a host in its URI.
const scheme = "mock:"

// settings are what a mock host is registered with.
type settings struct {
	Name string `json:"name"`
	// URI is another way to give the name, for hosts that are told apart by their URIs.
	URI string `json:"uri"`
}

// readSettings gives a target's settings; a host without a name is called "default".
func readSettings(target sdk.Target) (settings, error) {
	s := settings{Name: "default"}
	if err := target.Settings.Decode(&s); err != nil {
		return s, err
	}
	var c mock.Complaints
	if s.URI != "" {
		name, ok := strings.CutPrefix(s.URI, scheme)
		if !ok {
			c.Add("uri", errors.New("must be "+scheme+"NAME"))
		}
		s.Name = name
	}
	c.Require("name", s.Name)
	return s, c.Err()
}

func settingsSchema() (json.RawMessage, error) {
	return mock.Schema(nil, map[string]mock.Property{
		"name": mock.Text("Name of the host; default if none is given"),
		"uri":  mock.Text("The same as " + scheme + "NAME"),
	})
}
