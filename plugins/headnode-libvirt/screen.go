package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"

	"github.com/digitalocean/go-libvirt"
	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/sdk"
)

// Screen has the machine's emulator open its screen on a pair of sockets, one of which libvirtd hands over; so it needs neither
// the screen's port nor its password. A socket cannot be handed over a network: on a host that is reached over SSH, the screen
// is reached as libvirtd is.
func (s *session) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	what := s.about("open the screen of", id)
	m, err := s.needRunning(ctx, id)
	if err != nil {
		return nil, explain(what, err)
	}
	var conn net.Conn
	switch {
	case s.way.to.local():
		conn, err = s.handedScreen(ctx, m.Domain)
	case s.way.through != nil:
		conn, err = s.distantScreen(ctx, m.Domain)
	default:
		err = &sdk.Error{Code: sdk.Unsupported, Text: "libvirtd hands screens over on its own host and over SSH, but not over TLS"}
	}
	if err != nil {
		return nil, explain(what, err)
	}
	v := &screen{Conn: conn}
	v.unbind = context.AfterFunc(ctx, func() { _ = v.Close() })
	return v, nil
}

func (s *session) handedScreen(ctx context.Context, dom libvirt.Domain) (net.Conn, error) {
	conn, err := s.way.connect(ctx)
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
		return net.FileConn(f)
	case <-l.conn.lost:
		return nil, libvirt.ErrInterrupted
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// distantScreen opens the screen at its port. The password, which is another at each start, makes sure that it is the machine's
// own: when that has stopped, its port may be another's at once.
func (s *session) distantScreen(ctx context.Context, dom libvirt.Domain) (net.Conn, error) {
	m, err := s.read(ctx, dom, libvirt.DomainXMLSecure)
	if err != nil {
		return nil, err
	}
	v := m.vnc()
	if m.vncPort() == 0 || v.Passwd == "" {
		return nil, refused("machine " + m.Name + " has no screen with a password")
	}
	conn, err := s.way.to.forward(ctx, s.way.through, "tcp", net.JoinHostPort(loopback, strconv.Itoa(v.Port)))
	if err != nil {
		return nil, err
	}
	return unlock(ctx, conn, v.Passwd)
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
