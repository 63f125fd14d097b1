package fabric

import (
	"context"

	"github.com/CCI-MOC/haas/core/store"
)

// place is a network in the hands of a project.
type place struct{ project, network int64 }

// nextWork are the ports to visit now. Users rely on a network never being on two NICs at once that they move it
// between: a connect waits for the detaches of the same project and network on this switch that were asked for before.
// Those of another switch are not waited for, for it may be dead.
func (l *lane) nextWork(ctx context.Context, q store.Queries) ([]store.Work, error) {
	all, err := q.Work(ctx, l.sw.ID)
	if err != nil {
		return nil, err
	}
	due, later := byTime(all, q.Now())
	due, held := holdBack(due, leaving(later))
	for _, h := range held {
		if err := q.PutOff(ctx, h.Work, h.until); err != nil {
			return nil, err
		}
	}
	// A connect behind a detach of this visit belongs to the next.
	due, _ = holdBack(due, leaving(due))
	return due, nil
}

// byTime parts the work that is due from the work that was put off.
func byTime(work []store.Work, now int64) (due, later []store.Work) {
	for _, w := range work {
		if w.Due(now) {
			due = append(due, w)
		} else {
			later = append(later, w)
		}
	}
	return due, later
}

// departure is the first detach of a place: its action, and when it is tried again.
type departure struct{ action, until int64 }

// leaving are the places that are being left.
func leaving(work []store.Work) map[place]departure {
	found := map[place]departure{}
	for _, w := range work {
		if w.Action == nil || w.Connect != nil {
			continue
		}
		for _, a := range w.Attached {
			at := place{w.ProjectID, a.ID}
			if d, ok := found[at]; !ok || d.action > w.Action.ID {
				found[at] = departure{w.Action.ID, w.RetryAt}
			}
		}
	}
	return found
}

// waiting is a connect that waits for a departure.
type waiting struct {
	store.Work
	until int64
}

// holdBack parts the work that may go on from the connects that were asked for after a departure.
func holdBack(work []store.Work, departures map[place]departure) (free []store.Work, held []waiting) {
	for _, w := range work {
		if d, ok := departureBefore(w, departures); ok {
			held = append(held, waiting{w, d.until})
		} else {
			free = append(free, w)
		}
	}
	return free, held
}

func departureBefore(w store.Work, departures map[place]departure) (departure, bool) {
	if w.Connect == nil {
		return departure{}, false
	}
	d, ok := departures[place{w.ProjectID, w.Connect.ID}]
	return d, ok && d.action < w.Action.ID
}
