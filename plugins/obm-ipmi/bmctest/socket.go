package bmctest

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/bougou/go-ipmi/pkg/transport"
)

// socket outlives the servers that a controller runs one after the other, so that the port stays the same.
type socket struct {
	*net.UDPConn
	latency time.Duration
	deaf    atomic.Bool
	dumb    atomic.Bool
}

// view is the socket as one server has it.
type view struct {
	*socket
	closed atomic.Bool
}

var _ transport.PacketConn = (*view)(nil)

func (s *socket) view() *view {
	_ = s.SetReadDeadline(time.Time{}) // it fails only where reading does
	return &view{socket: s}
}

// ReadFrom gives the next packet that the controller hears.
func (v *view) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := v.UDPConn.ReadFrom(b)
		if v.closed.Load() {
			return 0, nil, net.ErrClosed
		}
		if err != nil || !v.deaf.Load() {
			return n, from, err
		}
	}
}

// WriteTo answers.
func (v *view) WriteTo(b []byte, to net.Addr) (int, error) {
	if v.closed.Load() {
		return 0, net.ErrClosed
	}
	if v.dumb.Load() {
		return len(b), nil
	}
	time.Sleep(v.latency)
	return v.UDPConn.WriteTo(b, to)
}

// Close ends the server's reading; the socket stays open.
func (v *view) Close() error {
	v.closed.Store(true)
	return v.SetReadDeadline(time.Unix(1, 0))
}
