// Package stream carries a stream of bytes, such as a serial console, between a driver and its host, over a call of gRPC
// with messages in both directions. It is not for what the contracts say about such streams.
package stream

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

const (
	// chunk is how many bytes one message carries at most.
	chunk = 32 << 10
	// parting is how long Close waits for the driver to give the line back, so that the next one does not find it busy.
	parting = 2 * time.Second
)

// message is a pointer to a message M that carries bytes.
type message[M any] interface {
	*M
	GetData() []byte
}

// Call is one of a contract's calls, whose first request says what is to be opened, and whose first answer is empty and says
// that it is.
type Call[Req, Res any] func(context.Context, ...grpc.CallOption) (grpc.BidiStreamingClient[Req, Res], error)

// Dial makes the call with its first request, and gives the stream once the driver says that it is open. The stream ends
// with ctx. Wrap makes a request of bytes.
func Dial[Req, Res any, ResP message[Res]](ctx context.Context, call Call[Req, Res], first *Req, wrap func([]byte) *Req) (io.ReadWriteCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &client[Req, Res, ResP]{ctx: ctx, cancel: cancel, wrap: wrap}
	if err := c.dial(call, first); err != nil {
		err = wire.Failure(ctx, err)
		cancel()
		return nil, err
	}
	return c, nil
}

// client is an open stream on the host's end of the wire.
type client[Req, Res any, ResP message[Res]] struct {
	ctx    context.Context // the stream's own lifetime, ended by cancel
	cancel context.CancelFunc
	wrap   func([]byte) *Req
	stream grpc.BidiStreamingClient[Req, Res]
	close  sync.Once

	sending   sync.Mutex // guards the sending half of stream, which is for one at a time
	receiving sync.Mutex // guards the receiving half, and rest
	rest      []byte     // received, not yet read
}

func (c *client[Req, Res, ResP]) dial(call Call[Req, Res], first *Req) (err error) {
	if c.stream, err = call(c.ctx); err != nil {
		return err
	}
	// A failed Send says only io.EOF; the reason comes with Recv.
	_ = c.stream.Send(first)
	_, err = c.stream.Recv()
	return err
}

// Read gives what the line says; io.EOF when the device or Close has hung up.
func (c *client[Req, Res, ResP]) Read(b []byte) (int, error) {
	c.receiving.Lock()
	defer c.receiving.Unlock()
	for len(c.rest) == 0 && len(b) > 0 {
		answer, err := c.stream.Recv()
		if errors.Is(err, io.EOF) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, wire.Failure(c.ctx, err)
		}
		c.rest = ResP(answer).GetData()
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Write sends b to the line.
func (c *client[Req, Res, ResP]) Write(b []byte) (int, error) {
	c.sending.Lock()
	defer c.sending.Unlock()
	for n := 0; n < len(b); {
		part := b[n:min(n+chunk, len(b))]
		if err := c.stream.Send(c.wrap(part)); err != nil {
			return n, io.ErrClosedPipe // why it is closed, Read says
		}
		n += len(part)
	}
	return len(b), nil
}

// Close hangs up, and waits a moment until the driver has done so.
func (c *client[Req, Res, ResP]) Close() error {
	c.close.Do(func() {
		defer c.cancel()
		limit := time.AfterFunc(parting, c.cancel)
		defer limit.Stop()
		c.hangUp()
	})
	return nil
}

func (c *client[Req, Res, ResP]) hangUp() {
	c.sending.Lock()
	_ = c.stream.CloseSend() // it fails only if the stream has ended, which is what is wanted
	c.sending.Unlock()
	c.receiving.Lock()
	defer c.receiving.Unlock()
	for {
		if _, err := c.stream.Recv(); err != nil {
			return
		}
	}
}
