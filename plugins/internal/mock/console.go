package mock

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	// Prompt is what a machine's console shows that waits for somebody to log in.
	Prompt = "\r\nmock login: "
	// MaxUnread is how much a console keeps for a holder that does not read; the oldest goes first.
	MaxUnread = 64 << 10
)

// Consoles are the serial lines that somebody holds, by the names of their machines.
type Consoles struct {
	mu   sync.Mutex // guards open
	open map[string]*Console
}

// NewConsoles are lines that nobody holds.
func NewConsoles() *Consoles { return &Consoles{open: map[string]*Console{}} }

// Hold opens the line of a machine until the console is closed or ctx ends.
func (c *Consoles) Hold(ctx context.Context, machine string) (*Console, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[machine] != nil {
		return nil, &sdk.Error{Code: sdk.Busy, Text: "the console of " + machine + " is held by somebody else", Retryable: true}
	}
	line := &Console{}
	line.release = func() { c.drop(machine, line) }
	line.news.L = &line.mu
	line.mu.Lock()
	defer line.mu.Unlock()
	line.unbind = context.AfterFunc(ctx, func() { _ = line.Close() })
	c.open[machine] = line
	return line, nil
}

func (c *Consoles) drop(machine string, line *Console) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[machine] == line {
		delete(c.open, machine)
	}
}

// holder is who holds a machine's line, nil if nobody does.
func (c *Consoles) holder(machine string) *Console {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open[machine]
}

// Print lets the holder of a machine's line, if there is one, read text.
func (c *Consoles) Print(machine, text string) {
	if line := c.holder(machine); line != nil {
		line.Print(text)
	}
}

// HangUp takes a machine's line from its holder, if there is one.
func (c *Consoles) HangUp(machine string) {
	if line := c.holder(machine); line != nil {
		_ = line.Close() // it never fails
	}
}

// Console is a held serial line: what is typed comes back, as from a terminal that echoes.
type Console struct {
	release func()

	mu     sync.Mutex // guards the fields below
	unbind func() bool
	news   sync.Cond
	unread []byte
	closed bool
}

var _ io.ReadWriteCloser = (*Console)(nil)

// Read gives what the machine says.
func (c *Console) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.unread) == 0 && !c.closed {
		c.news.Wait()
	}
	if len(c.unread) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// Write types.
func (c *Console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, io.ErrClosedPipe
	}
	c.add(bytes.ReplaceAll(p, []byte("\r"), []byte("\r\n"+Prompt)))
	return len(p), nil
}

// Close lets the next one have the line.
func (c *Console) Close() error {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.news.Broadcast()
	c.mu.Unlock()
	if first {
		c.unbind()
		c.release()
	}
	return nil
}

// Print lets the holder read text.
func (c *Console) Print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add([]byte(text))
}

// add is called with the lock held.
func (c *Console) add(b []byte) {
	c.unread = append(c.unread, b...)
	c.unread = c.unread[max(0, len(c.unread)-MaxUnread):]
	c.news.Broadcast()
}
