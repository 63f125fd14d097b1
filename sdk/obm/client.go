package obm

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// client is the Driver on the host's end of the wire.
type client struct {
	wire.Base
	rpc pb.OBMClient
}

var _ Driver = (*client)(nil)

func (c *client) ValidateTarget(ctx context.Context, target sdk.Target) error {
	_, err := c.rpc.ValidateTarget(ctx, &pb.OBMValidateTargetRequest{Target: wire.TargetToProto(target)})
	return wire.Failure(ctx, err)
}

func (c *client) Open(ctx context.Context, target sdk.Target) (Session, error) {
	t := wire.TargetToProto(target)
	answer, err := c.rpc.Open(ctx, &pb.OBMOpenRequest{Target: t})
	if err != nil {
		return nil, wire.Failure(ctx, err)
	}
	s := &clientSession{rpc: c.rpc, target: t}
	if answer.GetConsole() {
		return clientConsoler{s}, nil
	}
	return s, nil
}

// clientSession names its target in every call; the real session is kept warm at the other end.
type clientSession struct {
	rpc    pb.OBMClient
	target *pb.Target
}

var _ Session = (*clientSession)(nil)

func (s *clientSession) PowerOn(ctx context.Context) error {
	_, err := s.rpc.PowerOn(ctx, &pb.OBMPowerOnRequest{Target: s.target})
	return wire.Failure(ctx, err)
}

func (s *clientSession) PowerOff(ctx context.Context) error {
	_, err := s.rpc.PowerOff(ctx, &pb.OBMPowerOffRequest{Target: s.target})
	return wire.Failure(ctx, err)
}

func (s *clientSession) PowerCycle(ctx context.Context, force bool) error {
	_, err := s.rpc.PowerCycle(ctx, &pb.OBMPowerCycleRequest{Target: s.target, Force: force})
	return wire.Failure(ctx, err)
}

func (s *clientSession) PowerStatus(ctx context.Context) (Power, error) {
	answer, err := s.rpc.PowerStatus(ctx, &pb.OBMPowerStatusRequest{Target: s.target})
	return powerFromProto(answer.GetPower()), wire.Failure(ctx, err)
}

func (s *clientSession) SetBootDevice(ctx context.Context, dev BootDevice) error {
	_, err := s.rpc.SetBootDevice(ctx, &pb.OBMSetBootDeviceRequest{Target: s.target, Device: bootToProto(dev)})
	return wire.Failure(ctx, err)
}

// Close does nothing: the driver closes the real session when it is idle.
func (s *clientSession) Close() error { return nil }

// clientConsoler is the session with a controller that has a console.
type clientConsoler struct{ *clientSession }

var _ Consoler = clientConsoler{}

func (s clientConsoler) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	return s.dialConsole(ctx, false)
}
