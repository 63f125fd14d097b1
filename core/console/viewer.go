package console

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Want is how a viewer wants to begin.
type Want struct {
	// Name is what the other viewers call this one.
	Name string
	// Tail is how many of the last lines come first; All is all that is remembered in memory.
	Tail int
	// Resume is the position of an earlier viewer to go on from, instead of a tail; empty if there was none.
	Resume string
	// Take takes the line from whoever holds it outside HaaS.
	Take bool
	// Allowed is asked again and again whether the viewer may go on watching: Unauthorized and NotFound say that it may not,
	// other errors that it cannot be told now.
	Allowed func(context.Context) error
}

// Event is what happened on a console: exactly one of its members is set.
type Event struct {
	// Output is what was printed.
	Output []byte
	// Lost says that output is missing here, *Lost bytes of it, 0 if nobody knows how many.
	Lost *int64
	// Keyboard says who may type from now on.
	Keyboard *Keyboard
}

// Viewer watches one machine's console: first what it printed last, then what it prints. Next and Read are for one goroutine,
// the other methods for any.
type Viewer struct {
	line    *line
	session *session
	name    string
	id      string          // of what the line remembers
	life    context.Context //nolint:containedctx // the viewer's own lifetime.
	cancel  context.CancelFunc
	left    sync.Once
	allowed func(context.Context) error

	// The rest is Next's. at is the position of the next byte; earlier comes before it. noted is what is still to be told
	// as lost, and seen the version of the keyboard that was told.
	at      int64
	earlier []byte
	noted   *int64
	seen    int
	rest    []byte
	end     End
}

var _ io.ReadCloser = (*Viewer)(nil)

// join adds a viewer, and opens the session if there is none.
func (l *line) join(ctx context.Context, term int64, w Want) (*Viewer, error) {
	v, err := l.enter(ctx, term, w)
	if err != nil {
		return nil, err
	}
	session, err := l.shared(ctx, term, w.Take)
	if err != nil {
		v.leave()
		return nil, err
	}
	v.session = session
	context.AfterFunc(ctx, v.leave)
	return v, nil
}

// enter adds a viewer, who keeps the session from being closed.
func (l *line) enter(ctx context.Context, term int64, w Want) (*Viewer, error) {
	life, cancel := context.WithCancel(ctx)
	v := &Viewer{line: l, life: life, cancel: cancel, allowed: w.Allowed}
	err := l.in(term, func() {
		v.id, v.seen, v.name = l.id, l.keyboard.version-1, l.unique(w.Name)
		v.begin(w)
		l.viewers[v] = struct{}{}
	})
	if err != nil {
		cancel()
		return nil, err
	}
	return v, nil
}

// begin finds the position at which the viewer begins. The caller holds the line's mu.
func (v *Viewer) begin(w Want) {
	if at, ok := v.position(w.Resume); ok {
		v.earlier, v.at = v.line.out.from(at)
		return
	}
	v.earlier, v.at = v.line.out.tail(w.Tail)
	if w.Resume != "" {
		v.noted = new(int64(0))
	}
}

// position is that of an earlier viewer, if what it saw is still remembered or is known to be lost.
func (v *Viewer) position(resume string) (at int64, ok bool) {
	id, number, _ := strings.Cut(resume, ".")
	at, err := strconv.ParseInt(number, 10, 64)
	return at, err == nil && id == v.id && at >= 0 && at <= v.line.out.end()
}

// unique makes a name that no other viewer has. The caller holds mu.
func (l *line) unique(name string) string {
	if name == "" {
		name = "viewer"
	}
	for n, try := 2, name; ; n++ {
		if !l.has(try) {
			return try
		}
		try = fmt.Sprintf("%s (%d)", name, n)
	}
}

func (l *line) has(name string) bool {
	for v := range l.viewers {
		if v.name == name {
			return true
		}
	}
	return false
}

// Name is what the other viewers see.
func (v *Viewer) Name() string { return v.name }

// Session names what the line remembers, and At is the position in it of what Next gives next: a viewer that is to go on
// there later resumes SESSION.AT.
func (v *Viewer) Session() string { return v.id }

