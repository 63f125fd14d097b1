package headnodetest_test

import (
	"context"
	"io"
	"net"
	"sync/atomic"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// line is a stream whose far end does what the machine does, until it is closed.
type line struct {
	net.Conn
	closed atomic.Bool
}

func (l *line) Close() error {
	l.closed.Store(true)
	return l.Conn.Close()
}

// newLine is a line that ends with ctx.
func newLine(ctx context.Context, machine func(far net.Conn)) *line {
	near, far := net.Pipe()
	go func() {
		defer func() { _ = far.Close() }()
		machine(far)
	}()
	l := &line{Conn: near}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	return l
}

func echo(far net.Conn) { _, _ = io.Copy(far, far) }

// screen offers one kind of security.
func screen(kind byte) func(far net.Conn) {
	return func(far net.Conn) {
		_, _ = far.Write([]byte("RFB 003.008\n"))
		if _, err := io.ReadFull(far, make([]byte, 12)); err == nil {
			_, _ = far.Write([]byte{1, kind})
		}
		_, _ = io.Copy(io.Discard, far)
	}
}

// hangUp ends the lines of a machine. It is called with the lock held.
func (m *memory) hangUp(id string) {
	for _, l := range m.lines[id] {
		_ = l.Close()
	}
	delete(m.lines, id)
	delete(m.holder, id)
}

// open opens a line of a machine that runs. It is called with the lock held.
func (m *memory) open(ctx context.Context, id string, machine func(net.Conn)) (*line, error) {
	on, ok := m.machines[id]
	if !ok {
		return nil, absent(id)
	}
	if !on {
		return nil, &sdk.Error{Code: sdk.Refused, Text: id + " does not run"}
	}
	l := newLine(ctx, machine)
	m.lines[id] = append(m.lines[id], l)
	return l, nil
}

func (s memorySession) Console(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return s.console(ctx, id, false)
}

func (s memorySession) TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return s.console(ctx, id, true)
}

func (s memorySession) console(ctx context.Context, id string, take bool) (io.ReadWriteCloser, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if h := s.m.holder[id]; h != nil && !h.closed.Load() {
		if !take {
			return nil, &sdk.Error{Code: sdk.Busy, Text: "somebody else holds the console", Retryable: true}
		}
		_ = h.Close()
	}
	l, err := s.m.open(ctx, id, echo)
	if err != nil {
		return nil, err
	}
	s.m.holder[id] = l
	return l, nil
}

func (s memorySession) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	l, err := s.m.open(ctx, id, screen(1))
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (s memorySession) Plug(_ context.Context, id string, nic headnode.NIC) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if _, ok := s.m.machines[id]; !ok || nic.Label != "eth0" && nic.Label != "eth1" {
		return absent(id + " with " + nic.Label)
	}
	return nil
}

func (s memorySession) Room(_ context.Context, image string) (headnode.Room, error) {
	const each = 512
	room := headnode.Room{Total: 1 << 20}
	switch image {
	case "":
	case "img1", "img2":
		room.Needed = each
	default:
		return room, &sdk.Error{Code: sdk.Invalid, Text: "there is no such image"}
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	room.Used = int64(len(s.m.machines)) * each
	return room, nil
}

func (s memorySession) CreateSeeded(ctx context.Context, spec headnode.Spec, _ headnode.Seed) error {
	return s.Create(ctx, spec)
}
