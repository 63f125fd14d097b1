package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	// wide is how many columns our terminal has, so that devices do not break lines.
	wide = 511
	// terminalType is one that every device knows; on a dumb one some pagers ask more questions.
	terminalType = "vt100"
)

// keepAlive finds out within half a minute that a peer has vanished without a word.
func keepAlive() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
}

// dial reaches the device.
func dial(ctx context.Context, c Config) (io.ReadWriteCloser, error) {
	ctx, cancel := c.step(ctx)
	defer cancel()
	dialer := net.Dialer{KeepAliveConfig: keepAlive()}
	conn, err := dialer.DialContext(ctx, "tcp", c.address())
	if err != nil {
		return nil, c.unreached(ctx, err)
	}
	dropUnsent(conn)
	if c.Transport == SSH {
		return openShell(ctx, c, conn)
	}
	return &telnet{Conn: conn}, nil
}

// dropUnsent makes the end of the connection the end of what was typed, however it ends: by default the kernel goes on for
// minutes to deliver what a device has not confirmed, to a line that somebody else may have undone meanwhile.
func dropUnsent(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // fails only on a connection that has ended
	}
}

// unreached is the error for a connection that did not come about: "reach sw-07 (10.0.0.7:23): connection refused".
func (c Config) unreached(ctx context.Context, err error) error {
	e := &sdk.Error{Code: sdk.Unavailable, Retryable: true}
	whom := c.address()
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil && op.Addr.String() != whom {
		whom = fmt.Sprintf("%s (%s)", c.Host, op.Addr)
	}
	why := reason(err)
	switch {
	case errors.Is(context.Cause(ctx), errSilent):
		e.Code, why = sdk.Timeout, context.Cause(ctx).Error()
	case ctx.Err() != nil:
		why = "given up: " + ctx.Err().Error()
	case errors.Is(err, os.ErrDeadlineExceeded):
		e.Code = sdk.Timeout
	}
	e.Text = "reach " + whom + ": " + why
	return e
}

// reason is the innermost words of a network error; what is around them has the addresses again.
func reason(err error) string {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// hungUp reports whether err is the other end's closing of the connection.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}
