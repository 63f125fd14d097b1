package console

import (
	"context"
	"crypto/rand"
	"io"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
)

// line is one machine's console on this server: at most one open session, the last output, its viewers, and who of them types.
type line struct {
	hub *Hub
	of  subject
	log hclog.Logger
	// opening has room for the one that may find out whether the session is open, and open it.
	opening chan struct{}

	mu sync.Mutex
	// The rest is guarded by mu. id names what is remembered: a new one begins when all is forgotten.
	id        string
	forgotten End // why the one before ended
	term      int64
	out       history
	// keyboard says who types; viewers are all who watch; kept is who keeps the line open for the log, nil if nobody does;
	// logErr is why there is no log although one is wanted.
	keyboard keyboard
	viewers  map[*Viewer]struct{}
	kept     *keeper
	logErr   error
	// session is the open one. claimed says that there is one, or one that is being opened or closed; dropped is closed
	// when the last one has let go of the device, which has room for one; giveUp ends the opening of one.
	session *session
	claimed bool
	dropped chan struct{}
	giveUp  context.CancelFunc
	// changed is closed and replaced when something changes that viewers want to know.
	changed chan struct{}
}

func newLine(h *Hub, of subject) *line {
	none := make(chan struct{})
	close(none)
	return &line{
		hub: h, of: of, log: h.Log.With("console", of), opening: make(chan struct{}, 1), id: rand.Text(),
		viewers: map[*Viewer]struct{}{}, dropped: none, giveUp: func() {}, changed: make(chan struct{}),
	}
}

// enterTerm makes the line that of the console's term: what was printed in an earlier one is forgotten.
func (l *line) enterTerm(c core.Console) error {
	left, err := l.turnTo(c)
	if left != nil {
		left.close(changedHands)
	}
	return err
}

// turnTo is enterTerm, but for the session of an earlier term, which is still to be closed. The earlier term is over at
// once: who comes for it finds nothing any more.
func (l *line) turnTo(c core.Console) (left *session, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.term > c.Term:
		return nil, errChangedHands
	case l.term < c.Term:
		left, _ = l.clear(changedHands)
		l.term = c.Term
	}
	if c.LogID != "" {
		l.openLog(c.LogID)
	}
	return left, nil
}

// in does something while the line is in the term and holds still. Who was let in for a term comes in time, or not at all.
func (l *line) in(term int64, do func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.term != term {
		return errChangedHands
	}
	do()
	return nil
}

// recall is what is remembered: the last lines, or all.
func (l *line) recall(term int64, tail int) (text []byte, err error) {
	err = l.in(term, func() {
		earlier, at := l.out.tail(tail)
		text = slices.Concat(earlier, l.out.buf[at-l.out.start:])
	})
	return text, err
}

// shared is the open session, which is opened once the one before has let go of the device.
func (l *line) shared(ctx context.Context, term int64, take bool) (*session, error) {
	select {
	case l.opening <- struct{}{}:
		defer func() { <-l.opening }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s, dropped, err := l.live(term)
	if s != nil || err != nil {
		return s, err
	}
	select {
	case <-dropped:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return l.open(ctx, term, take)
}

func (l *line) live(term int64) (s *session, dropped <-chan struct{}, err error) {
	err = l.in(term, func() { s, dropped = l.session, l.dropped })
	return s, dropped, err
}

// state is the open session, if there is one, and whether the line is claimed.
func (l *line) state() (s *session, claimed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session, l.claimed
}

// open claims the console and opens a session.
func (l *line) open(ctx context.Context, term int64, take bool) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	if err := l.in(term, func() { l.claimed, l.giveUp = true, cancel }); err != nil {
		return nil, err
	}
	device, lease, err := l.reach(ctx, term, take)
	if err != nil {
		l.let()
		return nil, err
	}
	s := newSession(l, device, lease)
	if err := l.install(ctx, s, term); err != nil {
		_ = device.Close() // the reason to close it is what counts
		l.let()
		return nil, err
	}
	s.run()
	return s, nil
}

// reach claims the console and opens the device. What it opened is to be used while the lease holds.
func (l *line) reach(ctx context.Context, term int64, take bool) (device io.ReadWriteCloser, lease int, err error) {
	open, lease, err := l.hub.claim(ctx, l, term)
	if err != nil {
		return nil, 0, err
	}
	device, err = openWithin(ctx, l.hub.life, func(ctx context.Context) (io.ReadWriteCloser, error) { return open(ctx, take) })
	return device, lease, err
}

// let gives the claim back after an opening that failed.
func (l *line) let() {
	l.hub.free(l)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claimed, l.giveUp = false, func() {}
}

// install makes the session the line's, unless the console has been closed while it was opened.
func (l *line) install(ctx context.Context, s *session, term int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.hub.isStopping():
		return errShutDown
	case l.term != term || ctx.Err() != nil || !s.isOurs():
		return errChangedHands
	}
	l.session, l.dropped, l.giveUp = s, s.gone, func() {}
	if l.kept != nil {
		l.remark("console opened")
	}
	return nil
}

