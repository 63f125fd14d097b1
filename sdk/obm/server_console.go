package obm

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// consoleStream is the driver's end of an open console.
type consoleStream = grpc.BidiStreamingServer[pb.OBMConsoleRequest, pb.OBMConsoleResponse]

// Console opens a console on the target's session, beside the session's other calls.
func (s *server) Console(stream consoleStream) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	if first.GetTarget() == nil {
		return &sdk.Error{Code: sdk.Invalid, Text: "the first message of a console must carry the target"}
	}
	var broken error // while open; no reason to doubt the session
	err = s.sessions.Share(stream.Context(), wire.TargetFromProto(first.GetTarget()), func(c Session) error {
		line, err := openConsole(stream.Context(), c, first.GetTake())
		if err != nil {
			return err
		}
		broken = (&relay{stream: stream, line: line, log: s.log}).run()
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

// relay carries bytes between a caller and a serial line until either hangs up.
type relay struct {
	stream consoleStream
	line   io.ReadWriteCloser
	log    hclog.Logger
	once   sync.Once
	hungUp atomic.Bool
}

// hangUp closes the line, which ends both directions. It may run where no call would catch a panic.
func (r *relay) hangUp() {
	r.once.Do(func() {
		defer wire.Contain(r.log, "close console")
		r.hungUp.Store(true)
		if err := r.line.Close(); err != nil {
			r.log.Debug("closing a console failed", "err", err)
		}
	})
}

func (r *relay) run() error {
	defer context.AfterFunc(r.stream.Context(), r.hangUp)()
	defer r.hangUp()
	if err := r.stream.Send(&pb.OBMConsoleResponse{}); err != nil {
		return err
	}
	go r.toLine() // ends with the stream, soon after run has returned
	err := r.fromLine()
	if r.hungUp.Load() { // whatever a line says that was closed under it
		return nil
	}
	return err
}

func (r *relay) toLine() {
	defer r.hangUp()
	defer wire.Contain(r.log, "write console")
	for {
		req, err := r.stream.Recv()
		if err != nil {
			return
		}
		if _, err := r.line.Write(req.GetData()); err != nil {
			return
		}
	}
}

func (r *relay) fromLine() error {
	b := make([]byte, chunk)
	for {
		n, err := r.line.Read(b)
		if n > 0 {
			if err := r.stream.Send(&pb.OBMConsoleResponse{Data: b[:n]}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
