package power

import (
	"context"
	"errors"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// look is how often it is looked whether wishes are fulfilled; another server may do it.
const look = 100 * time.Millisecond

// errStopping is for those who wait when the server is being stopped.
var errStopping = core.Errorf(core.Unavailable, "the server is being stopped; try again")

// Want makes a node due at once, because its power has been changed, or its controller may be asked from now on.
func (s *Sweeper) Want(ctx context.Context, node int64) error {
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error { return q.WantPower(ctx, node) })
	s.wakeUp()
	return err
}

// Refresh has the nodes of the scope asked, and waits until each has answered or was given up. It works without Run, as
// long as some server runs.
func (s *Sweeper) Refresh(ctx context.Context, scope store.PowerScope) error {
	var wishes []store.PowerWish
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) (err error) {
		wishes, err = q.WantPowers(ctx, scope)
		return err
	})
	if err != nil || len(wishes) == 0 {
		return err
	}
	s.wakeUp()
	waiting, cancel := context.WithTimeout(ctx, s.patience(len(wishes)))
	defer cancel()
	err = s.await(waiting, wishes)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil // what is known is told, and how old it is
	}
	return err
}

// patience is when it is certain that nobody asks: the nodes' turns have passed at the rate, and claims of a server that
// died have run out.
func (s *Sweeper) patience(nodes int) time.Duration {
	return time.Duration(nodes)*time.Second/time.Duration(s.Rate) + 2*(s.Deadline+claimSlack)
}

// await waits until all wishes are fulfilled, or the nodes may not be asked any more.
func (s *Sweeper) await(ctx context.Context, wishes []store.PowerWish) error {
	wanted := make(map[int64]int64, len(wishes))
	for _, w := range wishes {
		wanted[w.NodeID] = w.Gen
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		open, err := s.Store.PowerWishes(ctx)
		if err != nil || !anyOf(wanted, open) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.stopped:
			return errStopping
		case <-tick.C:
		}
	}
}

// anyOf reports whether one of the open wishes, each with what has been fulfilled, is among those wanted.
func anyOf(wanted map[int64]int64, open []store.PowerWish) bool {
	for _, o := range open {
		if gen, ok := wanted[o.NodeID]; ok && o.Gen < gen {
			return true
		}
	}
	return false
}
