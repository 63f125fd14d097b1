package console_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/core"
)

// device is a serial port that prints what it is told to, and has room for one session.
type device struct {
	mu    sync.Mutex
	out   *io.PipeWriter // of the open session, guarded by mu
	err   error          // of the next open, guarded by mu
	open  int            // sessions now, guarded by mu
	most  int            // sessions at once, guarded by mu
	typed []byte         // what was typed, guarded by mu
	taken int            // how often it was taken, guarded by mu
	// opened counts the sessions there were, closed those that are no more.
	opened, closed atomic.Int64
	// gate, if there is one, is sent to when a session is about to close, which it does when something is sent back.
	gate chan struct{}
	// hang, if there is one, keeps a session from being opened until it is closed or the opening is given up.
	hang chan struct{}
	// slow, if there is one, keeps what is typed from being taken until something is sent for it.
	slow chan struct{}
}

// session is an open session.
type session struct {
	*io.PipeReader
	d *device
}

// Write types.
func (s session) Write(p []byte) (int, error) {
	if s.d.slow != nil {
		<-s.d.slow
	}
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.typed = append(s.d.typed, p...)
	return len(p), nil
}

// Close frees the port.
func (s session) Close() error {
	if s.d.gate != nil {
		s.d.gate <- struct{}{}
		<-s.d.gate
	}
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.open--
	s.d.closed.Add(1)
	return s.PipeReader.Close()
}

// connect is a console.Opener.
func (d *device) connect(ctx context.Context, _ core.Node, take bool) (io.ReadWriteCloser, error) {
	if d.hang != nil {
		select {
		case <-d.hang:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil && !take {
		return nil, d.err
	}
	if take {
		d.taken++
	}
	r, w := io.Pipe()
	d.out = w
	d.open++
	d.most = max(d.most, d.open)
	d.opened.Add(1)
	return session{r, d}, nil
}

// print waits until the server has taken the text.
func (d *device) print(t *testing.T, text string) {
	t.Helper()
	d.mu.Lock()
	out := d.out
	d.mu.Unlock()
	if _, err := io.WriteString(out, text); err != nil {
		t.Fatal(err)
	}
}

// hangUp breaks the line.
func (d *device) hangUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.out.CloseWithError(errors.New("line broken")) // it always gives nil
}

func (d *device) refuse(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *device) keys() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return string(d.typed)
}

func (d *device) atOnce() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.most
}
