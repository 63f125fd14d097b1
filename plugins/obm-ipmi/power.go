package main

import (
	"context"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/command/chassis"
	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// PowerStatus is unknown beside every error: a controller that is silent says nothing about its node.
func (s *session) PowerStatus(ctx context.Context) (obm.Power, error) {
	power := obm.PowerUnknown
	err := s.ask(ctx, "power status", func(ctx context.Context, c *client.Client) error {
		status, err := c.GetChassisStatus(ctx)
		if err != nil {
			return err
		}
		power = obm.PowerOff
		if status.PowerIsOn {
			power = obm.PowerOn
		}
		return nil
	})
	return power, err
}

// PowerOn turns the node on.
func (s *session) PowerOn(ctx context.Context) error {
	return s.turnTo(ctx, "power on", chassis.ChassisControlPowerUp, true)
}

// PowerOff cuts the power.
func (s *session) PowerOff(ctx context.Context) error {
	return s.turnTo(ctx, "power off", chassis.ChassisControlPowerDown, false)
}

// turnTo brings the node into a state. Some controllers refuse the command where the node is in that state.
func (s *session) turnTo(ctx context.Context, what string, control chassis.ChassisControl, on bool) error {
	return s.ask(ctx, what, func(ctx context.Context, c *client.Client) error {
		_, err := c.ChassisControl(ctx, control)
		if !hasCode(err, types.CodeNotSupported) {
			return err
		}
		if status, asked := c.GetChassisStatus(ctx); asked != nil || status.PowerIsOn != on {
			return err
		}
		return nil
	})
}

// PowerCycle boots the node from the network. Whether it is on is asked first, because a node that is off can be cycled
// on no controller; and because what may be asked twice finds out whether the controller knows the session, before it
// is told what it must not hear twice.
func (s *session) PowerCycle(ctx context.Context, force bool) error {
	if err := s.bootFromNetwork(ctx); err != nil {
		return err
	}
	power, err := s.PowerStatus(ctx)
	if err != nil {
		return err
	}
	if power == obm.PowerOff {
		return s.PowerOn(ctx)
	}
	what, control := "power cycle", chassis.ChassisControlPowerCycle
	if force {
		what, control = "reset", chassis.ChassisControlHardReset
	}
	return s.order(ctx, what, func(ctx context.Context, c *client.Client) error {
		_, err := c.ChassisControl(ctx, control)
		if hasCode(err, types.CodeNotSupported) { // it has gone off meanwhile
			_, err = c.ChassisControl(ctx, chassis.ChassisControlPowerUp)
		}
		return err
	})
}

// bootFromNetwork makes PXE the next boot device. A controller that chooses none leaves the choice to the node.
func (s *session) bootFromNetwork(ctx context.Context) error {
	err := s.SetNextBootDevice(ctx, obm.BootPXE)
	if sdk.CodeOf(err) == sdk.Unsupported {
		s.log.Warn("controller cannot choose a boot device", "address", s.settings.address(), "err", err)
		return nil
	}
	return err
}
