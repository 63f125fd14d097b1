package main

import (
	"context"
	"encoding/json"
	"regexp"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/switches/ovs"
	version = "1.0.0"
)

// driver serves bridges.
type driver struct {
	log hclog.Logger

	mu sync.Mutex
	// turns are full while somebody changes a port of an Open vSwitch, which may have several bridges; guarded by mu.
	turns map[string]chan struct{}
}

var _ netswitch.Driver = (*driver)(nil)

func newDriver(log hclog.Logger) *driver { return &driver{log: log, turns: map[string]chan struct{}{}} }

// turn is that of the Open vSwitch at an endpoint.
func (d *driver) turn(e ovsdb.Endpoint) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	turn, ok := d.turns[e.String()]
	if !ok {
		turn = make(chan struct{}, 1)
		d.turns[e.String()] = turn
	}
	return turn
}

func (*driver) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "switch-ovs", Version: version, Types: []sdk.Type{{
		URL: typeURL, Title: "Open vSwitch", Settings: json.RawMessage(schema), Capabilities: []string{netswitch.NativelessTrunk},
	}}}, nil
}

func (*driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, err := readSettings(target)
	return err
}

// portName is what Open vSwitch and the kernel both take as the name of a port, without what a shell would take apart.
var portName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:@+-]{0,62}$`)

func (*driver) ValidatePort(_ context.Context, target sdk.Target, port string) (string, error) {
	set, err := readSettings(target)
	if err != nil {
		return "", err
	}
	if !portName.MatchString(port) {
		return "", &sdk.Error{Code: sdk.Invalid, Text: "port: must be the name of a port of Open vSwitch: letters, digits and _ . : @ + -"}
	}
	if port == set.Bridge {
		return "", &sdk.Error{Code: sdk.Invalid, Text: "port: " + port + " is the bridge itself, through which its host takes part"}
	}
	return port, nil
}

func (d *driver) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	set, err := readSettings(target)
	if err != nil {
		return nil, err
	}
	db, err := ovsdb.Dial(ctx, set.endpoint)
	if err != nil {
		return nil, err
	}
	s := &session{
		Client: db, bridge: set.Bridge, folder: set.endpoint.Folder(), patience: takePatience, turn: d.turn(set.endpoint),
		log: d.log.With("switch", target.Name, "bridge", set.Bridge),
	}
	if _, err := s.look(ctx); err != nil {
		_ = db.Close() // the error at hand is the one that matters
		return nil, err
	}
	return s, nil
}
