package fabric

import (
	"context"
	"errors"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// saveLatest is how many times SaveDelay a switch stays unsaved that has new work all the time.
const saveLatest = 12

// save makes the running configuration survive a reboot, once it has been unsaved for long enough.
func (l *lane) save(ctx context.Context, now core.Lane) error {
	if !l.saveDue(now) {
		return nil
	}
	failed := l.session(ctx, func(ctx context.Context, s netswitch.Session) error { return s.Save(ctx) })
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		if failed == nil {
			return errors.Join(q.MarkSaved(ctx, l.sw.ID), q.LaneReached(ctx, l.sw.ID))
		}
		l.log.Warn("save failed", "err", failed)
		// It may be rebooting, with an older configuration, which must not be saved as if it were this one.
		return errors.Join(q.WantCheck(ctx, l.sw.ID),
			q.SaveFailed(ctx, l.sw.ID, l.after(l.savePause(now)), "save: "+explain(failed).reason))
	})
}

// saveDue reports whether the switch has been quiet for long enough, or has not been for too long. Whoever asks for a
// change during a save waits for its end, so it is better done when nobody seems to be at work.
func (l *lane) saveDue(now core.Lane) bool {
	quiet := max(now.UnsavedSince, l.changed) <= l.before(l.SaveDelay)
	late := now.UnsavedSince <= l.before(saveLatest*l.SaveDelay)
	return now.UnsavedSince != 0 && (quiet || late) && now.RetryAt <= l.Store.Now()
}

// savePause is how long to wait after a save in vain: as long again as the configuration is unsaved already, so that the
// waits double, within the bounds of any other wait.
func (l *lane) savePause(now core.Lane) time.Duration {
	unsaved := time.Duration(l.Store.Now()-now.UnsavedSince) * time.Millisecond
	return min(max(unsaved, l.RetryDelay), l.RetryMaxDelay)
}
