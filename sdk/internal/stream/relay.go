package stream

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// Relay says that the line is open, and carries bytes between it and the caller until either hangs up. It closes the line.
// The call's first request has been read. Wrap makes an answer of bytes.
func Relay[Req, Res any, ReqP message[Req]](stream grpc.BidiStreamingServer[Req, Res], line io.ReadWriteCloser, wrap func([]byte) *Res, log hclog.Logger) error {
	return (&relay[Req, Res, ReqP]{stream: stream, line: line, wrap: wrap, log: log}).run()
}

type relay[Req, Res any, ReqP message[Req]] struct {
	stream grpc.BidiStreamingServer[Req, Res]
	line   io.ReadWriteCloser
	wrap   func([]byte) *Res
	log    hclog.Logger
	once   sync.Once
	hungUp atomic.Bool
}

// hangUp closes the line, which ends both directions. It may run where no call would catch a panic.
func (r *relay[Req, Res, ReqP]) hangUp() {
	r.once.Do(func() {
		defer wire.Contain(r.log, "close a stream")
		r.hungUp.Store(true)
		if err := r.line.Close(); err != nil {
			r.log.Debug("closing a stream failed", "err", err)
		}
	})
}

func (r *relay[Req, Res, ReqP]) run() error {
	defer context.AfterFunc(r.stream.Context(), r.hangUp)()
	defer r.hangUp()
	if err := r.stream.Send(r.wrap(nil)); err != nil {
		return err
	}
	go r.toLine() // ends with the stream, soon after run has returned
	err := r.fromLine()
	if r.hungUp.Load() { // whatever a line says that was closed under it
		return nil
	}
	return err
}

func (r *relay[Req, Res, ReqP]) toLine() {
	defer r.hangUp()
	defer wire.Contain(r.log, "write to a stream")
	for {
		req, err := r.stream.Recv()
		if err != nil {
			return
		}
		if _, err := r.line.Write(ReqP(req).GetData()); err != nil {
			return
		}
	}
}

func (r *relay[Req, Res, ReqP]) fromLine() error {
	b := make([]byte, chunk)
	for {
		n, err := r.line.Read(b)
		if n > 0 {
			if err := r.stream.Send(r.wrap(b[:n])); err != nil {
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
