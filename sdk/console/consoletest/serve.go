package consoletest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
)

// The transports.
const (
	Telnet = "telnet"
	SSH    = "ssh"
)

// Serve answers connections over a transport until Close or until the listener is closed.
func (d *Device) Serve(l net.Listener, transport string) error {
	if transport != Telnet && transport != SSH {
		return fmt.Errorf("serve transport %q: it is neither telnet nor ssh", transport)
	}
	if !d.adopt(func() { d.listens[l] = struct{}{} }) {
		_ = l.Close() // nobody was served on it
		return fmt.Errorf("serve %s: %w", l.Addr(), net.ErrClosed)
	}
	defer d.running.Done()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
		if d.adopt(func() { d.conns[conn] = struct{}{} }) {
			go d.receive(conn, transport)
		} else {
			_ = conn.Close() // nothing was said on it
		}
	}
}

// adopt counts something as running unless the device is closed.
func (d *Device) adopt(note func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	note()
	d.running.Add(1)
	return true
}

// Start serves on a free port of the loopback until the test ends, and returns the address.
func (d *Device) Start(t TB, transport string) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(l, transport) }()
	t.Cleanup(func() {
		_ = d.Close() // it has nothing to write
		if err := <-served; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Fatalf("serve: %v", err)
		}
	})
	return l.Addr().String()
}

// Close drops all sessions and waits for the end of everything.
func (d *Device) Close() error {
	d.mu.Lock()
	if !d.closed {
		close(d.done)
	}
	d.closed = true
	for l := range d.listens {
		_ = l.Close() // it has nothing to write
	}
	for c := range d.conns {
		_ = c.Close() // nobody waits for what was not said yet
	}
	d.mu.Unlock()
	d.running.Wait()
	return nil
}

// receive serves one connection.
func (d *Device) receive(conn net.Conn, transport string) {
	defer d.running.Done()
	defer func() {
		_ = conn.Close() // whatever it had to say is said
		d.View(func() { delete(d.conns, conn) })
	}()
	if _, refused := d.faults.strike(RefuseConnection); refused {
		reset(conn)
		return
	}
	if _, silent := d.faults.strike(SilentConnection); silent {
		_, _ = io.Copy(io.Discard, conn) // until the peer has gone
		return
	}
	s, ok := d.admit()
	if !ok {
		d.turnAway(conn, transport)
		return
	}
	defer d.forget(s)
	if transport == SSH {
		d.serveSSH(s, conn)
	} else {
		d.serveTelnet(s, conn)
	}
}

// reset makes the close an abrupt one.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the close is a polite one
	}
}

// admit gives out a session if there is one left.
func (d *Device) admit() (*Session, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if limit := d.options.Sessions; limit > 0 && len(d.sessions) >= limit {
		return nil, false
	}
	d.visits++
	s := &Session{device: d, id: d.visits, mode: d.firstMode()}
	d.sessions[s] = struct{}{}
	d.most = max(d.most, len(d.sessions))
	return s, true
}

// firstMode is the one after the login.
func (d *Device) firstMode() string {
	if (d.options.Enable != "" || d.family.Unprivileged) && len(d.family.Modes) > 1 {
		return d.family.Modes[1].Name
	}
	return d.family.Modes[0].Name
}

// forget gives a session back, with what it held.
func (d *Device) forget(s *Session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sessions, s)
	if s.dead {
		return
	}
	s.enter(d.family.Modes[0].Name, nil)
	s.dead = true
	if d.family.Left != nil {
		d.family.Left(s)
	}
}

// turnAway is what happens to a newcomer when there is no session left.
func (d *Device) turnAway(conn net.Conn, transport string) {
	d.options.Log.Debug("no session left", "peer", conn.RemoteAddr())
	switch {
	case d.options.Full == FullHangs:
		_, _ = io.Copy(io.Discard, conn) // until the peer has gone
	case d.options.Full == FullWords && transport == Telnet:
		_, _ = io.WriteString(conn, d.family.Login.Full) // a peer that has gone needs no words
	}
}

// serveTelnet talks to a peer over telnet.
func (d *Device) serveTelnet(s *Session, conn net.Conn) {
	t := newTelnet(conn, d.family.Telnet)
	defer t.stop()
	d.running.Go(func() { t.pump(conn, t.decode) })
	s.wire = t
	select {
	case <-t.answered:
	case <-t.Gone():
		return
	}
	if s.welcome() && s.login() {
		s.serve()
	}
}
