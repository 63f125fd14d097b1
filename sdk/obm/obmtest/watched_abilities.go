package obmtest

import (
	"context"
	"io"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// missing is what a watched session answers where the driver's own session lacks the ability, as one in another process
// does.
func missing() error {
	return &sdk.Error{Code: sdk.Unsupported, Text: "the session has no such ability"}
}

func (s watchedSession) SetNextBootDevice(ctx context.Context, dev obm.BootDevice) error {
	b, ok := s.Session.(obm.NextBooter)
	if !ok {
		return missing()
	}
	return s.w.HearError(b.SetNextBootDevice(ctx, dev))
}

func (s watchedSession) Sensors(ctx context.Context) ([]obm.Sensor, error) {
	r, ok := s.Session.(obm.SensorReader)
	if !ok {
		return nil, missing()
	}
	sensors, err := r.Sensors(ctx)
	for _, one := range sensors {
		s.w.Hear(one.Name, one.Unit, one.State)
	}
	return sensors, s.w.HearError(err)
}

func (s watchedSession) Inventory(ctx context.Context) ([]obm.Part, error) {
	i, ok := s.Session.(obm.Inventorier)
	if !ok {
		return nil, missing()
	}
	parts, err := i.Inventory(ctx)
	for _, p := range parts {
		s.w.Hear(p.Name, p.Manufacturer, p.Product, p.PartNumber, p.Serial, p.Version, p.AssetTag)
	}
	return parts, s.w.HearError(err)
}

func (s watchedSession) Identify(ctx context.Context, d time.Duration) error {
	i, ok := s.Session.(obm.Identifier)
	if !ok {
		return missing()
	}
	return s.w.HearError(i.Identify(ctx, d))
}

func (s watchedConsoler) TakeConsole(ctx context.Context) (io.ReadWriteCloser, error) {
	t, ok := s.consoler.(obm.ConsoleTaker)
	if !ok {
		return nil, missing()
	}
	c, err := t.TakeConsole(ctx)
	return c, s.w.HearError(err)
}
