package session

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// lane is the way to one target. Its fields but turn are guarded by Pool.mu.
type lane[S io.Closer] struct {
	key     key
	turn    chan struct{} // full while somebody has the turn to open, to call alone, or to close
	warm    *warm[S]      // the session that takes new calls, nil if there is none
	callers int           // those waiting or at work; a lane with neither callers nor session is forgotten
}

// warm is an open session. Its fields but session are guarded by Pool.mu.
type warm[S io.Closer] struct {
	session S
	users   int // calls under way
	dropped bool
	idle    *time.Timer
}

func (l *lane[S]) take(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lane[S]) give() { <-l.turn }

// drop makes sure that w takes no new calls.
func (l *lane[S]) drop(w *warm[S]) {
	w.dropped = true
	if l.warm == w {
		l.warm = nil
	}
}

func (p *Pool[S]) enter(target sdk.Target) (*lane[S], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errShutdown()
	}
	k := keyOf(target)
	l, ok := p.lanes[k]
	if !ok {
		l = &lane[S]{key: k, turn: make(chan struct{}, 1)}
		p.lanes[k] = l
	}
	l.callers++
	return l, nil
}

func (p *Pool[S]) leave(l *lane[S]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.callers--
	if l.callers == 0 && l.warm == nil {
		delete(p.lanes, l.key)
	}
}

func (p *Pool[S]) warmUpInTurn(ctx context.Context, l *lane[S], target sdk.Target) (*warm[S], error) {
	if err := l.take(ctx); err != nil {
		return nil, err
	}
	defer l.give()
	return p.warmUp(ctx, l, target)
}

// warmUp gives the lane's session one more user, and opens it if need be. The caller has the turn.
func (p *Pool[S]) warmUp(ctx context.Context, l *lane[S], target sdk.Target) (*warm[S], error) {
	if w := p.reuse(l); w != nil {
		return w, nil
	}
	if err := p.circuit.refusal(l.key); err != nil {
		return nil, err
	}
	s, err := p.config.Open(ctx, target)
	if err != nil {
		return nil, p.circuit.watch(l.key, err)
	}
	w := &warm[S]{session: s, users: 1}
	if !p.adopt(l, w) {
		return nil, errors.Join(errShutdown(), s.Close())
	}
	return w, nil
}

// reuse is the warm session with one more user, nil if there is none. One that the device has ended is closed, by its last
// user if it has some.
func (p *Pool[S]) reuse(l *lane[S]) *warm[S] {
	p.mu.Lock()
	w := l.warm
	ended := w != nil && hasEnded(w.session)
	if ended {
		l.drop(w)
	} else if w != nil {
		w.users++
	}
	unused := ended && w.users == 0
	p.mu.Unlock()
	if unused {
		p.shut(w)
	}
	if ended {
		return nil
	}
	return w
}

// hasEnded reports whether a session that can tell says that the device has ended it.
func hasEnded(s any) bool {
	a, ok := s.(interface{ Alive() bool })
	return ok && !a.Alive()
}

// adopt makes w the lane's session, unless the pool was closed meanwhile.
func (p *Pool[S]) adopt(l *lane[S], w *warm[S]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	w.idle = time.AfterFunc(p.config.Idle, func() { p.expire(l, w) })
	l.warm = w
	p.open.Add(1)
	return true
}

func (p *Pool[S]) use(ctx context.Context, l *lane[S], w *warm[S], call func(S) error) error {
	failed := true // a call that panics has failed
	defer func() { p.release(l, w, failed) }()
	err := call(w.session)
	failed = leavesDoubt(ctx, err)
	return err
}

// leavesDoubt reports whether err leaves the session in a state that nobody knows.
func leavesDoubt(ctx context.Context, err error) bool {
	if err == nil {
		return false
	}
	switch sdk.CodeOf(err) {
	case sdk.Internal, sdk.Unavailable, sdk.Timeout:
		return true
	default:
		return ctx.Err() != nil
	}
}

func (p *Pool[S]) release(l *lane[S], w *warm[S], failed bool) {
	p.mu.Lock()
	w.users--
	if failed {
		l.drop(w)
	}
	last := w.users == 0
	if last && !w.dropped {
		w.idle.Reset(p.config.Idle)
	}
	shut := last && w.dropped
	p.mu.Unlock()
	if shut {
		p.shut(w)
	}
}

// expire closes an idle session. One with callers is not idle: its clock starts anew after the last of them.
func (p *Pool[S]) expire(l *lane[S], w *warm[S]) {
	select {
	case l.turn <- struct{}{}:
		defer l.give()
	default:
		return
	}
	p.mu.Lock()
	idle := l.warm == w && w.users == 0
	if idle {
		l.drop(w)
		l.callers++ // the lane is not forgotten before the old session is closed, so none is opened beside it
		defer p.leave(l)
	}
	p.mu.Unlock()
	if idle {
		p.shut(w)
	}
}

// shut closes a session that nobody uses. A panic is contained, because it may run where no call would catch it.
func (p *Pool[S]) shut(w *warm[S]) {
	defer p.open.Done()
	defer wire.Contain(p.config.Log, "close session")
	w.idle.Stop()
	if err := w.session.Close(); err != nil {
		p.config.Log.Debug("closing a session failed", "err", err)
	}
}

func errShutdown() error {
	return &sdk.Error{Code: sdk.Unavailable, Text: "the driver is shutting down", Retryable: true}
}
