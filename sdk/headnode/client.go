package headnode

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// client is the Driver on the host's end of the wire.
type client struct {
	wire.Base
	rpc pb.HeadnodeClient
}

var _ Driver = (*client)(nil)

func (c *client) ValidateTarget(ctx context.Context, target sdk.Target) error {
	_, err := c.rpc.ValidateTarget(ctx, &pb.HeadnodeValidateTargetRequest{Target: wire.TargetToProto(target)})
	return wire.Failure(ctx, err)
}

func (c *client) Open(ctx context.Context, target sdk.Target) (Session, error) {
	t := wire.TargetToProto(target)
	if _, err := c.rpc.Open(ctx, &pb.HeadnodeOpenRequest{Target: t}); err != nil {
		return nil, wire.Failure(ctx, err)
	}
	return &clientSession{rpc: c.rpc, target: t}, nil
}

// clientSession names its target in every call; the real session is kept warm at the other end.
type clientSession struct {
	rpc    pb.HeadnodeClient
	target *pb.Target
}

var _ Session = (*clientSession)(nil)

func (s *clientSession) Images(ctx context.Context) ([]Image, error) {
	answer, err := s.rpc.Images(ctx, &pb.HeadnodeImagesRequest{Target: s.target})
	if err != nil {
		return nil, wire.Failure(ctx, err)
	}
	return imagesFromProto(answer.GetImages()), nil
}

func (s *clientSession) Create(ctx context.Context, spec Spec) error {
	_, err := s.rpc.Create(ctx, createToProto(s.target, spec))
	return wire.Failure(ctx, err)
}

func (s *clientSession) Start(ctx context.Context, id string) error {
	_, err := s.rpc.Start(ctx, &pb.HeadnodeStartRequest{Target: s.target, Id: wire.Clean(id)})
	return wire.Failure(ctx, err)
}

func (s *clientSession) Stop(ctx context.Context, id string) error {
	_, err := s.rpc.Stop(ctx, &pb.HeadnodeStopRequest{Target: s.target, Id: wire.Clean(id)})
	return wire.Failure(ctx, err)
}

func (s *clientSession) Delete(ctx context.Context, id string) error {
	_, err := s.rpc.Delete(ctx, &pb.HeadnodeDeleteRequest{Target: s.target, Id: wire.Clean(id)})
	return wire.Failure(ctx, err)
}

func (s *clientSession) State(ctx context.Context, id string) (State, error) {
	answer, err := s.rpc.State(ctx, &pb.HeadnodeStateRequest{Target: s.target, Id: wire.Clean(id)})
	return stateFromProto(answer), wire.Failure(ctx, err)
}

// Close does nothing: the driver closes the real session when it is idle.
func (s *clientSession) Close() error { return nil }
