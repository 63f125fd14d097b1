package main

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/obm/ipmi"
	version = "1.0.0"
	// defaultPoll is how often a quiet console asks for output: seldom enough for a thousand consoles, since controllers
	// send it by themselves.
	defaultPoll = time.Second
	minPoll     = quick
	maxPoll     = 5 * time.Second // a controller forgets a console that is silent for longer
)

// driver serves all controllers.
type driver struct {
	log hclog.Logger

	mu    sync.Mutex // guards the fields below
	url   string     // the type it serves
	poll  time.Duration
	gates map[string]chan struct{} // by address; see gate
}

var (
	_ obm.Driver     = (*driver)(nil)
	_ sdk.Configurer = (*driver)(nil)
)

func newDriver(log hclog.Logger) *driver {
	return &driver{log: log, url: typeURL, poll: defaultPoll, gates: map[string]chan struct{}{}}
}

// Info lists the one type that the driver serves.
func (d *driver) Info(context.Context) (sdk.Info, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := sdk.Type{URL: d.url, Title: "IPMI 2.0 controller", Settings: schema()}
	return sdk.Info{Name: "obm-ipmi", Version: version, Types: []sdk.Type{t}}, nil
}

// Configure takes the section [obm-ipmi] of haas.cfg in.
func (d *driver) Configure(_ context.Context, section map[string]string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var c complaints
	for key, value := range section {
		switch key {
		case "type":
			c.add(key, setURL(&d.url, value))
		case "console_poll":
			c.add(key, setDuration(&d.poll, value, minPoll, maxPoll))
		default:
			c.add(key, errors.New("is not a key of obm-ipmi; remove it"))
		}
	}
	return c.err()
}

func setURL(to *string, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return errors.New("must be a type URL")
	}
	*to = value
	return nil
}

// ValidateTarget checks settings without reaching for the controller.
func (d *driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, err := readSettings(target)
	return err
}

// Open logs in to the controller.
func (d *driver) Open(ctx context.Context, target sdk.Target) (obm.Session, error) {
	set, err := readSettings(target)
	if err != nil {
		return nil, err
	}
	s := newSession(set, d.pollInterval(), d.log.With("obm", target.Name), d.gate(set.address()))
	if s.link, err = s.logIn(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (d *driver) pollInterval() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.poll
}

// gate lets one log-in at a time through to an address. go-ipmi 0.9.1 gives all its sessions one console session ID, and
// a controller in the middle of two such log-ins mixes them up.
func (d *driver) gate(address string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gates[address] == nil {
		d.gates[address] = make(chan struct{}, 1)
	}
	return d.gates[address]
}
