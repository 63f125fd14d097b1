package main

import (
	"context"
	"sync"
	"time"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const (
	// logIns is how often a log-in is tried that came between another one, or met a late answer to it.
	logIns = 5
	// respite is the pause before the next try.
	respite = 20 * time.Millisecond
)

// session is the conversation with one controller.
type session struct {
	settings settings
	poll     time.Duration
	log      hclog.Logger
	gate     chan struct{} // full while somebody logs in to the controller's address

	turn chan struct{} // full while somebody asks the controller something; go-ipmi is not for two at once
	link *link         // guarded by turn

	mu      sync.Mutex
	console *console // guarded by mu; the open one, nil if there is none
}

var (
	_ obm.Session      = (*session)(nil)
	_ obm.ConsoleTaker = (*session)(nil)
	_ obm.Consoler     = (*session)(nil)
	_ obm.NextBooter   = (*session)(nil)
	_ obm.SensorReader = (*session)(nil)
	_ obm.Inventorier  = (*session)(nil)
	_ obm.Identifier   = (*session)(nil)
)

func newSession(s settings, poll time.Duration, log hclog.Logger, gate chan struct{}) *session {
	return &session{settings: s, poll: poll, log: log, gate: gate, turn: make(chan struct{}, 1)}
}

// ask asks the controller something that may be asked twice: where it has forgotten the session, as one that was
// restarted has, f runs once more on a new one.
func (s *session) ask(ctx context.Context, what string, f func(context.Context, *client.Client) error) error {
	return s.inTurn(ctx, what, func() error {
		err := s.link.do(ctx, f)
		if !isSilence(err) || ctx.Err() != nil {
			return err
		}
		if renewed := s.renew(ctx); renewed != nil {
			return renewed
		}
		return s.link.do(ctx, f)
	})
}

// order tells the controller something that it must not hear twice.
func (s *session) order(ctx context.Context, what string, f func(context.Context, *client.Client) error) error {
	return s.inTurn(ctx, what, func() error {
		defer s.link.conn.once()()
		err := s.link.do(ctx, f)
		if isSilence(err) {
			text := s.about(what) + ": the controller did not answer; whether it obeyed is not known"
			return &sdk.Error{Code: sdk.Timeout, Text: text}
		}
		return err
	})
}

func (s *session) inTurn(ctx context.Context, what string, f func() error) error {
	if err := take(ctx, s.turn); err != nil {
		return explain(s.about(what), err)
	}
	defer func() { <-s.turn }()
	return explain(s.about(what), f())
}

func take(ctx context.Context, turn chan struct{}) error {
	select {
	case turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// about is what was attempted, and on what.
func (s *session) about(what string) string { return what + " of " + s.settings.address() }

// renew replaces a link that the controller does not answer on. The caller has the turn.
func (s *session) renew(ctx context.Context) error {
	fresh, err := s.logIn(ctx)
	if err != nil {
		return err
	}
	s.log.Info("controller had forgotten the session", "address", s.settings.address())
	s.leave(ctx, s.link)
	s.link = fresh
	return nil
}

// leave ends a link that nobody uses.
func (s *session) leave(ctx context.Context, l *link) {
	if err := l.logOut(ctx); err != nil {
		s.log.Debug("logging out failed", "address", s.settings.address(), "err", err)
	}
}

// logIn makes a new link, one at a time for each controller.
func (s *session) logIn(ctx context.Context) (*link, error) {
	if err := take(ctx, s.gate); err != nil {
		return nil, explain(s.about("log-in"), err)
	}
	defer func() { <-s.gate }()
	for try := 1; ; try++ {
		l, err := s.tryLogIn(ctx)
		if err == nil {
			return l, nil
		}
		if !isConfusion(err) || try == logIns {
			return nil, explainLogIn(s.about("log-in"), err)
		}
		select {
		case <-time.After(respite):
		case <-ctx.Done():
		}
	}
}

func (s *session) tryLogIn(ctx context.Context) (*link, error) {
	l, err := dial(ctx, s.settings)
	if err != nil {
		return nil, err
	}
	if err := l.authenticate(ctx, s.settings); err != nil {
		_ = l.conn.Close() // it may be closed already
		return nil, err
	}
	return l, nil
}

// Close logs out.
func (s *session) Close() error {
	ctx := context.Background()
	if err := take(ctx, s.turn); err != nil {
		return err
	}
	defer func() { <-s.turn }()
	if err := s.link.logOut(ctx); err != nil && !s.link.mute {
		return &sdk.Error{Code: sdk.Unavailable, Text: s.about("log-out") + ": " + err.Error()}
	}
	return nil
}
