package obm_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"reflect"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// dial opens the console of a driver whose device holds the other end of a line.
func dial(ctx context.Context, t *testing.T) (console io.ReadWriteCloser, device net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _ = far.Close() })
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return near, nil }})
	console, err := s.(obm.Consoler).Console(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = console.Close() })
	return console, far
}

// TestAConsoleCarriesBytes sends more than a message holds, both ways at once, with every byte there is.
func TestAConsoleCarriesBytes(t *testing.T) {
	t.Parallel()
	console, device := dial(t.Context(), t)
	sent := bytes.Repeat([]byte("\x00\xff\r\n~.boot log"), 10_000)
	done := make(chan error, 2)
	go func() {
		_, err := console.Write(sent)
		done <- err
	}()
	go func() {
		_, err := io.CopyN(device, device, int64(len(sent)))
		done <- err
	}()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(console, got); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back wrong, error %v", len(got), err)
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestAConsoleEndsWhenTheDeviceHangsUp(t *testing.T) {
	t.Parallel()
	console, device := dial(t.Context(), t)
	go func() {
		_, _ = device.Write([]byte("bye"))
		_ = device.Close()
	}()
	if said, err := io.ReadAll(console); string(said) != "bye" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
	if _, err := console.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write to a line that was hung up: %v", err)
	}
}

func TestCloseEndsReadAndHangsUp(t *testing.T) {
	t.Parallel()
	console, device := dial(t.Context(), t)
	read := make(chan error, 1)
	go func() {
		_, err := io.ReadAll(console)
		read <- err
	}()
	for range 2 {
		if err := console.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-read; err != nil {
		t.Errorf("read: %v", err)
	}
	if _, err := device.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the device still has the line: %v", err)
	}
}

// TestCloseIsDoneWhenTheLineIsFree wants the next caller not to find the line busy.
func TestCloseIsDoneWhenTheLineIsFree(t *testing.T) {
	t.Parallel()
	var held atomic.Bool
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) {
		if held.Swap(true) {
			return nil, &sdk.Error{Code: sdk.Busy, Text: "payload already active"}
		}
		near, _ := net.Pipe()
		return freeing{near, func() { held.Store(false) }}, nil
	}})
	for range 20 {
		c, err := s.(obm.Consoler).Console(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.(obm.Consoler).Console(t.Context()); !errors.Is(err, &sdk.Error{Code: sdk.Busy}) {
			t.Fatalf("second console: %v", err)
		}
		_ = c.Close()
	}
}

type freeing struct {
	net.Conn
	free func()
}

func (f freeing) Close() error {
	defer f.free()
	return f.Conn.Close()
}

func TestAConsoleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	console, device := dial(ctx, t)
	cancel()
	if _, err := console.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	if _, err := device.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the device still has the line: %v", err)
	}
}

func TestAConsoleDoesNotHoldTheSession(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return near, nil }})
	c, err := s.(obm.Consoler).Console(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if power, err := s.PowerStatus(t.Context()); power != obm.PowerOn || err != nil {
		t.Errorf("power beside a console: %v, %v", power, err)
	}
}

func TestWhyAConsoleDoesNotOpen(t *testing.T) {
	t.Parallel()
	want := &sdk.Error{Code: sdk.Busy, Text: "payload already active", Retryable: true}
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return nil, want }})
	if _, err := s.(obm.Consoler).Console(t.Context()); !reflect.DeepEqual(err, error(want)) {
		t.Errorf("%#v", err)
	}
}

func TestWhyAConsoleBreaks(t *testing.T) {
	t.Parallel()
	want := &sdk.Error{Code: sdk.Unavailable, Text: "the controller is silent", Retryable: true}
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return broken{err: want}, nil }})
	c, err := s.(obm.Consoler).Console(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Read(make([]byte, 1)); !reflect.DeepEqual(err, error(want)) {
		t.Errorf("%#v", err)
	}
}

// broken is a line that fails, or panics if err is nil.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		panic("read")
	}
	return 0, b.err
}

func (b broken) Write([]byte) (int, error) { panic("write") }
func (b broken) Close() error              { panic("close") }

// TestAConsolesPanicsAreContained would end the whole test program if they were not.
func TestAConsolesPanicsAreContained(t *testing.T) {
	t.Parallel()
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return broken{}, nil }})
	c, err := s.(obm.Consoler).Console(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write([]byte("x")) // it may find the stream ended
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, &sdk.Error{Code: sdk.Internal}) && !errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
	_ = c.Close()
	if err := s.PowerOn(t.Context()); err != nil {
		t.Errorf("after panics: %v", err)
	}
}

// stuck is a line that says nothing, and whose Write does what write says.
type stuck struct {
	closed chan struct{}
	write  func() (int, error)
}

func (s stuck) Read([]byte) (int, error)  { <-s.closed; return 0, io.EOF }
func (s stuck) Write([]byte) (int, error) { return s.write() }
func (s stuck) Close() error              { close(s.closed); return nil }

func TestAPanicOfWriteHangsUp(t *testing.T) {
	t.Parallel()
	line := stuck{closed: make(chan struct{}), write: func() (int, error) { panic("write") }}
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return line, nil }})
	c, err := s.(obm.Consoler).Console(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Error(err)
	}
}

func TestAConsoleThatTakesNothingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	line := stuck{closed: make(chan struct{})}
	writing := make(chan struct{})
	line.write = func() (int, error) { close(writing); <-line.closed; return 0, io.EOF }
	s := open(t, &fake{console: func(context.Context) (io.ReadWriteCloser, error) { return line, nil }})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := s.(obm.Consoler).Console(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	<-writing
	cancel()
	<-line.closed
}
