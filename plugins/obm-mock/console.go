package main

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	prompt = "\r\nmock login: "
	// maxUnread is how much a console keeps for a holder that does not read; the oldest goes first.
	maxUnread = 64 << 10
)

// consoles are the serial lines that somebody holds.
type consoles struct {
	mu   sync.Mutex // guards open
	open map[string]*console
}

// hold opens the line of a host until the console is closed or ctx ends.
func (c *consoles) hold(ctx context.Context, host string) (*console, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[host] != nil {
		return nil, &sdk.Error{Code: sdk.Busy, Text: "the console of " + host + " is held by somebody else", Retryable: true}
	}
	line := &console{release: func() { c.drop(host) }}
	line.news.L = &line.mu
	line.mu.Lock()
	defer line.mu.Unlock()
	line.unbind = context.AfterFunc(ctx, func() { _ = line.Close() })
	c.open[host] = line
	return line, nil
}

func (c *consoles) drop(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, host)
}

// print lets the holder of a host's line, if there is one, read text.
func (c *consoles) print(host, text string) {
	c.mu.Lock()
	line := c.open[host]
	c.mu.Unlock()
	if line != nil {
		line.print(text)
	}
}

// console is a held serial line: what is typed comes back, as from a terminal that echoes.
type console struct {
	release func()

	mu     sync.Mutex // guards the fields below
	unbind func() bool
	news   sync.Cond
	unread []byte
	closed bool
}

var _ io.ReadWriteCloser = (*console)(nil)

func (c *console) Read(p []byte) (int, error) {
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

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, io.ErrClosedPipe
	}
	c.add(bytes.ReplaceAll(p, []byte("\r"), []byte("\r\n"+prompt)))
	return len(p), nil
}

func (c *console) Close() error {
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

func (c *console) print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add([]byte(text))
}

// add is called with the lock held.
func (c *console) add(b []byte) {
	c.unread = append(c.unread, b...)
	c.unread = c.unread[max(0, len(c.unread)-maxUnread):]
	c.news.Broadcast()
}
