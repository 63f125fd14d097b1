// Package fabric carries recorded networking actions to the switches. Each switch has a lane: whoever holds it takes all
// ports with work at once, tells the driver their full wanted state in one visit, reads back, and only then says DONE.
// Lanes are independent, so a dead switch delays only itself. Questions to a switch go through its lane too, and its ports
// are checked there now and then, so that no switch is spoken to by two at a time. It decides no rule of the API; those are
// core/service's.
package fabric

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// rememberActions is how long a finished action can be asked for; pruneEvery is how often older ones are forgotten.
const (
	rememberActions = 90 * 24 * time.Hour
	pruneEvery      = time.Hour
)

// transactions is how many lanes use the database at once. A few done soon are better than many done late: their
// switches are at work while the next ones have their turn.
const transactions = 4

// Drivers hands out live switch drivers by type URL.
type Drivers interface {
	Switch(typeURL string) (netswitch.Driver, error)
}

// Config is what a Fabric stands on; all of it is required but where it says otherwise.
type Config struct {
	Store   *store.Store
	Drivers Drivers
	Log     hclog.Logger
	// Poll is how often work recorded by other servers is looked for.
	Poll time.Duration
	// Retries is how often a change is tried before its action ends in ERROR.
	Retries int
	// RetryDelay is the wait after the first failure; it doubles with each, up to RetryMaxDelay.
	RetryDelay, RetryMaxDelay time.Duration
	// SaveDelay is how long a change stays unsaved on the switch, so that one save serves a burst. A switch with new
	// work all the time is saved after a few times as long.
	SaveDelay time.Duration
	// VisitTimeout bounds a visit, a save included.
	VisitTimeout time.Duration
	// Lease is how long a lane stays with a server that has died.
	Lease time.Duration
	// Linger is how long a lane is kept with its session after the last work. It is shorter than the time after which
	// drivers close idle sessions.
	Linger time.Duration
	// Check is how often all ports of a switch are held against its running configuration; 0 means never.
	Check time.Duration
}

// Fabric works the lanes of all switches, as far as no other server does.
type Fabric struct {
	Config
	owner string
	wake  chan struct{}
	turns chan struct{} // holds a token for each transaction under way
	work  sync.WaitGroup
	// stopped is closed when Run ends, so that nobody waits for an answer of this server any more.
	stopped chan struct{}

	mu sync.Mutex
	// The fields below are guarded by mu.
	// busy are the switches whose lane a goroutine of this server works; each hears when there is more to do.
	busy map[int64]chan struct{}
	// askers are those of this server who wait for the answer to a question, by its ID.
	askers map[int64]chan struct{}
	// plans are how many plans wait, by their switch.
	plans map[int64]int
}

// New makes a fabric. It does nothing until Run.
func New(c Config) *Fabric {
	return &Fabric{
		Config: c, owner: uuid.NewString(), wake: make(chan struct{}, 1), turns: make(chan struct{}, transactions),
		stopped: make(chan struct{}), busy: map[int64]chan struct{}{}, askers: map[int64]chan struct{}{},
		plans: map[int64]int{},
	}
}

// Wake says that there is work. It never blocks.
func (f *Fabric) Wake() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns when nothing of it runs any more: lanes are given back, and sessions released. It
// is called once.
func (f *Fabric) Run(ctx context.Context) error {
	defer f.work.Wait()
	defer close(f.stopped)
	poll := time.NewTicker(f.Poll)
	defer poll.Stop()
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	for {
		f.dispatch(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-f.wake:
		case <-poll.C:
		case <-prune.C:
			f.prune(ctx)
		}
	}
}

// dispatch starts a goroutine for every lane with work that has none yet, and tells the others.
func (f *Fabric) dispatch(ctx context.Context) {
	due := store.Chores{SaveBefore: f.before(f.SaveDelay), CheckBefore: f.checkBefore()}
	lanes, err := f.Store.LanesWithWork(ctx, f.owner, due)
	if err != nil {
		f.complain(ctx, "look for work", err)
		return
	}
	for _, l := range lanes {
		if knock, free := f.enter(l.SwitchID); free {
			f.work.Go(func() { f.leave(ctx, l.SwitchID, f.lane(ctx, l.SwitchID, knock)) })
		}
	}
}

// enter makes the lane busy, or tells whoever is in it that there is more to do. It never blocks.
func (f *Fabric) enter(sw int64) (knock <-chan struct{}, free bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	inside, busy := f.busy[sw]
	if !busy {
		f.busy[sw] = make(chan struct{}, 1)
		return f.busy[sw], true
	}
	select {
	case inside <- struct{}{}:
	default:
	}
	return nil, false
}

// leave lets the switch be dispatched again: at once, for work may have come while the lane was being left, but at the
// next poll if the lane went wrong.
func (f *Fabric) leave(ctx context.Context, sw int64, wrong error) {
	f.mu.Lock()
	delete(f.busy, sw)
	f.mu.Unlock()
	if wrong != nil {
		f.complain(ctx, "work lane", wrong)
		return
	}
	f.Wake()
}

func (f *Fabric) prune(ctx context.Context) {
	if err := f.Store.PruneActions(ctx, f.before(rememberActions)); err != nil {
		f.complain(ctx, "forget old actions", err)
	}
}

// before is the store's time a while ago, in milliseconds since 1970.
func (f *Fabric) before(d time.Duration) int64 { return f.Store.Now() - d.Milliseconds() }

// complain logs an error, unless it is only that the server is being stopped.
func (f *Fabric) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		f.Log.Warn(what, "err", err)
	}
}
