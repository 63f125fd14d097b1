package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

// savePatience is longer than any save was seen to take; a switch that is cut off in the midst of one may be left without
// a configuration.
const savePatience = 3 * time.Minute

// Save makes the running configuration survive a reboot, unless the switch is registered not to be saved.
func (s *session) Save(ctx context.Context) error {
	defer s.work()()
	if !s.set.Save {
		return nil
	}
	saving := s.family.Saving
	words, err := s.terminal.Answer(console.WithPatience(ctx, savePatience), s.exec(saving.Line), saving.Question, saving.Key)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if saving.Done.MatchString(words) && (saving.Failed == nil || !saving.Failed.MatchString(words)) {
		return nil
	}
	refusal := &sdk.Error{
		Code: sdk.Refused,
		Text: fmt.Sprintf("save: %q: the switch says: %s", saving.Line, strings.Join(strings.Fields(words), " ")),
	}
	if saving.Busy.MatchString(words) {
		refusal.Code, refusal.Retryable = sdk.Busy, true
	}
	return refusal
}