// uninstall takes a session off that is about to end.
func (l *line) uninstall(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == s {
		l.session = nil
		if l.kept != nil && l.out.log != nil {
			l.remark("console lost: " + s.why.Reason)
		}
	}
	l.wake()
}

// idle takes the session off, to be closed, if nobody needs it. The caller holds mu.
func (l *line) idle() *session {
	if len(l.viewers) > 0 || l.kept != nil {
		return nil
	}
	s := l.session
	l.session = nil
	return s
}

// append takes in what a session's machine prints.
func (l *line) append(s *session, p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session != s || len(p) == 0 {
		return
	}
	l.write(p)
}

// recheck ends the viewers who may not watch any more.
func (l *line) recheck(ctx context.Context) {
	l.mu.Lock()
	viewers := slices.Collect(maps.Keys(l.viewers))
	l.mu.Unlock()
	for _, v := range viewers {
		if v.allowed != nil && refuses(ask(ctx, v.allowed)) {
			v.cancel()
			l.hub.start(v.leave)
		}
	}
}

// hang ends the session, and the opening of one, for a reason, unless the line is in a later term than the caller.
func (l *line) hang(term int64, why End) { l.end(term, why, l.quit) }

// forget is hang, and forgets what was printed and who watched.
func (l *line) forget(term int64, why End) {
	l.end(term, why, func() (*session, <-chan struct{}) { return l.clear(why) })
}

// end takes the session off by a function that holds mu meanwhile, and waits until the device is free.
func (l *line) end(term int64, why End, off func() (*session, <-chan struct{})) {
	l.mu.Lock()
	if l.term > term {
		l.mu.Unlock()
		return
	}
	s, dropped := off()
	l.mu.Unlock()
	if s != nil {
		s.close(why)
		return
	}
	<-dropped // somebody else may be closing it
}

// quit gives up the opening of a session, and gives the open one to be closed, if there is one; dropped is closed when the
// device is free. The caller holds mu.
func (l *line) quit() (s *session, dropped <-chan struct{}) {
	l.giveUp()
	return l.session, l.dropped
}

// clear is quit, and forgets what was printed and who watched. From now on the session is nobody's. The caller holds mu.
func (l *line) clear(why End) (s *session, dropped <-chan struct{}) {
	s, dropped = l.quit()
	l.session = nil
	l.id, l.forgotten = rand.Text(), why
	clear(l.viewers)
	l.keyboard.clear()
	l.unhold()
	l.out.clear()
	l.dropLog()
	l.wake()
	return s, dropped
}

// lapsed is the open session if it is not this server's any more. If the server is cut off no other is opened.
func (l *line) lapsed(cutOff bool) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cutOff {
		l.giveUp()
	}
	if l.session == nil || l.session.isOurs() {
		return nil
	}
	return l.session
}

// shut ends the session when the server stops; the log stays.
func (l *line) shut() {
	l.hang(math.MaxInt64, End{Reason: "the server is being stopped", Retry: true})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keyboard.stop()
	l.closeLog()
}

// wake tells waiting viewers to look again. The caller holds mu.
func (l *line) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}
