package consoletest_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
)

// pipes is a listener for connections within the process, which need no real time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// dial connects to the device that serves the listener.
func (p *pipes) dial(t *testing.T) *peer.Peer {
	t.Helper()
	mine, its := net.Pipe()
	p.conns <- its
	return peer.On(t, mine, nil)
}

// TestDelays is in a time of its own, and so each step takes exactly what it must.
func TestDelays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLamp(consoletest.Options{Latency: 100 * time.Millisecond, Login: 3 * time.Second, Save: 8 * time.Second, Idle: 5 * time.Second})
		in := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		go func() { _ = l.Serve(in, consoletest.Telnet) }()
		t.Cleanup(func() { _ = l.Close() })

		var p *peer.Peer
		takes(t, "a login", 3*time.Second, func() { p = in.dial(t); p.Login("user: ", "word: ", "> ") })
		takes(t, "a command", 100*time.Millisecond, func() { says(t, p, "show light", "lit: false\r\nlamp> ") })
		takes(t, "an empty line", 0, func() { says(t, p, "", "\rlamp> ") })
		takes(t, "a save", 8100*time.Millisecond, func() { p.Enter("save", "sure? "); p.Type("y"); p.Until("saved\r\nlamp> ") })
		l.Inject(consoletest.Fault{Kind: consoletest.SlowReply, Delay: time.Second})
		takes(t, "a slow answer", 1100*time.Millisecond, func() { says(t, p, "show light", "lit: false\r\nlamp> ") })
		l.OnCommand(func(consoletest.Typed) { <-time.After(time.Second) })
		takes(t, "a command with a slow hook", 1100*time.Millisecond, func() { says(t, p, "show light", "lit: false\r\nlamp> ") })
		takes(t, "the end of patience", 5*time.Second, func() { p.Rest() })
	})
}

// TestRebootDuringCommand shows that a command that was entered before a reboot has no effect after it.
func TestRebootDuringCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLamp(consoletest.Options{Latency: time.Second})
		in := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		go func() { _ = l.Serve(in, consoletest.Telnet) }()
		t.Cleanup(func() { _ = l.Close() })
		p := in.dial(t)
		p.Login("user: ", "word: ", "> ")
		toBulb(t, p)
		p.Type("light on\r")
		p.Until("light on\r\n")
		l.Reboot()
		p.Rest()
		later := in.dial(t)
		later.Login("user: ", "word: ", "> ")
		for range 2 {
			says(t, later, "show light", "lit: false\r\nlamp> ")
		}
	})
}

func takes(t *testing.T, what string, want time.Duration, do func()) {
	t.Helper()
	start := time.Now()
	do()
	if took := time.Since(start); took != want {
		t.Errorf("%s took %v, not %v", what, took, want)
	}
}
