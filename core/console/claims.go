package console

import (
	"context"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

const (
	// storeLimit bounds a statement that nobody's request waits for.
	storeLimit = 5 * time.Second
	// recheckInterval is how often the viewers' permissions are looked at again.
	recheckInterval = 5 * time.Second
)

// claim makes sure that the line may be opened in the term, here and nowhere else, until the claim is freed or the lease
// is over. It says how.
func (h *Hub) claim(ctx context.Context, l *line, term int64) (open opener, lease int, err error) {
	began := time.Now()
	var c core.Console
	var mine bool
	err = h.Store.InTx(ctx, func(ctx context.Context, q store.Queries) (err error) {
		if open, err = l.of.lock(ctx, q); err != nil {
			return err
		}
		if err := q.BeatConsoleServer(ctx, h.server, h.Address, h.Lease.Milliseconds()); err != nil {
			return err
		}
		c, mine, err = l.of.claim(ctx, q, h.server)
		if err == nil && mine && c.Term != term {
			return errChangedHands
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return open, h.lease.beat(began), h.refusal(ctx, l, c, mine)
}

// refusal is why a claim failed, nil if it did not.
func (h *Hub) refusal(ctx context.Context, l *line, c core.Console, mine bool) error {
	switch {
	case mine:
		return nil
	case c.Closing:
		return core.Errorf(core.Unavailable, "the console of %s is being closed; try again", l.of)
	}
	if err := h.elsewhere(ctx, l.of, c); err != nil {
		return err
	}
	return errChangedHands
}

// free gives a claim back, whatever became of the caller. Until the database has heard of it the line stays claimed.
func (h *Hub) free(l *line) {
	for {
		err := h.tryFree(l)
		if err == nil {
			return
		}
		l.log.Warn("console stays claimed for now", "err", err)
		select {
		case <-h.stopping:
			return // without signs of life the claim is void soon
		case <-time.After(h.Beat):
		}
	}
}

func (h *Hub) tryFree(l *line) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.life), storeLimit)
	defer cancel()
	return l.of.free(ctx, h.Store, h.server)
}

// Look makes Run look at once what has changed.
func (h *Hub) Look() {
	select {
	case h.look <- struct{}{}:
	default:
	}
}

// Run says again and again that this server is alive, closes what it is asked to close or has lost, and keeps the logs
// that are wanted, until ctx ends. The first thing it does is to remove the logs of nodes that have changed hands.
func (h *Hub) Run(ctx context.Context) error {
	var others sync.WaitGroup
	defer others.Wait()
	others.Go(func() { h.recheck(ctx) })
	beat, sweep := time.NewTicker(h.Beat), time.NewTicker(sweepInterval)
	defer beat.Stop()
	defer sweep.Stop()
	h.sweep(ctx)
	for {
		if err := h.tend(ctx); err != nil && ctx.Err() == nil {
			h.Log.Warn("look after consoles", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
		case <-h.look:
		case <-sweep.C:
			h.sweep(ctx)
		}
	}
}

// recheck ends the viewers who may not watch any more, until ctx ends.
func (h *Hub) recheck(ctx context.Context) {
	tick := time.NewTicker(recheckInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, l := range h.all() {
			l.recheck(ctx)
		}
	}
}

// tend is one look at what the other servers and the owners want.
func (h *Hub) tend(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	err := h.reclaim(ctx)
	h.lapse(err != nil && !h.lease.alive())
	if err != nil {
		return err
	}
	return h.keepLogs(ctx)
}

// reclaim says that this server is alive if it has consoles, and closes those that it has lost or is asked to close.
func (h *Hub) reclaim(ctx context.Context) error {
	open, claimed := h.open()
	if !claimed {
		return nil
	}
	began := time.Now()
	if err := h.Store.BeatConsoleServer(ctx, h.server, h.Address, h.Lease.Milliseconds()); err != nil {
		return err
	}
	h.lease.beat(began)
	mine, err := h.Store.ConsolesOf(ctx, h.server)
	if err != nil {
		return err
	}
	for _, c := range mine {
		delete(open, key{id: c.NodeID})
		if l := h.known(key{id: c.NodeID}); l != nil && c.Closing {
			h.start(func() { l.hang(c.Term, End{Reason: "the console was closed", Retry: true}) })
		}
	}
	headnodes, err := h.Store.HeadnodeConsolesOf(ctx, h.server)
	if err != nil {
		return err
	}
	for _, id := range headnodes {
		delete(open, key{headnode: true, id: id})
	}
	for _, s := range open {
		h.start(func() { s.close(End{Reason: "this server lost the console", Retry: true}) })
	}
	return nil
}

// open are the open sessions. claimed says that there are some, or some that are being opened or closed.
func (h *Hub) open() (open map[key]*session, claimed bool) {
	open = map[key]*session{}
	for _, l := range h.all() {
		s, busy := l.state()
		claimed = claimed || busy
		if s != nil {
			open[l.of.key()] = s
		}
	}
	return open, claimed
}

// lapse closes the consoles that may be another server's by now, since this one may have been counted as dead. It waits for
// none of them: they are given back when the database can be reached.
func (h *Hub) lapse(cutOff bool) {
	for _, l := range h.all() {
		if s := l.lapsed(cutOff); s != nil {
			h.start(func() { s.close(End{Reason: "this server could not reach the database for too long", Retry: true}) })
		}
	}
}