// At is described at Session.
func (v *Viewer) At() int64 { return v.at - int64(len(v.earlier)) }

// Next waits for what happens next. The error is io.EOF when the viewer has ended, for the reason that End gives.
func (v *Viewer) Next() (Event, error) {
	for {
		e, done, changed := v.take()
		if done {
			return Event{}, io.EOF
		}
		if changed == nil {
			return e, nil
		}
		select {
		case <-v.life.Done():
		case <-changed:
		}
	}
}

// End is why the viewer ended, once Next or Read has said so.
func (v *Viewer) End() End { return v.end }

// take gives what there is; if there is nothing, changed says when to look again.
func (v *Viewer) take() (e Event, done bool, changed <-chan struct{}) {
	l := v.line
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case v.id != l.id:
		v.end = l.forgotten
		return e, true, nil
	case v.life.Err() != nil:
		v.end = End{Reason: "you may not watch this console any more"}
		return e, true, nil
	case v.seen != l.keyboard.version:
		v.seen = l.keyboard.version
		e.Keyboard = new(l.keyboard.seenBy(v))
		return e, false, nil
	}
	if v.takeOutput(&e) {
		return e, false, nil
	}
	if v.session.isOver() {
		v.end = v.session.why
		return e, true, nil
	}
	return e, false, l.changed
}

// most is how much output one event has at the most.
const most = 32 << 10

// takeOutput puts output, or what of it is lost, into the event; false if there is none. The caller holds the line's mu.
func (v *Viewer) takeOutput(e *Event) bool {
	out := &v.line.out
	if lost := out.start - v.at; lost > 0 {
		v.noted, v.at = new(lost), out.start
	}
	switch {
	case v.noted != nil:
		e.Lost, v.noted = v.noted, nil
	case len(v.earlier) > 0:
		n := min(len(v.earlier), most)
		e.Output, v.earlier = v.earlier[:n], v.earlier[n:]
	case v.at < out.end():
		from := out.buf[v.at-out.start:]
		e.Output = append([]byte(nil), from[:min(len(from), most)]...)
		v.at += int64(len(e.Output))
	default:
		return false
	}
	return true
}

// Read is Next for those who only read: lost output is a notice in the text.
func (v *Viewer) Read(p []byte) (int, error) {
	for len(v.rest) == 0 {
		e, err := v.Next()
		if err != nil {
			return 0, err
		}
		v.rest = e.Output
		if e.Lost != nil {
			v.rest = fmt.Appendf(nil, "\r\n[%d bytes lost: this viewer is too slow]\r\n", *e.Lost)
		}
	}
	n := copy(p, v.rest)
	v.rest = v.rest[n:]
	return n, nil
}

// Type types on the console, and waits while its line is slow. If nobody has the keyboard the viewer takes it; if somebody
// else has, the error says who.
func (v *Viewer) Type(ctx context.Context, keys []byte) error {
	if err := v.mayType(); err != nil {
		return err
	}
	return v.session.write(ctx, keys)
}

func (v *Viewer) mayType() (err error) {
	l := v.line
	l.mu.Lock()
	defer l.mu.Unlock()
	if v.id != l.id || v.life.Err() != nil || !v.session.isOurs() {
		return errChangedHands
	}
	l.changeKeyboard(func(k *keyboard) {
		if !k.take(v) {
			err = k.refused()
			return
		}
		k.typed = time.Now()
	})
	return err
}

// Close ends the viewer; the last one closes the serial line, unless its log is kept.
func (v *Viewer) Close() error {
	v.leave()
	return nil
}

func (v *Viewer) leave() {
	v.left.Do(func() {
		v.cancel()
		if s := v.line.leave(v); s != nil {
			s.close(End{})
		}
	})
}

// leave takes a viewer off, and gives the session if nobody needs it any more.
func (l *line) leave(v *Viewer) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.viewers, v)
	l.changeKeyboard(func(k *keyboard) {
		k.unask(v)
		if k.writer == v {
			k.pass()
		}
	})
	return l.idle()
}
