package drivers

import (
	"context"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// A session with a controller has the methods of every ability: whether the driver's own has it, the driver that runs at
// the time of the call says.
var (
	_ obm.NextBooter   = obmSession{}
	_ obm.SensorReader = obmSession{}
	_ obm.Inventorier  = obmSession{}
	_ obm.Identifier   = obmSession{}
)

// SetNextBootDevice is Unsupported if the driver's sessions cannot.
func (s obmSession) SetNextBootDevice(ctx context.Context, dev obm.BootDevice) error {
	return tell(ctx, s.session, func(r obm.Session) error {
		b, ok := r.(obm.NextBooter)
		if !ok {
			return cannot("choose a boot device for one start")
		}
		return b.SetNextBootDevice(ctx, dev)
	})
}

// Sensors is Unsupported if the driver's sessions cannot.
func (s obmSession) Sensors(ctx context.Context) ([]obm.Sensor, error) {
	return ask(ctx, s.session, func(r obm.Session) ([]obm.Sensor, error) {
		reader, ok := r.(obm.SensorReader)
		if !ok {
			return nil, cannot("read sensors")
		}
		return reader.Sensors(ctx)
	})
}

// Inventory is Unsupported if the driver's sessions cannot.
func (s obmSession) Inventory(ctx context.Context) ([]obm.Part, error) {
	return ask(ctx, s.session, func(r obm.Session) ([]obm.Part, error) {
		i, ok := r.(obm.Inventorier)
		if !ok {
			return nil, cannot("list what a node is made of")
		}
		return i.Inventory(ctx)
	})
}

// Identify is Unsupported if the driver's sessions cannot.
func (s obmSession) Identify(ctx context.Context, d time.Duration) error {
	return tell(ctx, s.session, func(r obm.Session) error {
		i, ok := r.(obm.Identifier)
		if !ok {
			return cannot("light a lamp")
		}
		return i.Identify(ctx, d)
	})
}

// cannot is the error for an ability that the driver's sessions do not have.
func cannot(what string) error {
	return &sdk.Error{Code: sdk.Unsupported, Text: "this driver cannot " + what}
}
