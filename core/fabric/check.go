package fabric

import (
	"context"
	"math/rand/v2"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// spread is the part of Check by which a check may come early, so that switches which began together drift apart.
const spread = 8

// check holds all settled ports against the running configuration, if that is due: a switch may have been rebooted with
// an older configuration, or somebody has typed. It reports whether there is work now: a port that differs is visited
// like any other. Ports with work are not looked at, for their visit brings them where they belong.
func (l *lane) check(ctx context.Context, now core.Lane) (bool, error) {
	if l.Check <= 0 || now.CheckedAt > l.before(l.Check) {
		return false, nil
	}
	var kept []errand
	err := l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		settled, err := q.Settled(ctx, l.sw.ID)
		kept = plan(settled)
		return err
	})
	if err != nil {
		return false, err
	}
	failed := l.look(ctx, kept)
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if failed != nil {
		l.log.Warn("check failed", "err", failed)
		return false, l.endFailed(ctx, nil, failed)
	}
	return l.endCheck(ctx, l.drifted(kept))
}

// inherit has a switch checked that was left unsaved. The power cut that took the server may have taken the switch, and
// the older configuration it came back with must not be saved as if it were this one.
func (l *lane) inherit(ctx context.Context) error {
	if l.held.UnsavedSince == 0 {
		return nil
	}
	return l.locked(ctx, func(ctx context.Context, q store.Queries) error { return q.WantCheck(ctx, l.sw.ID) })
}

// look reads the ports.
func (l *lane) look(ctx context.Context, kept []errand) error {
	if len(kept) == 0 {
		return nil
	}
	return l.session(ctx, func(ctx context.Context, s netswitch.Session) error {
		seen, err := readings(ctx, s, devicePorts(kept))
		for i, state := range seen {
			kept[i].seen = state
		}
		return err
	})
}

func devicePorts(errands []errand) []string {
	ports := make([]string, 0, len(errands))
	for _, e := range errands {
		ports = append(ports, e.want.Port)
	}
	return ports
}

// drifted are the ports that do not carry what they should.
func (l *lane) drifted(kept []errand) []errand {
	var found []errand
	for _, e := range kept {
		switch {
		case e.seen == nil:
			l.log.Warn("the switch does not have a registered port", "port", e.Port.Label)
		case !e.seen.Equal(e.want):
			l.log.Warn("port is not as it was left", "port", e.Port.Label, "difference", Difference(e.want, *e.seen))
			found = append(found, e)
		}
	}
	return found
}

// endCheck writes what the check found. The lane was held all the time, so no port has been visited since it was read.
func (l *lane) endCheck(ctx context.Context, found []errand) (bool, error) {
	checked := l.Store.Now() - rand.Int64N(l.Check.Milliseconds()/spread+1)
	err := l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		for _, e := range found {
			if err := q.Drifted(ctx, e.Port.ID, e.seen.VLANs()); err != nil {
				return err
			}
		}
		if l.held.Failures > 0 {
			if err := q.LaneReached(ctx, l.sw.ID); err != nil {
				return err
			}
		}
		return q.MarkChecked(ctx, l.sw.ID, checked)
	})
	if err == nil {
		l.held.Failures = 0
	}
	return len(found) > 0, err
}

// checkBefore is the time of the last check of a switch that is due for one; never, if there are no checks.
func (f *Fabric) checkBefore() int64 {
	if f.Check <= 0 {
		return -1
	}
	return f.before(f.Check)
}
