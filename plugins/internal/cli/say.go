package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
)

// configMode is the mode in which nothing is entered, portMode the beginning of those in which ports are.
const (
	configMode = "config"
	portMode   = "config-if"
)

// depth is more levels than any configuration mode has.
const depth = 4

// settle goes to where nothing is entered, and gives what the device refuses only then.
func (v *visit) settle(ctx context.Context) (late *sdk.Error, err error) {
	for range depth {
		switch v.terminal.Mode() {
		case configMode:
			return late, nil
		case "":
			err = v.configure(ctx)
		default:
			var refusal *sdk.Error
			if refusal, err = v.say(ctx, v.family.Words.Exit); refusal != nil && late == nil {
				late = refusal
			}
		}
		if err != nil {
			return late, err
		}
	}
	return late, unexpected(v.family.Words.Exit, "the mode is "+v.terminal.Mode())
}

// say enters a line. The device refuses it by words that are known as a refusal, and by any others that are not known
// as harmless.
func (v *visit) say(ctx context.Context, line string) (refusal *sdk.Error, err error) {
	words, err := v.terminal.Run(ctx, line)
	if err == nil {
		if words = v.strange(words); words != "" {
			return &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf("%q: the switch says: %s", line, words)}, nil
		}
		return nil, nil
	}
	if e, ok := errors.AsType[*sdk.Error](err); ok && ctx.Err() == nil && isRefusal(e.Code) {
		return sdk.AsError(err), nil
	}
	return nil, err
}

// inPorts reports whether ports are entered.
func (s *session) inPorts() bool { return strings.HasPrefix(s.terminal.Mode(), portMode) }

// strange are the words of an answer that are not harmless, in one line.
func (v *visit) strange(words string) string {
	var strange []string
	for line := range strings.Lines(words) {
		line = strings.TrimSpace(line)
		if harmless := v.family.Words.Harmless; line != "" && (harmless == nil || !harmless.MatchString(line)) {
			strange = append(strange, line)
		}
	}
	return strings.Join(strange, "; ")
}

// isRefusal tells a device that says no from one that is lost.
func isRefusal(code sdk.Code) bool {
	switch code {
	case sdk.Internal, sdk.Unavailable, sdk.Timeout, sdk.Gone:
		return false
	default:
		return true
	}
}

func unexpected(line, words string) *sdk.Error {
	return &sdk.Error{Code: sdk.Internal, Retryable: true, Text: fmt.Sprintf("%q: an unexpected answer: %s", line, words)}
}
