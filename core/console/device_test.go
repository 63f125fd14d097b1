package console_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
)

// device is a serial port that prints what it is told to, and has room for one session.
type device struct {
	mu   sync.Mutex
	out  *io.PipeWriter // of the open session, guarded by mu
	err  error          // of the next open, guarded by mu
	open int            // sessions now, guarded by mu
	// opened counts the sessions there were, closed those that are no more.
	opened, closed atomic.Int64
	// gate, if there is one, is sent to when a session is about to close, which it does when something is sent back.
	gate chan struct{}
}

type session struct {
	*io.PipeReader
	d *device
}

// Write goes nowhere.
func (session) Write(p []byte) (int, error) { return len(p), nil }

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

func (d *device) connect(context.Context) (io.ReadWriteCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	if d.open > 0 {
		return nil, errors.New("busy")
	}
	r, w := io.Pipe()
	d.out = w
	d.open++
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
