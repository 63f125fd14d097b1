package obm

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

const (
	// chunk is how many bytes one message of a console carries at most.
	chunk = 32 << 10
	// parting is how long Close waits for the driver to give the line back, so that the next one does not find it busy.
	parting = 2 * time.Second
)

// clientConsole is an open console on the host's end of the wire.
type clientConsole struct {
	ctx    context.Context // the console's own lifetime, ended by cancel
	cancel context.CancelFunc
	stream grpc.BidiStreamingClient[pb.OBMConsoleRequest, pb.OBMConsoleResponse]
	close  sync.Once

	sending   sync.Mutex // guards the sending half of stream, which is for one at a time
	receiving sync.Mutex // guards the receiving half, and rest
	rest      []byte     // received, not yet read
}

// dialConsole waits until the driver says that the console is open.
func dialConsole(ctx context.Context, rpc pb.OBMClient, first *pb.OBMConsoleRequest) (io.ReadWriteCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &clientConsole{ctx: ctx, cancel: cancel}
	if err := c.dial(rpc, first); err != nil {
		err = wire.Failure(ctx, err)
		cancel()
		return nil, err
	}
	return c, nil
}

func (c *clientConsole) dial(rpc pb.OBMClient, first *pb.OBMConsoleRequest) (err error) {
	if c.stream, err = rpc.Console(c.ctx); err != nil {
		return err
	}
	// A failed Send says only io.EOF; the reason comes with Recv.
	_ = c.stream.Send(first)
	_, err = c.stream.Recv()
	return err
}

// Read gives what the serial line says; io.EOF when the device or Close has hung up.
func (c *clientConsole) Read(b []byte) (int, error) {
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
		c.rest = answer.GetData()
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Write sends b to the serial line.
func (c *clientConsole) Write(b []byte) (int, error) {
	c.sending.Lock()
	defer c.sending.Unlock()
	for n := 0; n < len(b); {
		part := b[n:min(n+chunk, len(b))]
		if err := c.stream.Send(&pb.OBMConsoleRequest{Payload: &pb.OBMConsoleRequest_Data{Data: part}}); err != nil {
			return n, io.ErrClosedPipe // why it is closed, Read says
		}
		n += len(part)
	}
	return len(b), nil
}

// Close hangs up, and waits a moment until the driver has done so.
func (c *clientConsole) Close() error {
	c.close.Do(func() {
		defer c.cancel()
		limit := time.AfterFunc(parting, c.cancel)
		defer limit.Stop()
		c.hangUp()
	})
	return nil
}

func (c *clientConsole) hangUp() {
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
