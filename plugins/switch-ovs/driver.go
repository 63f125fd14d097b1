package main

import (
	"context"
	"encoding/json"
	"regexp"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/switches/ovs"
	version = "1.0.0"
)

// driver serves bridges. It keeps nothing.
type driver struct{ log hclog.Logger }

var _ netswitch.Driver = driver{}

func (driver) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "switch-ovs", Version: version, Types: []sdk.Type{{
		URL: typeURL, Title: "Open vSwitch", Settings: json.RawMessage(schema), Capabilities: []string{netswitch.NativelessTrunk},
	}}}, nil
}

func (driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, err := readSettings(target)
	return err
}

// portName is what Open vSwitch and the kernel both take as the name of a port, without what a shell would take apart.
var portName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:@+-]{0,62}$`)

func (driver) ValidatePort(_ context.Context, target sdk.Target, port string) (string, error) {
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

func (d driver) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	set, err := readSettings(target)
	if err != nil {
		return nil, err
	}
	db, err := ovsdb.Dial(ctx, set.endpoint)
	if err != nil {
		return nil, err
	}
	s := &session{
		Client: db, bridge: set.Bridge, folder: set.endpoint.Folder(), patience: takePatience,
		log: d.log.With("switch", target.Name, "bridge", set.Bridge),
	}
	if _, err := s.look(ctx); err != nil {
		_ = db.Close() // the error at hand is the one that matters
		return nil, err
	}
	return s, nil
}
