// A program cannot be imported, so its tests are inside.

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// hold opens the console.
func hold(ctx context.Context, t testing.TB, s *session) io.ReadWriteCloser {
	t.Helper()
	c, err := s.Console(ctx)
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestEveryByteCrosses sends what a packet cannot hold, with every byte there is, while the power is asked for.
func TestEveryByteCrosses(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, nil))
	console := hold(t.Context(), t, s)
	sent := make([]byte, 1024)
	for i := range sent {
		sent[i] = byte(i)
	}
	var all sync.WaitGroup
	defer all.Wait()
	asking, stop := context.WithCancel(t.Context())
	defer stop()
	all.Go(func() {
		for asking.Err() == nil {
			if _, err := s.PowerStatus(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Go(func() {
		if _, err := console.Write(sent); err != nil {
			t.Error(err)
		}
	})
	got := make([]byte, len(sent))
	if n, err := io.ReadFull(console, got); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back, error %v", n, err)
	}
	if n := c.Sessions(); n != 2 {
		t.Errorf("a console and a power status take %d sessions", n)
	}
}

// TestABootLogArrives has the machine print more than any buffer holds, while the power is asked for.
func TestABootLogArrives(t *testing.T) {
	t.Parallel()
	m := &bmctest.Echo{}
	s := open(t, targetOf(t, simulate(t, bmctest.Options{Machine: m}), nil))
	console := hold(t.Context(), t, s)
	var log strings.Builder
	for i := range 4500 {
		fmt.Fprintf(&log, "[%5d] a line of the boot log\r\n", i)
	}
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		if err := m.Print(log.String()); err != nil {
			t.Error(err)
		}
	})
	all.Go(func() {
		for range 20 {
			if _, err := s.PowerStatus(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	got := make([]byte, log.Len())
	if _, err := io.ReadFull(console, got); err != nil || string(got) != log.String() {
		t.Errorf("%d bytes of %d came right, error %v", len(got), log.Len(), err)
	}
}

func TestAConsoleIsNeverStolen(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	holder := hold(t.Context(), t, open(t, targetOf(t, c, nil)))
	_, err := open(t, targetOf(t, c, nil)).Console(t.Context())
	wantCode(t, err, sdk.Busy, "somebody else holds it")
	_, err = holder.Write([]byte("still here"))
	must(t, err)
	guest.ReadUntil(t, holder, "still here")
	must(t, holder.Close())
}

// TestAConsoleIsTakenOnRequest takes it from another session, as of another server, and from its own.
func TestAConsoleIsTakenOnRequest(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, map[string]any{"timeout": "1s"}))
	elsewhere := hold(t.Context(), t, open(t, targetOf(t, c, map[string]any{"timeout": "1s"})))
	mine, err := s.TakeConsole(t.Context())
	must(t, err)
	_, err = io.ReadAll(elsewhere)
	wantCode(t, err, sdk.Unavailable)
	must(t, elsewhere.Close()) // which must not free the line of the one who took it
	_, err = mine.Write([]byte("mine"))
	must(t, err)
	guest.ReadUntil(t, mine, "mine")
	again, err := s.TakeConsole(t.Context())
	must(t, err)
	_, err = io.ReadAll(mine)
	wantCode(t, err, sdk.Busy, "taken")
	_, err = again.Write([]byte("again"))
	must(t, err)
	guest.ReadUntil(t, again, "again")
	must(t, again.Close())
	must(t, hold(t.Context(), t, s).Close())
}

func TestAConsoleEndsWhenTheControllerForgetsIt(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, map[string]any{"timeout": "1s"}))
	console := hold(t.Context(), t, s)
	must(t, c.Restart())
	_, err := io.ReadAll(console)
	wantCode(t, err, sdk.Unavailable)
	if _, err := console.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write: %v", err)
	}
	again := hold(t.Context(), t, s)
	_, err = again.Write([]byte("back"))
	must(t, err)
	guest.ReadUntil(t, again, "back")
}

// TestAPowerCallThatIsGivenUpLeavesTheConsole cancels calls in the middle of the controller's silence.
func TestAPowerCallThatIsGivenUpLeavesTheConsole(t *testing.T) {
	t.Parallel()
	s := open(t, targetOf(t, simulate(t, bmctest.Options{}), nil))
	console := hold(t.Context(), t, s)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(cancel)
		_, _ = s.PowerStatus(ctx)
		all.Wait()
	}
	_, err := console.Write([]byte("still here"))
	must(t, err)
	guest.ReadUntil(t, console, "still here")
}

// TestManyConsolesLeaveNothingBehind opens and drops them; the rest is goleak's.
func TestManyConsolesLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	c := simulate(t, bmctest.Options{})
	s := open(t, targetOf(t, c, nil))
	for i := range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		console, err := s.Console(ctx)
		if err != nil {
			t.Fatalf("console %d: %v", i, err)
		}
		if i%2 == 0 {
			cancel()
		}
		must(t, console.Close())
		cancel()
	}
	if n := c.Sessions(); n != 1 {
		t.Errorf("%d sessions are left", n)
	}
	if power, err := s.PowerStatus(t.Context()); power != obm.PowerOff || err != nil {
		t.Errorf("%v, %v", power, err)
	}
}
