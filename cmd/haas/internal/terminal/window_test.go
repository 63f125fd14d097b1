package terminal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/cmd/haas/internal/remote/remotetest"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

// window is a pseudo-terminal as the person at it sees it.
type window struct {
	t *testing.T
	// keys is the person's end, tty the program's.
	keys, tty *os.File
	before    unix.Termios

	mu      sync.Mutex
	seen    string
	changed chan struct{}
}

func newWindow(t *testing.T) *window {
	t.Helper()
	opened, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	w := &window{t: t, keys: closable(t, opened), tty: tty, changed: make(chan struct{})}
	w.before = w.modes()
	var work sync.WaitGroup
	work.Go(w.watch)
	t.Cleanup(func() {
		_ = tty.Close() // so that the reading ends
		work.Wait()
		_ = w.keys.Close()
	})
	return w
}

// closable is a file in whose stead it stands, and that can be closed while it is read.
func closable(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.Dup(int(f.Fd()))
	if err := errors.Join(err, f.Close(), unix.SetNonblock(fd, true)); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "window")
}

func (w *window) watch() {
	buffer := make([]byte, 4096)
	for {
		n, err := w.keys.Read(buffer)
		w.mu.Lock()
		w.seen += string(buffer[:n])
		close(w.changed)
		w.changed = make(chan struct{})
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// press types keys.
func (w *window) press(keys string) {
	w.t.Helper()
	if _, err := io.WriteString(w.keys, keys); err != nil {
		w.t.Fatal(err)
	}
}

// until waits for a text to be seen after what the last until saw, and returns what is before it.
func (w *window) until(text string) string {
	w.t.Helper()
	limit := time.After(patience)
	for {
		w.mu.Lock()
		before, after, found := strings.Cut(w.seen, text)
		seen, changed := w.seen, w.changed
		if found {
			w.seen = after
		}
		w.mu.Unlock()
		if found {
			return before
		}
		select {
		case <-changed:
		case <-limit:
			w.t.Fatalf("%q is not seen, but %q", text, seen)
		}
	}
}

// modes are the terminal's.
func (w *window) modes() unix.Termios {
	w.t.Helper()
	modes, err := unix.IoctlGetTermios(int(w.tty.Fd()), unix.TCGETS)
	if err != nil {
		w.t.Fatal(err)
	}
	return *modes
}

// isRaw reports whether keys go to the program as they are, and its output comes so.
func (w *window) isRaw() bool {
	m := w.modes()
	return m.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG|unix.IEXTEN) == 0 && m.Iflag&(unix.ICRNL|unix.IXON) == 0 && m.Oflag&unix.OPOST == 0
}

// visit is a session in a window.
type visit struct {
	*window
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
func visitIn(t *testing.T, w *window, o terminal.Options) *visit {
	t.Helper()
	c := remotetest.NewConsole(t)
	o.In = w.tty
	if o.Out == nil {
		o.Out = w.tty
	}
	if o.Err == nil {
		o.Err = w.tty
	}
	leave, done := run(t, c, o)
	v := &visit{window: w, console: c, server: c.Next(t), leave: leave, done: done}
	v.server.Welcome("s", 100)
	w.until("\r\n")
	return v
}

// ended waits for the session to end, and wants the terminal to be as it was.
func (v *visit) ended() error {
	v.t.Helper()
	select {
	case err := <-v.done:
		if v.modes() != v.before {
			v.t.Errorf("the terminal's modes are %+v, they were %+v", v.modes(), v.before)
		}
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
