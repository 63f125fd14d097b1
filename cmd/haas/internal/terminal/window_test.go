package terminal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/cmd/haas/internal/remote/remotetest"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal/terminaltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

// visit is a session in a window.
type visit struct {
	*terminaltest.Window
	t       *testing.T
	console *remotetest.Console
	server  *remotetest.Visit
	leave   context.CancelFunc
	done    chan error
}

// run starts a session with a console.
func run(t *testing.T, c *remotetest.Console, o terminal.Options) (leave context.CancelFunc, done chan error) {
	t.Helper()
	server, err := remote.Dial(remote.Settings{Endpoint: c.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.Background())
	o.Node, o.FirstPause = "n1", time.Millisecond
	done = make(chan error, 1)
	var work sync.WaitGroup
	work.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("%w: %v", errPanic, p)
			}
		}()
		done <- terminal.Run(ctx, server, o)
	})
	t.Cleanup(func() {
		leave()
		work.Wait()
		server.Close()
	})
	return leave, done
}

var errPanic = errors.New("panic")

// visitIn starts a session in a window, up to the greeting.
func visitIn(t *testing.T, w *terminaltest.Window, o terminal.Options) *visit {
	t.Helper()
	c := remotetest.NewConsole(t)
	o.In = w.TTY
	if o.Out == nil {
		o.Out = w.TTY
	}
	if o.Err == nil {
		o.Err = w.TTY
	}
	leave, done := run(t, c, o)
	v := &visit{Window: w, t: t, console: c, server: c.Next(t), leave: leave, done: done}
	v.server.Welcome("s", 100)
	w.Until("\r\n")
	return v
}

// ended waits for the session to end, and wants the terminal to be as it was.
func (v *visit) ended() error {
	v.t.Helper()
	select {
	case err := <-v.done:
		v.WantRestored()
		return err
	case <-time.After(patience):
		v.t.Fatal("the session does not end")
		return nil
	}
}

// left wants the session to have ended because the person wanted it to.
func (v *visit) left() {
	v.t.Helper()
	if err := v.ended(); err != nil {
		v.t.Errorf("the session ended with %v", err)
	}
}
