package obmtest

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/conformance"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// line is an open console with a reader.
type line struct {
	io.Writer
	close    func() error
	patience time.Duration
	ended    chan struct{}

	mu   sync.Mutex
	text []byte // guarded by mu
}

// dial opens the console of s, when it is not busy. Without a console the check is skipped.
func (r *rig) dial(ctx context.Context, t conformance.T, s obm.Session) *line {
	t.Helper()
	c, ok := s.(obm.Consoler)
	if !ok {
		t.Skipf("the controller has no console")
	}
	var rw io.ReadWriteCloser
	var err error
	conformance.Eventually(ctx, r.Patience, func() bool {
		rw, err = c.Console(ctx)
		return err == nil || sdk.CodeOf(err) != sdk.Busy
	})
	if err != nil {
		t.Fatalf("Console: %v", err)
	}
	return r.listen(t, rw)
}

// listen reads an open console, and closes it when t ends.
func (r *rig) listen(t conformance.T, rw io.ReadWriteCloser) *line {
	t.Helper()
	l := &line{Writer: rw, close: sync.OnceValue(rw.Close), patience: r.Patience, ended: make(chan struct{})}
	go l.listen(rw)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// Close hangs up, once.
func (l *line) Close() error { return l.close() }

func (l *line) listen(r io.Reader) {
	defer close(l.ended)
	b := make([]byte, 4096)
	for {
		n, err := r.Read(b)
		l.mu.Lock()
		l.text = append(l.text, b[:n]...)
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// said is all that was read so far.
func (l *line) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

func (l *line) hasEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

func (l *line) ends(t conformance.T) bool {
	return conformance.Eventually(t.Context(), l.patience, l.hasEnded)
}
