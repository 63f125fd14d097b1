package console

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/CCI-MOC/haas/sdk"
)

// enter is the key. A line feed behind it would be taken for another key by whatever comes next.
const enter = "\r"

// Run types one line, waits for the prompt, and gives what the device printed: lines ending in "\n", without the echo,
// the prompt, the pager and log lines. If one of them matches Dialect.Errors it is an *sdk.Error with the line typed and
// the device's words, and the session goes on. A line that cannot be typed is Invalid, and nothing was typed. Any other
// error ends the session.
func (s *Session) Run(ctx context.Context, line string) (string, error) {
	return s.Answer(ctx, line, nil, "")
}

// Answer is Run; but if question matches at the end of the line on which the device waits, key is pressed, without
// Enter, once.
func (s *Session) Answer(ctx context.Context, line string, question *regexp.Regexp, key string) (string, error) {
	if err := s.check(line); err != nil {
		return "", err
	}
	if err := s.take(ctx, line); err != nil {
		return "", err
	}
	defer s.give()
	answer, err := s.exchange(ctx, line, question, key)
	if err != nil {
		s.abandon(err)
		return "", err
	}
	if err := s.refusal(line, answer); err != nil {
		return "", err
	}
	return answer, nil
}

// check refuses what the device would not echo as it was typed.
func (s *Session) check(line string) error {
	wrong := ""
	width := s.config.Dialect.Width
	switch {
	case line == "":
		wrong = "an empty line"
	case untypable(line) || !utf8.ValidString(line):
		wrong = "characters that cannot be typed"
	case width > 0 && utf8.RuneCountInString(s.Prompt()+line) > width:
		wrong = fmt.Sprintf("with its prompt the line is longer than %d characters", width)
	default:
		return nil
	}
	return &sdk.Error{Code: sdk.Invalid, Text: s.running(line) + ": " + wrong}
}

// take waits for the turn to enter a line.
func (s *Session) take(ctx context.Context, line string) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return s.lost(s.running(line), "its turn", ctx.Err())
	}
	err := ctx.Err()
	if err == nil {
		err = s.broken()
	}
	if err == nil {
		return nil
	}
	s.give()
	return &sdk.Error{Code: sdk.Unavailable, Retryable: true, Text: s.running(line) + ": nothing was typed: " + err.Error()}
}

func (s *Session) give() { <-s.turn }

func (s *Session) exchange(ctx context.Context, line string, question *regexp.Regexp, key string) (string, error) {
	if err := s.enter(ctx, line, s.echoOf(line)); err != nil {
		return "", err
	}
	asking, err := s.hearAnswer(ctx, line, question)
	if err != nil {
		return "", err
	}
	if asking {
		if err := s.press(ctx, line, key); err != nil {
			return "", err
		}
		if _, err := s.hearAnswer(ctx, line, nil); err != nil {
			return "", err
		}
	}
	return s.ear.close(), nil
}

// hearAnswer waits until there is a prompt again, or the question; asking says it is that.
func (s *Session) hearAnswer(ctx context.Context, line string, question *regexp.Regexp) (asking bool, err error) {
	for {
		what, err := s.hearPart(ctx, question)
		if err != nil {
			return false, s.lost(s.running(line)+": entered, maybe done", "the prompt", err)
		}
		if what.pager == "" {
			return what.asking, nil
		}
		s.ear.paged(what.pager)
		if err := s.press(ctx, line, s.config.Dialect.More); err != nil {
			return false, err
		}
	}
}

// part is why an answer stops: at a pager, at a question, or else at the prompt.
type part struct {
	pager  string
	asking bool
}

func (s *Session) hearPart(ctx context.Context, question *regexp.Regexp) (part, error) {
	ctx, cancel := s.config.step(ctx)
	defer cancel()
	var what part
	err := s.ear.wait(ctx, func(now said) time.Duration {
		what = part{}
		if now.echoing {
			return notHeard
		}
		if s.prompted(now) {
			return heard
		}
		if what.asking = asks(question, now.line); what.asking {
			return pause
		}
		if pager, ok := asked(s.config.Dialect.Pager, now.line); ok {
			what.pager = pager
			return heard
		}
		return notHeard
	})
	if err != nil || what.pager == "" {
		now, _ := s.ear.said()
		s.log.heard(now.shown())
	}
	return what, err
}

// prompted reports whether the device waits at its prompt, and remembers which.
func (s *Session) prompted(now said) bool {
	for _, line := range now.lines() {
		if p, ok := s.config.Dialect.parse(line); ok && p.alike(s.last()) {
			s.reached(p)
			return true
		}
	}
	return false
}

// press types a key that is not echoed, or need not be.
func (s *Session) press(ctx context.Context, line, key string) error {
	ctx, cancel := s.config.step(ctx)
	defer cancel()
	s.log.typed(key)
	if err := s.write(ctx, key); err != nil {
		return s.lost(s.running(line)+": entered, maybe done", "it to take a key", err)
	}
	return nil
}

// write types. A device that takes nothing is hung up on, which ends the writing.
func (s *Session) write(ctx context.Context, text string) error {
	stop := context.AfterFunc(ctx, s.hangUp)
	_, err := io.WriteString(s.conn, text)
	if !stop() {
		return context.Cause(ctx)
	}
	if err != nil {
		return errEnded
	}
	return nil
}
