package console

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
)

// keep is how many bytes of output a console remembers: some hundred lines.
const keep = 64 << 10

// errClosed is what viewers of a console that was closed under them are told.
var errClosed error = core.Errorf(core.Blocked, "the console was closed meanwhile; try again")

// line is one node's console: at most one open session, the last output, and its viewers.
type line struct {
	log   hclog.Logger
	owner string
	// opening has room for the one viewer that may find out whether the session is open, and open it.
	opening chan struct{}

	mu sync.Mutex
	// The rest is guarded by mu. buf is the output from offset start on; changed is closed and replaced when any of it changes.
	buf     []byte
	start   int64
	viewers int
	session io.ReadWriteCloser
	closed  bool
	changed chan struct{}
	// dropped is closed when the last session has let go of the device, which has room for one.
	dropped chan struct{}
}

func newLine(log hclog.Logger, owner string) *line {
	none := make(chan struct{})
	close(none)
	return &line{log: log, owner: owner, opening: make(chan struct{}, 1), changed: make(chan struct{}), dropped: none}
}

// join adds a viewer, and opens the session if there is none.
func (l *line) join(ctx context.Context, h *Hub, open Opener) (*Viewer, error) {
	at, ok := l.enter()
	if !ok {
		return nil, errClosed
	}
	session, err := l.shared(ctx, h, open)
	if err != nil {
		l.leave()
		return nil, err
	}
	life, end := context.WithCancel(ctx)
	return &Viewer{line: l, life: life, cancel: end, session: session, at: at}, nil
}

// enter counts a viewer, who keeps the session from being closed, and says where the output begins.
func (l *line) enter() (at int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, false
	}
	l.viewers++
	return l.start, true
}

// shared is the session, which is opened once the one before has let go of the device.
func (l *line) shared(ctx context.Context, h *Hub, open Opener) (io.ReadWriteCloser, error) {
	select {
	case l.opening <- struct{}{}:
		defer func() { <-l.opening }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	session, dropped := l.live()
	if session != nil {
		return session, nil
	}
	select {
	case <-dropped:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return l.open(ctx, h, open)
}

func (l *line) open(ctx context.Context, h *Hub, open Opener) (io.ReadWriteCloser, error) {
	session, err := openWithin(ctx, h.life, open)
	if err != nil {
		return nil, err
	}
	if !l.install(session) {
		return nil, errors.Join(errClosed, session.Close())
	}
	if !h.start(func() { l.pump(session) }) {
		l.ended(session)
		return nil, errClosed
	}
	return session, nil
}

// openLimit bounds the opening of a console: slow controllers take half a minute to log in.
const openLimit = time.Minute

// openWithin opens a session that lives as long as life, unless ctx ends or the limit passes before it is open.
func openWithin(ctx, life context.Context, open Opener) (io.ReadWriteCloser, error) {
	limit, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	life, end := context.WithCancel(life)
	opened := context.AfterFunc(limit, end)
	session, err := open(life)
	inTime := opened()
	if err == nil && inTime {
		return &bound{session, end}, nil
	}
	if err == nil {
		err = session.Close()
	}
	end()
	return nil, errors.Join(limit.Err(), err)
}

// bound is a session together with the end of its context.
type bound struct {
	io.ReadWriteCloser
	end context.CancelFunc
}

// Close closes the session and ends its context.
func (b *bound) Close() error {
	defer b.end()
	return b.ReadWriteCloser.Close()
}

func (l *line) live() (session io.ReadWriteCloser, dropped <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session, l.dropped
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

// leave takes a viewer off; the last one closes the session.
func (l *line) leave() {
	l.drop(func() bool {
		l.viewers--
		return l.viewers == 0
	})
}

// close ends everything; the line is not used again.
func (l *line) close() {
	l.drop(func() bool {
		l.closed = true
		l.buf = nil
		l.wake()
		return true
	})
}

// ended notes that the session broke, unless it was closed on purpose.
func (l *line) ended(session io.ReadWriteCloser) {
	l.drop(func() bool {
		l.wake()
		return l.session == session
	})
}

// drop closes the session if sure, which is called with mu held, says so.
func (l *line) drop(sure func() bool) {
	l.mu.Lock()
	if !sure() || l.session == nil {
		l.mu.Unlock()
		return
	}
	session, dropped := l.session, make(chan struct{})
	l.session, l.dropped = nil, dropped
	l.mu.Unlock()
	defer close(dropped)
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

// wake tells waiting viewers to look again. The caller holds mu.
func (l *line) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}
