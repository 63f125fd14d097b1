package headnode

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/stream"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// The client's session has every ability: whether the real one has it, the driver says when it is asked.
var (
	_ Consoler     = (*clientSession)(nil)
	_ ConsoleTaker = (*clientSession)(nil)
	_ Screener     = (*clientSession)(nil)
	_ Plugger      = (*clientSession)(nil)
	_ Roomer       = (*clientSession)(nil)
	_ Seeder       = (*clientSession)(nil)
)

func (s *clientSession) Console(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return s.dialConsole(ctx, id, false)
}

func (s *clientSession) TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return s.dialConsole(ctx, id, true)
}

func (s *clientSession) dialConsole(ctx context.Context, id string, take bool) (io.ReadWriteCloser, error) {
	first := &pb.HeadnodeConsoleRequest{Payload: &pb.HeadnodeConsoleRequest_Target{Target: s.target}, Id: wire.Clean(id), Take: take}
	return stream.Dial(ctx, s.rpc.Console, first, func(b []byte) *pb.HeadnodeConsoleRequest {
		return &pb.HeadnodeConsoleRequest{Payload: &pb.HeadnodeConsoleRequest_Data{Data: b}}
	})
}

func (s *clientSession) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	first := &pb.HeadnodeScreenRequest{Payload: &pb.HeadnodeScreenRequest_Target{Target: s.target}, Id: wire.Clean(id)}
	return stream.Dial(ctx, s.rpc.Screen, first, func(b []byte) *pb.HeadnodeScreenRequest {
		return &pb.HeadnodeScreenRequest{Payload: &pb.HeadnodeScreenRequest_Data{Data: b}}
	})
}

func (s *clientSession) Plug(ctx context.Context, id string, nic NIC) error {
	_, err := s.rpc.Plug(ctx, &pb.HeadnodePlugRequest{Target: s.target, Id: wire.Clean(id), Nic: nicToProto(nic)})
	return wire.Failure(ctx, err)
}

func (s *clientSession) Room(ctx context.Context, image string) (Room, error) {
	answer, err := s.rpc.Room(ctx, &pb.HeadnodeRoomRequest{Target: s.target, Image: wire.Clean(image)})
	return roomFromProto(answer), wire.Failure(ctx, err)
}

func (s *clientSession) CreateSeeded(ctx context.Context, spec Spec, seed Seed) error {
	req := &pb.HeadnodeCreateSeededRequest{Target: s.target, Machine: createToProto(nil, spec), Seed: seedToProto(seed)}
	_, err := s.rpc.CreateSeeded(ctx, req)
	return wire.Failure(ctx, err)
}
