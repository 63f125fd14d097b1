package fabric

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// renewals is how many times a lease is renewed within its life: a server may miss all but one.
const renewals = 3

// lane is one switch's lane while this server holds it.
type lane struct {
	*Fabric
	sw   core.Switch
	held core.Lane
	log  hclog.Logger
	// knock says that there is more to do.
	knock <-chan struct{}
	// unreached says that the last visit did not reach the switch: it is left alone for a while.
	unreached bool
	// warm says that the switch was logged into, so that the driver may have an open session with it.
	warm bool
	// changed is when the last visit ended, in milliseconds since 1970.
	changed int64
}

// errStale says that the lane is not held as it was taken, although no other server has it: the switch has other settings.
var errStale = errors.New("the settings of the switch have been changed")

// lane works a switch's lane until nothing has been due for a while, or the lane is lost. When the switch gets other
// settings it begins anew: what was done by the old ones is void, and so is the session.
func (f *Fabric) lane(ctx context.Context, sw int64, knock <-chan struct{}) error {
	for {
		if err := f.hold(ctx, sw, knock); !errors.Is(err, errStale) {
			return err
		}
	}
}

// hold takes a switch's lane, works it, and gives it back.
func (f *Fabric) hold(ctx context.Context, sw int64, knock <-chan struct{}) error {
	held, err := f.take(ctx, sw)
	if errors.Is(err, store.ErrLaneLost) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.free(ctx, held)
	s, err := f.Store.SwitchByID(ctx, sw)
	if err != nil {
		return err
	}
	l := &lane{Fabric: f, sw: s, held: held, log: f.Log.With("switch", s.Label), knock: knock}
	var renewing sync.WaitGroup
	defer renewing.Wait()
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	renewing.Go(func() { l.renew(working, cancel) })
	defer l.release(ctx)
	err = l.work(working)
	if err != nil && errors.Is(l.current(ctx), errStale) {
		l.log.Info("the switch has other settings")
		return errStale
	}
	return err
}

// current makes sure that the lane is held as it was taken, and that the switch has the settings it had then.
func (l *lane) current(ctx context.Context) error {
	now, err := l.Store.Lane(ctx, l.sw.ID)
	if err != nil {
		return err
	}
	return l.compare(now)
}

// compare compares the lane with what it is now.
func (l *lane) compare(now core.Lane) error {
	switch {
	case now.Owner != l.held.Owner:
		return store.ErrLaneLost
	case now.Fence != l.held.Fence:
		return errStale
	default:
		return nil
	}
}

// take is not interrupted when the server is being stopped: a lane taken unnoticed would be nobody's until its lease ends.
func (f *Fabric) take(ctx context.Context, sw int64) (core.Lane, error) {
	ctx, cancel := f.brief(context.WithoutCancel(ctx))
	defer cancel()
	return f.Store.TakeLane(ctx, sw, f.owner, f.Lease.Milliseconds())
}

// free gives the lane back, also when the server is being stopped.
func (f *Fabric) free(ctx context.Context, held core.Lane) {
	ctx, cancel := f.brief(context.WithoutCancel(ctx))
	defer cancel()
	if err := f.Store.FreeLane(ctx, held); err != nil {
		f.Log.Warn("free lane", "err", err)
	}
}

// brief bounds a statement about a lease: its answer must come well before the lease could end.
func (f *Fabric) brief(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, f.Lease/renewals)
}

// renew keeps the lease, and gives up the lane when that fails: another server may be about to take it.
func (l *lane) renew(ctx context.Context, abandon context.CancelFunc) {
	tick := time.NewTicker(l.Lease / renewals)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.extend(ctx); err != nil {
				l.mourn(ctx, err)
				abandon()
				return
			}
		}
	}
}

// mourn says why the lane is lost, if that is not just because the switch was deleted or has other settings.
func (l *lane) mourn(ctx context.Context, err error) {
	if errors.Is(err, errStale) {
		return
	}
	if _, gone := l.Store.SwitchByID(ctx, l.sw.ID); core.KindOf(gone) != core.NotFound {
		l.complain(ctx, "lost the lane of "+l.sw.Label, err)
	}
}

// extend renews the lease once.
func (l *lane) extend(ctx context.Context) error {
	ctx, cancel := l.brief(ctx)
	defer cancel()
	now, err := l.Store.TakeLane(ctx, l.sw.ID, l.owner, l.Lease.Milliseconds())
	if err != nil {
		return err
	}
	return l.compare(now)
}

// drain answers and visits the switch until nothing is due, and saves then, or when it has been unsaved for too long.
func (l *lane) drain(ctx context.Context) error {
	began := l.Store.Now()
	for {
		asking, err := l.answer(ctx)
		if err != nil || l.resting() && !asking {
			return err
		}
		if l.resting() {
			continue
		}
		more, err := l.visit(ctx)
		if err != nil || l.unreached {
			return err
		}
		if more && cmp.Or(l.held.UnsavedSince, began) > l.before(saveLatest*l.SaveDelay) {
			continue
		}
		more, err = l.tend(ctx, more)
		if err != nil || l.unreached || !more && !asking {
			return err
		}
		began, l.held.UnsavedSince = l.Store.Now(), 0
	}
}

// tend does the chores of a switch: it is checked, if no port has to be visited, and saved, if no port was found that
// has to be. It reports whether there may be ports to visit.
func (l *lane) tend(ctx context.Context, more bool) (bool, error) {
	now, err := l.Store.Lane(ctx, l.sw.ID)
	if err != nil {
		return false, err
	}
	if err := l.compare(now); err != nil {
		return false, err
	}
	if !more {
		if more, err = l.check(ctx, now); err != nil || more || l.unreached {
			return more, err
		}
	}
	return more, l.save(ctx, now)
}

// resting reports whether the switch is to be left alone, because it was not reached a moment ago.
func (l *lane) resting() bool { return l.held.Failures > 0 && l.held.RetryAt > l.Store.Now() }

// locked runs fn in a transaction in which the lane is certainly held.
func (l *lane) locked(ctx context.Context, fn func(context.Context, store.Queries) error) error {
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return l.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if err := q.HoldLane(ctx, l.held); err != nil {
			return err
		}
		return fn(ctx, q)
	})
}

// backoff is how long to wait after a number of failures.
func (f *Fabric) backoff(failures int) time.Duration {
	d := f.RetryDelay
	for range failures {
		if d *= 2; d >= f.RetryMaxDelay {
			return f.RetryMaxDelay
		}
	}
	return d
}

// after is a time from now, as the store keeps times.
func (f *Fabric) after(d time.Duration) int64 { return f.Store.Now() + d.Milliseconds() }
