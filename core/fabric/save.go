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
func (l *lane) save(ctx context.Context) error {
	now, err := l.Store.Lane(ctx, l.sw.ID)
	if err != nil || !l.saveDue(now) {
		return err
	}
	failed := l.session(ctx, func(ctx context.Context, s netswitch.Session) error { return s.Save(ctx) })
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		if failed == nil {
			return errors.Join(q.MarkSaved(ctx, l.sw.ID), q.LaneReached(ctx, l.sw.ID))
		}
		reason, _ := explain(failed)
		l.log.Warn("save failed", "err", failed)
		return q.SaveFailed(ctx, l.sw.ID, l.after(l.savePause(now)), "save: "+reason)
	})
}

func (l *lane) saveDue(now core.Lane) bool {
	return now.UnsavedSince != 0 && now.UnsavedSince <= l.before(l.SaveDelay) && now.RetryAt <= l.Store.Now()
}

// savePause is how long to wait after a save in vain: as long again as the configuration is unsaved already, so that the
// waits double, within the bounds of any other wait.
func (l *lane) savePause(now core.Lane) time.Duration {
	unsaved := time.Duration(l.Store.Now()-now.UnsavedSince) * time.Millisecond
	return min(max(unsaved, l.RetryDelay), l.RetryMaxDelay)
}
