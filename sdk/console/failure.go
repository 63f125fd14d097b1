package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/CCI-MOC/haas/sdk"
)

// errSilent is why a step of the conversation ends that took longer than Config.Deadline.
var errSilent = errors.New("no answer")

// step bounds one wait for the device.
func (c Config) step(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := max(c.Deadline, patienceOf(ctx))
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w within %s", errSilent, limit))
}

// doing is what was attempted on whom, as errors begin: `run "vlan 10" on sw-07`.
func (s *Session) doing(what string) string { return what + " on " + s.config.Host }

func (s *Session) running(line string) string { return s.doing(fmt.Sprintf("run %q", line)) }

// lost is the error of a wait that ended without what was awaited.
func (s *Session) lost(doing, awaited string, err error) error {
	code, why := sdk.Unavailable, err.Error()
	switch {
	case errors.Is(err, errSilent):
		code = sdk.Timeout
	case errors.Is(err, context.DeadlineExceeded):
		code, why = sdk.Timeout, "no time left"
	case errors.Is(err, context.Canceled):
		why = "given up"
	}
	return &sdk.Error{
		Code: code, Retryable: true,
		Text: fmt.Sprintf("%s: %s while waiting for %s; last heard: %s", doing, why, awaited, s.lastHeard()),
	}
}

// lastWords is how much of what a device has said is worth repeating.
const lastWords = 80

// lastHeard is the end of what the device has said, for people.
func (s *Session) lastHeard() string {
	now, _ := s.ear.said()
	words := []rune(strings.Join(strings.Fields(s.log.masked(now.shown())), " "))
	if len(words) == 0 {
		return "nothing"
	}
	if len(words) > lastWords {
		words = append([]rune("..."), words[len(words)-lastWords:]...)
	}
	return fmt.Sprintf("%q", string(words))
}

// words are one line of the device's, fit for an error's text.
func (s *Session) words(line string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s.log.masked(line))
	words := []rune(strings.TrimSpace(visible))
	return string(words[:min(len(words), 2*lastWords)])
}

// refusal is the error if an answer has the words of one, else nil.
func (s *Session) refusal(line, answer string) error {
	for said := range strings.Lines(answer) {
		said = strings.TrimSuffix(said, "\n")
		for _, p := range s.config.Dialect.Errors {
			if p.Words.MatchString(said) {
				return &sdk.Error{Code: p.Code, Retryable: p.Retryable, Text: fmt.Sprintf("%q: %s", line, s.words(said))}
			}
		}
	}
	return nil
}
