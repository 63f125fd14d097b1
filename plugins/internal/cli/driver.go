package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// The keys of a driver's section in haas.cfg: the file of SSH host keys, and whether switches that do not say are saved.
const (
	knownHosts = "known_hosts"
	saveKey    = "save"
)

// Driver serves the switches of one family.
type Driver struct {
	family Family
	log    hclog.Logger
	slots  slots
	dial   func(ctx context.Context, c console.Config) (Terminal, error)

	mu         sync.Mutex // guards the fields below
	knownHosts string
	unsaved    bool // switches that do not say are not saved
}

var (
	_ netswitch.Driver = (*Driver)(nil)
	_ sdk.Configurer   = (*Driver)(nil)
)

// Terminal is a conversation with a device: a console.Session.
type Terminal interface {
	Run(ctx context.Context, line string) (string, error)
	Answer(ctx context.Context, line string, question *regexp.Regexp, key string) (string, error)
	Mode() string
	Alive() bool
	Close() error
}

// New makes the driver of a family.
func New(family Family, log hclog.Logger) *Driver {
	return &Driver{family: family, log: log, dial: dial}
}

// Info says who the driver is.
func (d *Driver) Info(context.Context) (sdk.Info, error) {
	f := d.family
	schema, err := f.Schema()
	return sdk.Info{Name: f.Driver, Version: f.Version, Types: []sdk.Type{{
		URL: f.Type, Title: f.Title, Settings: schema, Capabilities: f.Capabilities,
	}}}, err
}

// Configure takes the driver's section of haas.cfg in: known_hosts is the file in which SSH host keys are pinned, save is
// false if switches are not to be saved unless their settings say so.
func (d *Driver) Configure(_ context.Context, section map[string]string) error {
	var c complaints
	save := true
	for _, key := range slices.Sorted(maps.Keys(section)) {
		switch key {
		case knownHosts:
		case saveKey:
			var err error
			if save, err = strconv.ParseBool(section[key]); err != nil {
				c.add(key, errors.New("must be true or false"))
			}
		default:
			c.add(key, errors.New("is not a setting of this driver; remove it"))
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.knownHosts, d.unsaved = section[knownHosts], !save
	return c.err()
}

// ValidateTarget checks a switch's settings.
func (d *Driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, _, err := d.settings(target)
	return err
}

// ValidatePort is the device's own name of a port.
func (d *Driver) ValidatePort(_ context.Context, _ sdk.Target, port string) (string, error) {
	return d.family.Port(port)
}

// Open logs in, once one of the device's sessions is free.
func (d *Driver) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	set, hosts, err := d.settings(target)
	if err != nil {
		return nil, err
	}
	free, err := d.slots.take(ctx, set.Address(), set.SessionLimit)
	if err != nil {
		return nil, err
	}
	log := d.log.With("switch", target.Name)
	terminal, err := d.dial(ctx, console.Config{
		Dialect: d.family.Dialect, Transport: set.Transport, Host: set.Hostname, Port: set.TCPPort, Username: set.Username,
		Password: set.Password, Enable: set.Enable, KnownHosts: hosts, Deadline: set.Deadline, Log: log,
	})
	if err != nil {
		free()
		return nil, err
	}
	return newSession(d.family, set, terminal, free, log), nil
}

// settings are the target's, and the file of SSH host keys.
func (d *Driver) settings(target sdk.Target) (Settings, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	set, err := d.family.Settings(target.Settings, !d.unsaved)
	if err != nil {
		return set, "", err
	}
	if set.Transport == console.SSH && d.knownHosts == "" {
		return set, "", sdk.InvalidSetting("transport", fmt.Sprintf(
			"can be ssh only if host keys can be remembered; set %s in section [%s] of haas.cfg to a file", knownHosts, d.family.Driver))
	}
	return set, d.knownHosts, nil
}
