package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// takePatience is how long ovs-vswitchd may take to do what the database says: milliseconds, but seconds on a host with
// thousands of ports. One that is not running never does.
const takePatience = 10 * time.Second

// session is a conversation with the database of one bridge.
type session struct {
	*ovsdb.Client

	bridge string
	// folder is where the daemons' sockets are, empty if they are behind a network.
	folder string
	// patience is how long ovs-vswitchd may take, takePatience but for tests.
	patience time.Duration
	// turn is full while a port of this bridge, or of another one of the same Open vSwitch, is changed.
	turn chan struct{}
	log  hclog.Logger
}

var _ netswitch.PortLister = (*session)(nil)

// Read answers only when ovs-vswitchd has taken what the database said, because the database alone is a wish.
func (s *session) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	answers, err := s.settle(ctx, bridgeQuery(s.bridge)...)
	if err != nil {
		return nil, err
	}
	b, err := parseBridge(s.bridge, answers)
	if err != nil {
		return nil, err
	}
	states := make([]netswitch.PortState, 0, len(ports))
	for _, name := range ports {
		p, err := b.port(name)
		if err != nil {
			return nil, err
		}
		states = append(states, b.state(p))
	}
	return states, nil
}

// Plan is in the words of ovs-vsctl.
func (s *session) Plan(ctx context.Context, want []netswitch.PortState) ([]string, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for _, w := range want {
		c, err := b.change(w)
		if err != nil {
			return nil, err
		}
		if c != nil {
			lines = append(lines, c.words())
		}
	}
	return lines, nil
}

// Apply changes one port after the other: when Open vSwitch 3.1.0 changes several together, its other threads may forward
// single frames of one by the new VLANs of another. It is over when frames obey it, even if there was nothing to change:
// an earlier change may not have been taken yet.
func (s *session) Apply(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := s.settle(ctx); err != nil {
		return nil, err
	}
	results := make([]netswitch.PortResult, len(want))
	for i, w := range want {
		c, fault := b.change(w)
		if c != nil {
			if fault, err = s.make(ctx, c); err != nil {
				return nil, err
			}
		}
		results[i] = netswitch.PortResult{Port: w.Port, Err: fault}
	}
	return results, s.forgetFlows(ctx)
}

// make makes a change when no other is being made, and waits until it is made.
func (s *session) make(ctx context.Context, c *change) (*sdk.Error, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, &sdk.Error{Code: sdk.Timeout, Retryable: true, Text: fmt.Sprintf("bridge %s: wait for the change of another bridge: %v", s.bridge, ctx.Err())}
	}
	s.log.Debug("change a port", "port", c.port.Name, "words", c.words())
	answers, err := s.settle(ctx, c.operation())
	if err != nil {
		return nil, err
	}
	if answers[0].Count == 0 { // it was removed since look
		return notFound(s.bridge, c.port.Name), nil
	}
	return nil, nil
}

// Save has nothing to do: the database is on disk before ovs-vswitchd hears of a change.
func (s *session) Save(context.Context) error { return nil }

func (s *session) ListPorts(ctx context.Context) ([]string, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	return b.switchports(), nil
}

// look is the bridge as the database has it.
func (s *session) look(ctx context.Context) (*bridge, error) {
	answers, err := s.Transact(ctx, bridgeQuery(s.bridge)...)
	if err != nil {
		return nil, s.failed(err)
	}
	return parseBridge(s.bridge, answers)
}

// settle does operations in one transaction, numbers the configuration that results, and waits until ovs-vswitchd has
// taken that number: what the operations wrote or saw is in force then.
func (s *session) settle(ctx context.Context, ops ...ovsdb.Operation) ([]ovsdb.Result, error) {
	n := len(ops)
	ops = append(ops, ovsdb.Increment("Open_vSwitch", "next_cfg"), ovsdb.Select("Open_vSwitch", []string{"next_cfg"}))
	answers, err := s.Transact(ctx, ops...)
	if err != nil {
		return nil, s.failed(err)
	}
	var global []struct {
		Next int `json:"next_cfg"`
	}
	if err := answers[n+1].Decode(&global); err != nil {
		return nil, err
	}
	if len(global) != 1 {
		return nil, &sdk.Error{Code: sdk.Unavailable, Text: "the database of Open vSwitch has not been initialised", Retryable: true}
	}
	taken := ovsdb.Await("Open_vSwitch", s.patience, ovsdb.Condition{"cur_cfg", ">=", global[0].Next})
	if _, err = s.Transact(ctx, taken); err != nil {
		return nil, s.failed(err)
	}
	return answers[:n], nil
}

// failed is a failed transaction for the server.
func (s *session) failed(err error) error {
	e, ok := errors.AsType[*ovsdb.OperationError](err)
	if !ok {
		return err
	}
	if e.Word == ovsdb.TimedOut {
		return &sdk.Error{Code: sdk.Timeout, Retryable: true, Text: fmt.Sprintf(
			"bridge %s: ovs-vswitchd has not taken the configuration for %s; it may not be running", s.bridge, s.patience)}
	}
	return &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf("bridge %s: ovsdb-server refuses: %v", s.bridge, e)}
}
