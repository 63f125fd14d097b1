package console

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
)

// keep is how many bytes of output a console remembers: some hundred lines.
const keep = 64 << 10

// errClosed is what viewers of a console that was closed under them are told.
var errClosed error = core.Errorf(core.Blocked, "the console was closed meanwhile; try again")

// line is one node's console: at most one open session, the last output, and its viewers.
type line struct {
	log hclog.Logger
	// opening lets one viewer at a time find out whether the session is open; it is held while the device is called.
	opening sync.Mutex

	mu sync.Mutex
	// The rest is guarded by mu. buf is the output from offset start on; changed is closed and replaced when any of it changes.
	buf     []byte
	start   int64
	viewers int
	session io.ReadWriteCloser
	closed  bool
	changed chan struct{}
}

func newLine(log hclog.Logger) *line {
	return &line{log: log, changed: make(chan struct{})}
}

// join adds a viewer, and opens the session if there is none.
func (l *line) join(ctx context.Context, h *Hub, open Opener) (*Viewer, error) {
	l.opening.Lock()
	defer l.opening.Unlock()
	if l.live() == nil {
		session, err := open(h.life) //nolint:contextcheck // the session outlives the request of its first viewer.
		if err != nil {
			return nil, err
		}
		if !l.install(session) {
			return nil, errors.Join(errClosed, session.Close())
		}
		h.work.Go(func() { l.pump(session) })
	}
	return l.attach(ctx)
}

func (l *line) live() io.ReadWriteCloser {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

func (l *line) install(session io.ReadWriteCloser) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.session = session
	return true
}

func (l *line) attach(ctx context.Context) (*Viewer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	l.viewers++
	life, end := context.WithCancel(ctx)
	return &Viewer{line: l, life: life, cancel: end, session: l.session, at: l.start}, nil
}

// leave takes a viewer off; the last one closes the session.
func (l *line) leave() {
	l.mu.Lock()
	l.viewers--
	session := l.session
	if l.viewers > 0 || session == nil {
		l.mu.Unlock()
		return
	}
	l.session = nil
	l.mu.Unlock()
	l.drop(session)
}

// close ends everything; the line is not used again.
func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	l.buf = nil
	session := l.session
	l.session = nil
	l.wake()
	l.mu.Unlock()
	if session != nil {
		l.drop(session)
	}
}

func (l *line) drop(session io.Closer) {
	if err := session.Close(); err != nil {
		l.log.Debug("close console", "err", err)
	}
}

// pump carries the session's output into the buffer until the session ends.
func (l *line) pump(session io.ReadWriteCloser) {
	chunk := make([]byte, 4096)
	for {
		n, err := session.Read(chunk)
		l.append(chunk[:n])
		if err != nil {
			l.ended(session)
			return
		}
	}
}

func (l *line) append(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(p) == 0 {
		return
	}
	l.buf = append(l.buf, p...)
	if over := len(l.buf) - keep; over > 0 {
		l.buf = append([]byte(nil), l.buf[over:]...)
		l.start += int64(over)
	}
	l.wake()
}

// ended notes that the session broke, unless it was closed on purpose.
func (l *line) ended(session io.ReadWriteCloser) {
	l.mu.Lock()
	broken := l.session == session
	if broken {
		l.session = nil
	}
	l.wake()
	l.mu.Unlock()
	if broken {
		l.drop(session)
	}
}

// wake tells waiting viewers to look again. The caller holds mu.
func (l *line) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}
