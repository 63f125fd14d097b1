package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"github.com/digitalocean/go-libvirt"
	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/sdk"
)

// Screen has the machine's emulator open its screen on a pair of sockets, one of which libvirtd hands over. So it needs
// neither the screen's port nor its password, but libvirtd on this machine: a socket cannot be handed over a network.
func (s *session) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	what := s.about("open the screen of", id)
	m, err := s.needRunning(ctx, id)
	if err != nil {
		return nil, explain(what, err)
	}
	if !s.settings.endpoint.local() {
		return nil, &sdk.Error{Code: sdk.Unsupported, Text: what + ": libvirtd hands screens over on its own host only; see the machine's VNC port there"}
	}
	v, err := s.openScreen(ctx, m.Domain)
	if err != nil {
		return nil, explain(what, err)
	}
	v.unbind = context.AfterFunc(ctx, func() { _ = v.Close() })
	return v, nil
}

func (s *session) openScreen(ctx context.Context, dom libvirt.Domain) (*screen, error) {
	conn, err := connect(ctx, s.settings.endpoint)
	if err != nil {
		return nil, err
	}
	r := &receiver{Conn: conn, files: make(chan *os.File, 1)}
	defer r.discard()
	l, err := converse(ctx, s.settings, newWire(r))
	if err != nil {
		return nil, err
	}
	defer l.close()
	err = l.do(ctx, func(api *libvirt.Libvirt) error {
		return api.DomainOpenGraphicsFd(dom, 0, libvirt.DomainOpenGraphicsSkipauth)
	})
	if err != nil {
		return nil, err
	}
	select {
	case f := <-r.files:
		defer func() { _ = f.Close() }() // the connection has its own
		conn, err := net.FileConn(f)
		return &screen{Conn: conn}, err
	case <-l.conn.lost:
		return nil, libvirt.ErrInterrupted
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// screen is an open screen.
type screen struct {
	net.Conn
	unbind func() bool
	once   sync.Once
	err    error
}

// Close lets go of it, once.
func (v *screen) Close() error {
	v.once.Do(func() {
		v.unbind()
		v.err = v.Conn.Close()
	})
	return v.err
}

// receiver is a connection on which libvirtd hands over a file. It comes with a byte after the answer to the call that asked
// for it.
type receiver struct {
	net.Conn
	files chan *os.File
}

func (r *receiver) Read(b []byte) (int, error) {
	u, ok := r.Conn.(*net.UnixConn)
	if !ok {
		return r.Conn.Read(b)
	}
	const room = 256 // for more files than are ever sent
	control := make([]byte, room)
	n, c, _, _, err := u.ReadMsgUnix(b, control)
	if c > 0 {
		if err := r.take(control[:c]); err != nil {
			return n, err
		}
	}
	if n == 0 && err == nil && len(b) > 0 {
		return 0, io.EOF
	}
	return n, err
}

// take keeps the one file that was asked for.
func (r *receiver) take(control []byte) error {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return fmt.Errorf("take a file over: %w", err)
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return fmt.Errorf("take a file over: %w", err)
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			select {
			case r.files <- os.NewFile(uintptr(fd), "screen"):
			default:
				return errors.Join(errors.New("libvirtd hands over more than was asked for"), unix.Close(fd))
			}
		}
	}
	return nil
}

// discard lets go of a file that nobody has taken.
func (r *receiver) discard() {
	select {
	case f := <-r.files:
		_ = f.Close() // nothing was said to it
	default:
	}
}
