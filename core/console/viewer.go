package console

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// Viewer reads one node's console: first what it printed last, then what it prints. Read may be called from one
// goroutine, Close from any.
type Viewer struct {
	line    *line
	session io.ReadWriteCloser
	life    context.Context //nolint:containedctx // the viewer's own lifetime.
	cancel  context.CancelFunc
	left    sync.Once
	// at is the offset of the next byte to read; notice is a message to be read before it.
	at     int64
	notice []byte
}

var _ io.ReadCloser = (*Viewer)(nil)

// Read waits for output. It ends with io.EOF when the console is closed or broken, or the viewer is.
func (v *Viewer) Read(p []byte) (int, error) {
	for {
		n, done, changed := v.take(p)
		if n > 0 {
			return n, nil
		}
		if done {
			return 0, io.EOF
		}
		select {
		case <-v.life.Done():
			return 0, io.EOF
		case <-changed:
		}
	}
}

// take copies what there is. A viewer that fell behind what the console remembers is told how much it lost.
func (v *Viewer) take(p []byte) (n int, done bool, changed <-chan struct{}) {
	l := v.line
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || v.life.Err() != nil {
		return 0, true, nil
	}
	if lost := l.start - v.at; lost > 0 {
		v.notice = fmt.Appendf(nil, "\r\n[%d bytes lost: this viewer is too slow]\r\n", lost)
		v.at = l.start
	}
	if len(v.notice) > 0 {
		n = copy(p, v.notice)
		v.notice = v.notice[n:]
		return n, false, nil
	}
	n = copy(p, l.buf[v.at-l.start:])
	v.at += int64(n)
	return n, l.session != v.session, l.changed
}

// Close ends the viewer; the last one of a node closes its serial line.
func (v *Viewer) Close() error {
	v.end()
	return nil
}

func (v *Viewer) end() {
	v.left.Do(func() {
		v.cancel()
		v.line.leave()
	})
}

// watch ends the viewer when its request or the hub ends, or it is no longer allowed.
func (v *Viewer) watch(hub <-chan struct{}, allowed func(context.Context) error) {
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	defer v.end()
	for {
		select {
		case <-v.life.Done():
			return
		case <-hub:
			return
		case <-tick.C:
			if allowed(v.life) != nil {
				return
			}
		}
	}
}
