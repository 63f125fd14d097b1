package main

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// session is a conversation with one mock controller. It keeps nothing: the file is the device.
type session struct {
	driver *driver
	store  mock.Store
	faults mock.Faults
	host   string
}

var (
	_ obm.Consoler     = (*session)(nil)
	_ obm.NextBooter   = (*session)(nil)
	_ obm.SensorReader = (*session)(nil)
	_ obm.Inventorier  = (*session)(nil)
	_ obm.Identifier   = (*session)(nil)
)

func (s *session) PowerOn(ctx context.Context) error {
	return s.change(ctx, "power on", func(dev *device) string { return dev.powerOn() })
}

func (s *session) PowerOff(ctx context.Context) error {
	return s.change(ctx, "power off", func(dev *device) string { return dev.powerOff() })
}

func (s *session) PowerCycle(ctx context.Context, force bool) error {
	return s.change(ctx, "power cycle", func(dev *device) string { return dev.cycle(force) })
}

func (s *session) SetBootDevice(ctx context.Context, boot obm.BootDevice) error {
	return s.choose(ctx, boot, (*device).choose)
}

func (s *session) SetNextBootDevice(ctx context.Context, boot obm.BootDevice) error {
	return s.choose(ctx, boot, (*device).chooseNext)
}

func (s *session) choose(ctx context.Context, boot obm.BootDevice, choose func(*device, obm.BootDevice)) error {
	switch boot {
	case obm.BootNone, obm.BootDisk, obm.BootPXE:
	default:
		return &sdk.Error{Code: sdk.Invalid, Text: "boot device: must be disk, pxe or none"}
	}
	return s.change(ctx, "boot device", func(dev *device) string { choose(dev, boot); return "" })
}

func (s *session) PowerStatus(ctx context.Context) (obm.Power, error) {
	dev, _, err := s.visit(ctx)
	if err != nil {
		return obm.PowerUnknown, err
	}
	return dev.power(), nil
}

func (s *session) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	dev, _, err := s.visit(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.driver.consoles.Hold(ctx, s.host)
	if err != nil {
		return nil, err
	}
	c.Print(dev.bootLog())
	return c, nil
}

func (s *session) Close() error { return nil }

// visit goes to the device and gives it as found there.
func (s *session) visit(ctx context.Context) (*device, mock.Dice, error) {
	dice := s.driver.dice(s.faults, s.host)
	if err := s.faults.Visit(ctx, dice, s.host); err != nil {
		return nil, dice, err
	}
	dev := newDevice(s.host)
	return dev, dice, s.store.Load(s.host, dev)
}

// change alters the device's file, and prints what the node says about it on its console.
func (s *session) change(ctx context.Context, what string, alter func(*device) string) error {
	_, dice, err := s.visit(ctx)
	if err != nil {
		return err
	}
	if dice.Hit(s.faults.Fail) {
		return mock.Refusal(s.host, what)
	}
	var said string
	dev := newDevice(s.host)
	if err := s.store.Update(s.host, dev, func() error { said = alter(dev); return nil }); err != nil {
		return err
	}
	s.driver.consoles.Print(s.host, said)
	return nil
}
