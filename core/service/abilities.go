package service

import (
	"context"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// longestIdentify is for how long a lamp may be asked to be lit; most controllers can less, and say so.
const longestIdentify = 24 * time.Hour

// NodeSensors reads the sensors of a node, in the controller's order.
func (s *Service) NodeSensors(ctx context.Context, node string) ([]obm.Sensor, error) {
	var sensors []obm.Sensor
	err := s.outOfBand(ctx, "node_sensors", node, func(ctx context.Context, o obm.Session) (err error) {
		r, ok := o.(obm.SensorReader)
		if !ok {
			return unable("read sensors")
		}
		sensors, err = r.Sensors(ctx)
		return err
	})
	return sensors, err
}

// NodeInventory is what a node is made of, the node as a whole first.
func (s *Service) NodeInventory(ctx context.Context, node string) ([]obm.Part, error) {
	var parts []obm.Part
	err := s.outOfBand(ctx, "node_inventory", node, func(ctx context.Context, o obm.Session) (err error) {
		i, ok := o.(obm.Inventorier)
		if !ok {
			return unable("list what a node is made of")
		}
		parts, err = i.Inventory(ctx)
		return err
	})
	return parts, err
}

// NodeIdentify lights the lamp that tells a node from its neighbours for a number of seconds; 0 puts it out.
func (s *Service) NodeIdentify(ctx context.Context, node string, seconds int) error {
	if seconds < 0 || seconds > int(longestIdentify.Seconds()) {
		return core.FieldErrorf(core.BadArgument, "seconds", "must be from 0, which puts the lamp out, to %d", int(longestIdentify.Seconds()))
	}
	return s.outOfBand(ctx, "node_identify", node, func(ctx context.Context, o obm.Session) error {
		i, ok := o.(obm.Identifier)
		if !ok {
			return unable("light a lamp")
		}
		return i.Identify(ctx, time.Duration(seconds)*time.Second)
	})
}

func setNextBootDevice(ctx context.Context, o obm.Session, dev obm.BootDevice) error {
	b, ok := o.(obm.NextBooter)
	if !ok {
		return unable("choose a boot device for one start")
	}
	return b.SetNextBootDevice(ctx, dev)
}

// unable is the error for an ability that a node's controller does not have.
func unable(what string) error {
	return &sdk.Error{Code: sdk.Unsupported, Text: "the node's controller cannot " + what}
}
