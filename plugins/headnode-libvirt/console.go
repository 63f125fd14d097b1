package main

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	procedureOpenConsole = 201
	// chunk is how much of what is typed, or of a volume that is written, one packet carries.
	chunk = 32 << 10
	// parting is how long libvirtd may take to confirm that the line is free.
	parting = 2 * time.Second
)

// Console opens the machine's serial line through libvirtd, on a link of its own, wherever the host is. Libvirt lets one hold it.
func (s *session) Console(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return s.openConsole(ctx, id, libvirt.DomainConsoleSafe)
}

// TakeConsole is Console, but ends that of the holder.
func (s *session) TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return s.openConsole(ctx, id, libvirt.DomainConsoleSafe|libvirt.DomainConsoleForce)
}

func (s *session) openConsole(ctx context.Context, id string, flags libvirt.DomainConsoleFlags) (io.ReadWriteCloser, error) {
	what := s.about("open the console of", id)
	m, err := s.needRunning(ctx, id)
	if err != nil {
		return nil, explain(what, err)
	}
	c, err := s.newConsole(ctx, what)
	if err != nil {
		return nil, explain(what, err)
	}
	if err := c.open(ctx, m.Domain, flags); err != nil {
		_ = c.Close() // the error at hand is the one that matters
		return nil, err
	}
	c.unbind = context.AfterFunc(ctx, func() { _ = c.Close() })
	return c, nil
}

// needRunning is find for what a machine can do only if it runs.
func (s *session) needRunning(ctx context.Context, id string) (*machine, error) {
	m, err := s.find(ctx, id)
	if err == nil && !m.running() {
		return nil, refused("machine " + id + " does not run")
	}
	return m, err
}

// console is an open serial line. Go-libvirt can only read one: what is typed is put into packets here.
type console struct {
	link   *link
	what   string
	opened chan struct{} // closed when libvirtd has said that it is open
	over   chan struct{} // closed when go-libvirt has left the line
	why    error         // it has ended; not to be read before over is closed
	output *io.PipeReader
	unbind func() bool
	once   sync.Once

	mu   sync.Mutex // guards what follows, and the writing of packets
	call head       // the call that opened it, whose number all its packets have
	shut bool
}

// newConsole is a console that is not open yet.
func (s *session) newConsole(ctx context.Context, what string) (*console, error) {
	conn, err := s.way.connect(ctx)
	if err != nil {
		return nil, err
	}
	c := &console{what: what, opened: make(chan struct{}), over: make(chan struct{}), unbind: func() bool { return true }}
	w := newWire(conn)
	w.heard, w.sent = c.hear, c.tell
	c.link, err = converse(ctx, s.settings, w)
	return c, err
}

// tell remembers the call that opens the console.
func (c *console) tell(h *head) {
	if h.word(procedureAt) == procedureOpenConsole {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.call = *h
	}
}

// hear waits for the answer to the call that opens the console.
func (c *console) hear(h *head) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h.word(typeAt) == packetReply && h.word(statusAt) == statusOK && h.word(serialAt) == c.call.word(serialAt) && !c.isOpen() {
		close(c.opened)
	}
}

func (c *console) isOpen() bool {
	select {
	case <-c.opened:
		return true
	default:
		return false
	}
}

// open waits until the console is open, or is not.
func (c *console) open(ctx context.Context, dom libvirt.Domain, flags libvirt.DomainConsoleFlags) error {
	output, printed := io.Pipe()
	c.output = output
	go func() {
		defer close(c.over)
		c.why = c.reason(c.link.api.DomainOpenConsole(dom, nil, swallower{printed}, uint32(flags)))
		_ = printed.CloseWithError(c.why) // it never fails
	}()
	ctx, cancel := context.WithTimeout(ctx, c.link.silence)
	defer cancel()
	select {
	case <-c.opened:
		return nil
	case <-c.over:
		if c.isOpen() { // and has ended already
			return nil
		}
		return c.why
	case <-ctx.Done():
		return explain(c.what, ctx.Err())
	}
}

// reason is why the console has ended, or did not open.
func (c *console) reason(err error) error {
	c.mu.Lock()
	shut := c.shut
	c.mu.Unlock()
	switch {
	case err == nil, shut:
		return io.EOF
	case !c.isOpen() && is(err, libvirt.ErrOperationFailed):
		return &sdk.Error{Code: sdk.Busy, Text: c.what + ": somebody else holds it: " + err.Error(), Retryable: true}
	case c.isOpen() && !isLost(err): // the machine has stopped, or somebody has taken the line
		return &sdk.Error{Code: sdk.Unavailable, Text: c.what + ": it was ended: " + err.Error(), Retryable: true}
	default:
		return explain(c.what, err)
	}
}

// swallower gives what the machine prints to whoever reads, and takes it also when nobody does any more: go-libvirt would
// hang at an error.
type swallower struct{ to *io.PipeWriter }

func (s swallower) Write(b []byte) (int, error) {
	_, _ = s.to.Write(b)
	return len(b), nil
}

// Read gives what the machine prints.
func (c *console) Read(b []byte) (int, error) { return c.output.Read(b) }

// Write types.
func (c *console) Write(b []byte) (int, error) {
	for n := 0; n < len(b); n += chunk {
		if err := c.send(statusMore, b[n:min(n+chunk, len(b))]); err != nil {
			return n, err
		}
	}
	return len(b), nil
}

// send sends a packet of the console's stream.
func (c *console) send(status uint32, data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut {
		return io.ErrClosedPipe
	}
	if _, err := c.link.conn.Conn.Write(c.call.stream(status, data)); err != nil {
		return errors.Join(io.ErrClosedPipe, err)
	}
	return nil
}

// Close gives the line back, and returns when it is free or libvirtd does not answer.
func (c *console) Close() error {
	c.once.Do(func() {
		c.unbind()
		if c.isOpen() {
			_ = c.send(statusOK, nil) // the end; a line that is lost is free
		}
		c.mu.Lock()
		c.shut = true
		c.mu.Unlock()
		_ = c.output.Close() // it never fails
		timer := time.NewTimer(parting)
		defer timer.Stop()
		select {
		case <-c.over:
		case <-timer.C:
		}
		c.link.close()
		<-c.over
	})
	return nil
}
