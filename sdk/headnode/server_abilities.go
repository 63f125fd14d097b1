package headnode

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/stream"
)

// Console opens a console on the target's session, beside the session's other calls.
func (s *server) Console(call grpc.BidiStreamingServer[pb.HeadnodeConsoleRequest, pb.HeadnodeConsoleResponse]) error {
	first, err := call.Recv()
	if err != nil {
		return err
	}
	open := func(c Session) (io.ReadWriteCloser, error) {
		return openConsole(call.Context(), c, first.GetId(), first.GetTake())
	}
	return s.carry(call.Context(), first, open, func(line io.ReadWriteCloser) error {
		return stream.Relay(call, line, func(b []byte) *pb.HeadnodeConsoleResponse { return &pb.HeadnodeConsoleResponse{Data: b} }, s.log)
	})
}

func openConsole(ctx context.Context, s Session, id string, take bool) (io.ReadWriteCloser, error) {
	if take {
		t, ok := s.(ConsoleTaker)
		if !ok {
			return nil, cannot("take a console from its holder")
		}
		return t.TakeConsole(ctx, id)
	}
	c, ok := s.(Consoler)
	if !ok {
		return nil, cannot("open a console")
	}
	return c.Console(ctx, id)
}

// Screen opens a screen, as Console opens a console.
func (s *server) Screen(call grpc.BidiStreamingServer[pb.HeadnodeScreenRequest, pb.HeadnodeScreenResponse]) error {
	first, err := call.Recv()
	if err != nil {
		return err
	}
	open := func(c Session) (io.ReadWriteCloser, error) {
		v, ok := c.(Screener)
		if !ok {
			return nil, cannot("open a screen")
		}
		return v.Screen(call.Context(), first.GetId())
	}
	return s.carry(call.Context(), first, open, func(line io.ReadWriteCloser) error {
		return stream.Relay(call, line, func(b []byte) *pb.HeadnodeScreenResponse { return &pb.HeadnodeScreenResponse{Data: b} }, s.log)
	})
}

// carry opens a stream on the target's session and relays it.
func (s *server) carry(ctx context.Context, first interface{ GetTarget() *pb.Target },
	open func(Session) (io.ReadWriteCloser, error), relay func(io.ReadWriteCloser) error,
) error {
	if first.GetTarget() == nil {
		return &sdk.Error{Code: sdk.Invalid, Text: "the first message of a stream must carry the target"}
	}
	var broken error // while open; no reason to doubt the session
	err := s.share(ctx, first, func(c Session) error {
		line, err := open(c)
		if err != nil {
			return err
		}
		broken = relay(line)
		return nil
	})
	return errors.Join(err, broken)
}

func (s *server) Plug(ctx context.Context, req *pb.HeadnodePlugRequest) (*pb.HeadnodePlugResponse, error) {
	return &pb.HeadnodePlugResponse{}, s.share(ctx, req, func(c Session) error {
		p, ok := c.(Plugger)
		if !ok {
			return cannot("plug a network card in elsewhere")
		}
		return p.Plug(ctx, req.GetId(), nicFromProto(req.GetNic()))
	})
}

func (s *server) Room(ctx context.Context, req *pb.HeadnodeRoomRequest) (*pb.HeadnodeRoomResponse, error) {
	var room Room
	err := s.share(ctx, req, func(c Session) (err error) {
		r, ok := c.(Roomer)
		if !ok {
			return cannot("tell how much room a host has")
		}
		room, err = r.Room(ctx, req.GetImage())
		return err
	})
	return roomToProto(room), err
}

func (s *server) CreateSeeded(ctx context.Context, req *pb.HeadnodeCreateSeededRequest) (*pb.HeadnodeCreateSeededResponse, error) {
	return &pb.HeadnodeCreateSeededResponse{}, s.share(ctx, req, func(c Session) error {
		v, ok := c.(Seeder)
		if !ok {
			return cannot("give a machine SSH keys and user data")
		}
		return v.CreateSeeded(ctx, specFromProto(req.GetMachine()), seedFromProto(req.GetSeed()))
	})
}

// cannot is the error for an ability that the driver's sessions do not have.
func cannot(what string) error {
	return &sdk.Error{Code: sdk.Unsupported, Text: "this driver cannot " + what}
}
