package main

import (
	"context"
	"hash/maphash"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/headnodes/libvirt"
	version = "1.0.0"
	// turns is how many machines may be changed at the same time, if chance distributes them well.
	turns = 64
)

// driver serves all hosts.
type driver struct {
	log  hclog.Logger
	seed maphash.Seed
	// turns are full while somebody changes a machine that falls on them.
	turns [turns]chan struct{}
	// bridging is full while somebody makes or removes bridges, or machines that need them.
	bridging chan struct{}
	// bridges reaches for the bridges of this machine, which are joined to the trunk.
	bridges func(trunk string) (*bridges.Host, error)
}

var _ headnode.Driver = (*driver)(nil)

func newDriver(log hclog.Logger) *driver {
	d := &driver{log: log, seed: maphash.MakeSeed(), bridging: make(chan struct{}, 1), bridges: bridges.Open}
	for i := range d.turns {
		d.turns[i] = make(chan struct{}, 1)
	}
	return d
}

// Info lists the one type that the driver serves.
func (*driver) Info(context.Context) (sdk.Info, error) {
	t := sdk.Type{URL: typeURL, Title: "libvirt host", Settings: schema()}
	return sdk.Info{Name: "headnode-libvirt", Version: version, Types: []sdk.Type{t}}, nil
}

// ValidateTarget checks settings without reaching for the host.
func (*driver) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, err := readSettings(target)
	return err
}

// Open connects to the host's libvirtd.
func (d *driver) Open(ctx context.Context, target sdk.Target) (headnode.Session, error) {
	set, err := readSettings(target)
	if err != nil {
		return nil, err
	}
	s := &session{driver: d, settings: set, log: d.log.With("host", target.Name)}
	if err := s.connect(ctx); err != nil {
		return nil, explain("connect to libvirtd at "+set.endpoint.String(), err)
	}
	s.network = s.plugging()
	return s, nil
}

// turn waits until nobody else changes the machine on that host, or ctx ends.
func (d *driver) turn(ctx context.Context, host endpoint, id string) (done func(), err error) {
	sum := maphash.String(d.seed, host.String()+" "+id)
	return take(ctx, d.turns[sum%turns])
}

func take(ctx context.Context, turn chan struct{}) (done func(), err error) {
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
