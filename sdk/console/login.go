package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	// pause is how long a device must be silent for the end of what it has said to be its end: a banner comes in pieces,
	// and the end of a piece may look like a prompt.
	pause = 100 * time.Millisecond
	// longPause is the same where silence means failure.
	longPause = time.Second
)

// move is what is to be done next in a login.
type move int

const (
	listen move = iota
	typeName
	typePassword
	probe
	denied
	full
)

// login is how far the login is. It is told all that was said since something was typed.
type login struct {
	dialect         *Dialect
	named, secreted bool // the name, the password was typed
}

// next says what to do, and how long the device must be silent for it to be right. Words of rejection may also stand in
// a banner ("3 login failures since"): they count if nothing else follows. So does a question that comes again, for it may
// be the beginning of "Last login: Mon Jul  5".
func (l login) next(now said) (move, time.Duration) {
	all := now.text + now.line
	switch {
	case asks(l.dialect.Username, now.line):
		if l.named {
			return denied, longPause
		}
		return typeName, pause
	case asks(l.dialect.Password, now.line):
		if l.secreted {
			return denied, longPause
		}
		if l.named {
			return typePassword, heard // no banner stands between the two questions
		}
		return typePassword, pause
	case l.dialect.prompts(now.line):
		return probe, pause
	case (l.named || l.secreted) && matches(l.dialect.Rejected, all):
		return denied, notHeard
	case matches(l.dialect.Full, all):
		return full, notHeard
	default:
		return listen, notHeard
	}
}

// login answers the device's questions until there is a prompt, and learns that.
func (s *Session) login(ctx context.Context) error {
	l := login{dialect: &s.config.Dialect}
	for {
		next, err := s.hearQuestion(ctx, l)
		if err != nil {
			return err
		}
		switch next {
		case typeName:
			l.named = true
			err = s.reply(ctx, s.config.Username, false)
		case typePassword:
			l.secreted = true
			err = s.reply(ctx, s.config.Password.Reveal(), true)
		default:
			return s.learnPrompt(ctx)
		}
		if err != nil {
			return s.lost(s.loggingIn(), "the login", err)
		}
	}
}

func (s *Session) loggingIn() string {
	return fmt.Sprintf("log in to %s as %q", s.config.Host, s.config.Username)
}

// hearQuestion waits until there is something to type.
func (s *Session) hearQuestion(ctx context.Context, l login) (move, error) {
	ctx, cancel := s.config.step(ctx)
	defer cancel()
	var next move
	err := s.ear.wait(ctx, func(now said) time.Duration {
		var silence time.Duration
		next, silence = l.next(now)
		return silence
	})
	now, _ := s.ear.said()
	s.log.heard(now.shown())
	silent := errors.Is(err, errEnded) || errors.Is(err, errSilent)
	switch {
	case next == denied && (err == nil || silent):
		return next, &sdk.Error{Code: sdk.Denied, Text: s.loggingIn() + ": the device rejected the user name or the password"}
	case next == full && silent, errors.Is(err, errEnded) && !l.secreted:
		return next, &sdk.Error{Code: sdk.Busy, Retryable: true, Text: fmt.Sprintf(
			"%s: the device has no session left; last heard: %s", s.loggingIn(), s.lastHeard())}
	case err != nil:
		return next, s.lost(s.loggingIn(), l.awaited(), err)
	default:
		return next, nil
	}
}

func (l login) awaited() string {
	if l.secreted {
		return "a prompt"
	}
	return "a question or a prompt"
}

// reply answers a question of the login.
func (s *Session) reply(ctx context.Context, answer string, secret bool) error {
	ctx, cancel := s.config.step(ctx)
	defer cancel()
	if secret {
		s.log.typedSecret()
	} else {
		s.log.typed(answer)
	}
	s.ear.answered(secret)
	return s.write(ctx, answer+enter)
}

// learnPrompt types the probe: the prompt is what stands before its echo.
func (s *Session) learnPrompt(ctx context.Context) error {
	now, _ := s.ear.said()
	line := s.config.Dialect.Probe
	e := &echo{line: line, begun: now.line, is: func(shown string) bool {
		before, echoed := strings.CutSuffix(shown, line)
		return echoed && s.config.Dialect.prompts(before)
	}}
	if err := s.enter(ctx, line, e); err != nil {
		return err
	}
	p, _ := s.config.Dialect.parse(strings.TrimSuffix(e.got, line))
	s.reached(p)
	_, err := s.hearAnswer(ctx, line, nil)
	return err
}
