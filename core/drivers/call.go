package drivers

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/CCI-MOC/haas/sdk"
)

// handle leads to whatever driver serves a type now.
type handle struct {
	manager *Manager
	route   route
	// target is what the calls are about, if it is one device.
	target sdk.Target
}

// about is the handle for calls about one device.
func (h handle) about(target sdk.Target) handle {
	h.target = target
	return h
}

// find gives the driver, unless it is down for longer than a moment.
func (h handle) find() (*driver, error) {
	d, err := h.manager.lookup(h.route)
	if err != nil {
		return nil, err
	}
	return d, d.outage()
}

// acquire gives a process that is another one than not, with a call of it counted.
func (h handle) acquire(ctx context.Context, not *process) (*process, error) {
	d, err := h.find()
	if err != nil {
		return nil, err
	}
	return d.acquire(ctx, not)
}

// onProcess runs f on the process, and once more on the next one if that vanished meanwhile. Every call of a driver
// may be repeated.
func onProcess[R any](ctx context.Context, h handle, f func(*process) (R, error)) (R, error) {
	p, err := h.acquire(ctx, nil)
	if err != nil {
		var none R
		return none, err
	}
	r, err := attempt(h, p, f)
	if !errors.Is(err, &sdk.Error{Code: sdk.Gone}) || ctx.Err() != nil {
		return r, err
	}
	if p, err = h.acquire(ctx, p); err != nil {
		return r, err
	}
	return attempt(h, p, f)
}

// attempt runs f and ends the call that was counted for it.
func attempt[R any](h handle, p *process, f func(*process) (R, error)) (R, error) {
	defer p.calls.Done()
	r, err := f(p)
	if err == nil {
		p.served.Store(true)
	}
	return r, censor(p.info.Types, h.target, err)
}

// call asks the driver something.
func call[D, R any](ctx context.Context, h handle, f func(D) (R, error)) (R, error) {
	return onProcess(ctx, h, func(p *process) (R, error) { return f(p.driver.(D)) })
}

// session is a conversation that outlives the driver's process: on the next one it is opened again.
type session[D any, S io.Closer] struct {
	handle
	open func(context.Context, D) (S, error)

	mu    sync.Mutex // guards the fields below
	on    *process
	inner S
}

// newSession reaches for the device.
func newSession[D any, S io.Closer](ctx context.Context, h handle, open func(context.Context, D) (S, error)) (*session[D, S], error) {
	s := &session[D, S]{handle: h, open: open}
	_, err := onProcess(ctx, h, func(p *process) (S, error) { return s.at(ctx, p) })
	return s, err
}

// at gives the session on a process. Two that open it at once do no harm: on the wire there are no sessions.
func (s *session[D, S]) at(ctx context.Context, p *process) (S, error) {
	if inner, ok := s.known(p); ok {
		return inner, nil
	}
	inner, err := s.open(ctx, p.driver.(D))
	if err != nil {
		return inner, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on, s.inner = p, inner
	return inner, nil
}

func (s *session[D, S]) known(p *process) (S, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inner, s.on == p
}

// current is the session that was opened last.
func (s *session[D, S]) current() S {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inner
}

// Close ends the session.
func (s *session[D, S]) Close() error { return s.current().Close() }

// ask asks the device something.
func ask[D any, S io.Closer, R any](ctx context.Context, s *session[D, S], f func(S) (R, error)) (R, error) {
	return onProcess(ctx, s.handle, func(p *process) (R, error) {
		inner, err := s.at(ctx, p)
		if err != nil {
			var none R
			return none, err
		}
		return f(inner)
	})
}

// tell tells the device to do something.
func tell[D any, S io.Closer](ctx context.Context, s *session[D, S], f func(S) error) error {
	_, err := ask(ctx, s, func(inner S) (struct{}, error) { return struct{}{}, f(inner) })
	return err
}
