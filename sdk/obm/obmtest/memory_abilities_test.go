package obmtest_test

import (
	"context"
	"io"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

func (s memorySession) SetNextBootDevice(ctx context.Context, dev obm.BootDevice) error {
	return s.SetBootDevice(ctx, dev)
}

func (s memorySession) Sensors(context.Context) ([]obm.Sensor, error) {
	value := 21.5
	return []obm.Sensor{{Name: "Inlet", Value: &value, Unit: "degrees C", State: "ok"}, {Name: "PSU", State: "presence detected"}}, nil
}

func (s memorySession) Inventory(context.Context) ([]obm.Part, error) {
	return []obm.Part{{Name: "system", Product: "Memory", Serial: "1"}}, nil
}

func (s memorySession) Identify(_ context.Context, d time.Duration) error {
	if d < 0 {
		return &sdk.Error{Code: sdk.Invalid, Text: "less than nothing"}
	}
	return nil
}

func (s memorySession) TakeConsole(ctx context.Context) (io.ReadWriteCloser, error) {
	s.m.mu.Lock()
	holder := s.m.holder
	s.m.mu.Unlock()
	if holder != nil {
		_ = holder.Close()
	}
	return s.Console(ctx)
}
