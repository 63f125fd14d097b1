package main

import (
	"context"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// session is a conversation with one mock switch. It keeps nothing: the file is the device.
type session struct {
	driver *driver
	store  mock.Store
	faults faults
	host   string
}

func (s *session) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	dev, _, err := s.visit(ctx, ports)
	if err != nil {
		return nil, err
	}
	states := make([]netswitch.PortState, 0, len(ports))
	for _, p := range ports {
		states = append(states, dev.read(p))
	}
	return states, nil
}

func (s *session) Plan(ctx context.Context, want []netswitch.PortState) ([]string, error) {
	dev, _, err := s.visit(ctx, portsOf(want))
	if err != nil {
		return nil, err
	}
	return plan(dev, want), nil
}

func (s *session) Apply(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	_, dice, err := s.visit(ctx, nil)
	if err != nil {
		return nil, err
	}
	survivors := len(want)
	crash := dice.Hit(s.faults.Crash)
	if crash {
		survivors = dice.Below(len(want) + 1)
	}
	var results []netswitch.PortResult
	err = s.change(func(dev *device) {
		dev.Visits++
		results = s.apply(dev, want[:survivors], dice)
	})
	if crash {
		s.driver.log.Warn("crashing as told", "switch", s.host, "applied", survivors)
		s.driver.exit(1)
	}
	return results, err
}

// apply makes the changes the dice allow.
func (s *session) apply(dev *device, want []netswitch.PortState, dice mock.Dice) []netswitch.PortResult {
	results := make([]netswitch.PortResult, 0, len(want))
	for _, w := range want {
		results = append(results, netswitch.PortResult{Port: w.Port, Err: s.applyPort(dev, w, dice)})
	}
	return results
}

func (s *session) applyPort(dev *device, want netswitch.PortState, dice mock.Dice) *sdk.Error {
	if err := checkPort(want.Port); err != nil {
		return err
	}
	if err := checkState(want); err != nil {
		return err
	}
	if dice.Hit(s.faults.Fail) {
		return mock.Refusal(s.host, "port "+want.Port)
	}
	if !dice.Hit(s.faults.Lie) {
		dev.set(want)
	}
	return nil
}

func (s *session) Save(ctx context.Context) error {
	_, dice, err := s.visit(ctx, nil)
	if err != nil {
		return err
	}
	refused := dice.Hit(s.faults.Fail)
	err = s.change(func(dev *device) {
		dev.Saves++
		if !refused {
			dev.save()
		}
	})
	if err == nil && refused {
		return mock.Refusal(s.host, "save")
	}
	return err
}

func (s *session) Close() error { return nil }

// visit goes to the device, once for all ports, and gives it as found there.
func (s *session) visit(ctx context.Context, ports []string) (*device, mock.Dice, error) {
	before, err := s.load()
	if err != nil {
		return nil, mock.Dice{}, err
	}
	dice := s.faults.Dice(s.host, s.driver.turn(s.host, before.Visits))
	if err := s.faults.Visit(ctx, dice, s.host); err != nil {
		return nil, dice, err
	}
	for _, p := range ports {
		if err := checkPort(p); err != nil {
			return nil, dice, err
		}
	}
	dev, err := s.load()
	return dev, dice, err
}

func (s *session) load() (*device, error) {
	dev := newDevice(s.host)
	return dev, s.store.Load(s.host, dev)
}

// change alters the device's file, nobody else at the same time.
func (s *session) change(alter func(*device)) error {
	dev := newDevice(s.host)
	return s.store.Update(s.host, dev, func() error { alter(dev); return nil })
}

// checkPort insists on the device's own name. The device has every port that its grammar allows, up to lastPort.
func checkPort(name string) *sdk.Error {
	if own, err := canonicalPort(name); err != nil || own != name || portNumber(name) > lastPort {
		return &sdk.Error{Code: sdk.NotFound, Text: "no such port: " + name}
	}
	return nil
}

func portsOf(want []netswitch.PortState) []string {
	ports := make([]string, 0, len(want))
	for _, w := range want {
		ports = append(ports, w.Port)
	}
	return ports
}
