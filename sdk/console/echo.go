package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// echo is what the device must show before Enter is pressed.
type echo struct {
	line    string
	begun   string            // how the line looks before it is typed
	is      func(string) bool // whether this is the line with its echo
	got     string            // the line that was
	instead string            // what the device showed while it was not
}

// echoOf is the line behind the last prompt. Something the device wrote while nobody asked may have taken the prompt away.
func (s *Session) echoOf(line string) *echo {
	prompt := s.Prompt()
	return &echo{line: line, begun: prompt, is: func(shown string) bool { return shown == prompt+line || shown == line }}
}

// judge tells a wrong echo only after a long pause: it may be a log line's beginning.
func (e *echo) judge(now said) time.Duration {
	for _, shown := range now.lines() {
		if e.is(shown) {
			e.got = shown
			return heard
		}
	}
	e.instead = now.line
	if slices.ContainsFunc(now.lines(), e.partly) {
		return notHeard
	}
	return longPause
}

// partly reports whether the echo may still become right.
func (e *echo) partly(shown string) bool {
	return strings.HasPrefix(e.begun+e.line, shown) || strings.HasPrefix(e.line, shown)
}

// enter types the line, and presses Enter once the device has shown just that.
func (s *Session) enter(ctx context.Context, line string, e *echo) error {
	ctx, cancel := s.config.step(ctx)
	defer cancel()
	s.log.typed(line)
	s.ear.begin()
	err := s.write(ctx, line)
	if err == nil {
		err = s.ear.wait(ctx, e.judge)
	}
	if e.got == "" {
		return s.unechoed(e, err)
	}
	s.ear.entered(e.got)
	if err := s.write(ctx, enter); err != nil {
		return s.lost(s.running(line)+": entered or not", "it to take Enter", err)
	}
	return nil
}

// unechoed is the error for a line that was not entered, because its echo is wrong or did not come.
func (s *Session) unechoed(e *echo, err error) error {
	shown := strings.TrimPrefix(e.instead, e.begun)
	if err != nil && (shown == "" || !errors.Is(err, errSilent)) {
		return s.lost(s.running(e.line)+": nothing was entered", "its echo", err)
	}
	return &sdk.Error{Code: sdk.Unavailable, Retryable: true, Text: fmt.Sprintf(
		"%s: the device echoed %q instead of %q; nothing was entered", s.doing("type"), s.words(shown), e.line)}
}
