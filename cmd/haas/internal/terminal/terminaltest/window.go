// Package terminaltest is a terminal with nobody at it but a test: a pseudo-terminal, its keys, and what is seen on it.
package terminaltest

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

// Window is a terminal as the person at it sees it.
type Window struct {
	// TTY is the programs' end.
	TTY *os.File

	t      testing.TB
	keys   *os.File
	before unix.Termios

	mu sync.Mutex
	// seen is what no Until has passed yet; changed is closed when there is more. Both are guarded by mu.
	seen    string
	changed chan struct{}
}

// New opens a window of 24 lines with 80 columns.
func New(t testing.TB) *Window {
	t.Helper()
	opened, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	w := &Window{t: t, keys: closable(t, opened), TTY: tty, changed: make(chan struct{})}
	w.before = w.modes()
	w.Resize(24, 80)
	var work sync.WaitGroup
	work.Go(w.watch)
	t.Cleanup(func() {
		_ = tty.Close()    // it may be closed already
		_ = w.keys.Close() // so may this, which ends the watching
		work.Wait()
	})
	return w
}

// closable is a file in whose stead it stands, and that can be closed while it is read.
func closable(t testing.TB, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.Dup(int(f.Fd()))
	if err := errors.Join(err, f.Close(), unix.SetNonblock(fd, true)); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "window")
}

func (w *Window) watch() {
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

// Press types keys.
func (w *Window) Press(keys string) {
	w.t.Helper()
	if _, err := io.WriteString(w.keys, keys); err != nil {
		w.t.Fatal(err)
	}
}

// HangUp closes the window.
func (w *Window) HangUp() {
	w.t.Helper()
	if err := w.keys.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// Resize changes the window's size.
func (w *Window) Resize(rows, cols uint16) {
	w.t.Helper()
	if err := pty.Setsize(w.TTY, &pty.Winsize{Rows: rows, Cols: cols}); err != nil {
		w.t.Fatal(err)
	}
}

// Size is the window's size.
func (w *Window) Size() (rows, cols int) {
	w.t.Helper()
	rows, cols, err := pty.Getsize(w.TTY)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows, cols
}

// Until waits for a text to be seen after what the last Until saw, and returns what is before it.
func (w *Window) Until(text string) string {
	w.t.Helper()
	limit := time.After(patience)
	for {
		before, changed, found := w.cut(text)
		if found {
			return before
		}
		select {
		case <-changed:
		case <-limit:
			w.t.Fatalf("%q is not seen, but %q", text, before)
		}
	}
}

// cut is what is seen before a text; if that is not there yet, what is seen at all.
func (w *Window) cut(text string) (before string, changed <-chan struct{}, found bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, after, found := strings.Cut(w.seen, text)
	if found {
		w.seen = after
	}
	return before, w.changed, found
}

// IsRaw reports whether keys go to the program as they are, and its output comes so.
func (w *Window) IsRaw() bool {
	w.t.Helper()
	m := w.modes()
	return m.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG|unix.IEXTEN) == 0 && m.Iflag&(unix.ICRNL|unix.IXON) == 0 && m.Oflag&unix.OPOST == 0
}

// WantRestored wants the modes to be those that the window was opened with.
func (w *Window) WantRestored() {
	w.t.Helper()
	if now := w.modes(); now != w.before {
		w.t.Errorf("the terminal's modes are %+v, they were %+v", now, w.before)
	}
}

func (w *Window) modes() unix.Termios {
	w.t.Helper()
	modes, err := unix.IoctlGetTermios(int(w.TTY.Fd()), unix.TCGETS)
	if err != nil {
		w.t.Fatal(err)
	}
	return *modes
}
