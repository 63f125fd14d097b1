package obm

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/stream"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// dialConsole waits until the driver says that the console is open.
func (s clientConsoler) dialConsole(ctx context.Context, take bool) (io.ReadWriteCloser, error) {
	first := &pb.OBMConsoleRequest{Payload: &pb.OBMConsoleRequest_Target{Target: s.target}, Take: take}
	return stream.Dial(ctx, s.rpc.Console, first, func(b []byte) *pb.OBMConsoleRequest {
		return &pb.OBMConsoleRequest{Payload: &pb.OBMConsoleRequest_Data{Data: b}}
	})
}

// Console opens a console on the target's session, beside the session's other calls.
func (s *server) Console(call grpc.BidiStreamingServer[pb.OBMConsoleRequest, pb.OBMConsoleResponse]) error {
	first, err := call.Recv()
	if err != nil {
		return err
	}
	if first.GetTarget() == nil {
		return &sdk.Error{Code: sdk.Invalid, Text: "the first message of a console must carry the target"}
	}
	var broken error // while open; no reason to doubt the session
	err = s.sessions.Share(call.Context(), wire.TargetFromProto(first.GetTarget()), func(c Session) error {
		line, err := openConsole(call.Context(), c, first.GetTake())
		if err != nil {
			return err
		}
		broken = stream.Relay(call, line, func(b []byte) *pb.OBMConsoleResponse { return &pb.OBMConsoleResponse{Data: b} }, s.log)
		return nil
	})
	return errors.Join(err, broken)
}

func openConsole(ctx context.Context, s Session, take bool) (io.ReadWriteCloser, error) {
	if take {
		return takeConsole(ctx, s)
	}
	c, ok := s.(Consoler)
	if !ok {
		return nil, &sdk.Error{Code: sdk.Unsupported, Text: "this controller has no console"}
	}
	return c.Console(ctx)
}

func takeConsole(ctx context.Context, s Session) (io.ReadWriteCloser, error) {
	t, ok := s.(ConsoleTaker)
	if !ok {
		return nil, cannot("take a console from its holder")
	}
	return t.TakeConsole(ctx)
}
