package obm

import (
	"context"
	"io"
	"time"

	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// The client's session has every ability: whether the real one has it, the driver says when it is asked.
var (
	_ NextBooter   = (*clientSession)(nil)
	_ SensorReader = (*clientSession)(nil)
	_ Inventorier  = (*clientSession)(nil)
	_ Identifier   = (*clientSession)(nil)
	_ ConsoleTaker = clientConsoler{}
)

func (s *clientSession) SetNextBootDevice(ctx context.Context, dev BootDevice) error {
	_, err := s.rpc.SetNextBootDevice(ctx, &pb.OBMSetNextBootDeviceRequest{Target: s.target, Device: bootToProto(dev)})
	return wire.Failure(ctx, err)
}

func (s *clientSession) Sensors(ctx context.Context) ([]Sensor, error) {
	answer, err := s.rpc.Sensors(ctx, &pb.OBMSensorsRequest{Target: s.target})
	if err != nil {
		return nil, wire.Failure(ctx, err)
	}
	return sensorsFromProto(answer.GetSensors()), nil
}

func (s *clientSession) Inventory(ctx context.Context) ([]Part, error) {
	answer, err := s.rpc.Inventory(ctx, &pb.OBMInventoryRequest{Target: s.target})
	if err != nil {
		return nil, wire.Failure(ctx, err)
	}
	return partsFromProto(answer.GetParts()), nil
}

func (s *clientSession) Identify(ctx context.Context, d time.Duration) error {
	_, err := s.rpc.Identify(ctx, &pb.OBMIdentifyRequest{Target: s.target, Milliseconds: milliseconds(d)})
	return wire.Failure(ctx, err)
}

// milliseconds rounds away from zero, so that a moment does not become nothing, which would put the lamp out.
func milliseconds(d time.Duration) int64 {
	whole := d.Milliseconds()
	switch rest := d % time.Millisecond; {
	case rest > 0:
		return whole + 1
	case rest < 0:
		return whole - 1
	default:
		return whole
	}
}

func (s clientConsoler) TakeConsole(ctx context.Context) (io.ReadWriteCloser, error) {
	return s.dialConsole(ctx, true)
}
