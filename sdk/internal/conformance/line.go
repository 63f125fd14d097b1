package conformance

import (
	"io"
	"strings"
	"sync"
	"time"
)

// Line is an open stream of bytes, such as a console, with a reader.
type Line struct {
	io.Writer
	close    func() error
	patience time.Duration
	ended    chan struct{}

	mu   sync.Mutex
	text []byte // guarded by mu
}

// Listen reads an open stream, and closes it when t ends. Patience is how long things may take.
func Listen(t T, rw io.ReadWriteCloser, patience time.Duration) *Line {
	t.Helper()
	l := &Line{Writer: rw, close: sync.OnceValue(rw.Close), patience: patience, ended: make(chan struct{})}
	go l.listen(rw)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// Close hangs up, once.
func (l *Line) Close() error { return l.close() }

func (l *Line) listen(r io.Reader) {
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

// Said is all that was read so far.
func (l *Line) Said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// Says reports whether it says some words before long, or has said them.
func (l *Line) Says(t T, words string) bool {
	return Eventually(t.Context(), l.patience, func() bool { return strings.Contains(l.Said(), words) })
}

// Echoes types words and reports whether they come back.
func (l *Line) Echoes(t T, words string) bool {
	if _, err := l.Write([]byte(words + "\r")); err != nil {
		return false
	}
	return l.Says(t, words)
}

// HasEnded reports that nothing can be read any more.
func (l *Line) HasEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// Ends reports whether it ends before long.
func (l *Line) Ends(t T) bool { return Eventually(t.Context(), l.patience, l.HasEnded) }
