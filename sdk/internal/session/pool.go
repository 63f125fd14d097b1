// Package session keeps conversations with devices warm inside a driver process: one per target, opened on demand,
// closed when idle. Logging in to a switch can take ten seconds, and BMCs have few session slots. It is not for the
// wire, which knows no sessions.
package session

import (
	"context"
	"crypto/sha256"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

// Idle is how long an unused session stays open: longer than the pauses within one piece of work, shorter than the
// time after which devices hang up by themselves.
const Idle = 60 * time.Second

// Config is what a Pool is made of.
type Config[S io.Closer] struct {
	// Open reaches for a device.
	Open func(ctx context.Context, target sdk.Target) (S, error)
	// Idle is how long an unused session stays open; 0 is the constant Idle.
	Idle time.Duration
	// Log takes what goes wrong when nobody waits for the answer.
	Log hclog.Logger
}

// Pool keeps at most one session per target that takes new calls.
type Pool[S io.Closer] struct {
	config  Config[S]
	circuit circuit

	mu     sync.Mutex
	lanes  map[key]*lane[S] // guarded by mu
	closed bool             // guarded by mu
	open   sync.WaitGroup   // counts sessions; raised under mu, and only while not closed
}

// New makes an empty pool.
func New[S io.Closer](c Config[S]) *Pool[S] {
	if c.Idle == 0 {
		c.Idle = Idle
	}
	return &Pool[S]{config: c, lanes: map[key]*lane[S]{}}
}

// key is what makes two targets the same device: the name is for messages only.
type key struct {
	kind string
	sum  [sha256.Size]byte
}

func keyOf(t sdk.Target) key { return key{kind: t.Type, sum: sha256.Sum256(t.Settings)} }

// Do runs call with the target's session, one call at a time. Whoever waits for its turn obeys ctx.
// A session whose call failed so that its state is in doubt is closed.
func (p *Pool[S]) Do(ctx context.Context, target sdk.Target, call func(S) error) error {
	l, err := p.enter(target)
	if err != nil {
		return err
	}
	defer p.leave(l)
	if err := l.take(ctx); err != nil {
		return err
	}
	defer l.give()
	w, err := p.warmUp(ctx, l, target)
	if err != nil {
		return err
	}
	return p.use(ctx, l, w, call)
}

// Share runs call with the target's session beside other calls. A session with a shared call under way is not idle.
// If the session fails meanwhile it is closed when its last call ends, and others get a new one.
func (p *Pool[S]) Share(ctx context.Context, target sdk.Target, call func(S) error) error {
	l, err := p.enter(target)
	if err != nil {
		return err
	}
	defer p.leave(l)
	w, err := p.warmUpInTurn(ctx, l, target)
	if err != nil {
		return err
	}
	return p.use(ctx, l, w, call)
}

// Release closes the target's session, after the calls under way. The next call opens one anew.
func (p *Pool[S]) Release(ctx context.Context, target sdk.Target) error {
	l, err := p.enter(target)
	if err != nil {
		return nil // the pool is closed, and so are its sessions
	}
	defer p.leave(l)
	if err := l.take(ctx); err != nil {
		return err
	}
	defer l.give()
	p.mu.Lock()
	w := l.warm
	if w != nil {
		l.drop(w)
	}
	unused := w != nil && w.users == 0 // else its last user closes it
	p.mu.Unlock()
	if unused {
		p.shut(w)
	}
	return nil
}

// Close closes the idle sessions at once and the others after their calls, and waits for all until ctx ends.
func (p *Pool[S]) Close(ctx context.Context) {
	p.mu.Lock()
	p.closed = true
	for _, l := range p.lanes {
		if w := l.warm; w != nil {
			l.drop(w)
			if w.users == 0 { // else its last user closes it
				go p.shut(w)
			}
		}
	}
	p.mu.Unlock()
	all := make(chan struct{})
	go func() {
		p.open.Wait()
		close(all)
	}()
	select {
	case <-all:
	case <-ctx.Done():
		p.config.Log.Warn("not all sessions closed in time")
	}
}
