// Package fabric carries recorded networking actions to the switches. Each switch has a lane: whoever holds it takes all
// ports with work at once, tells the driver their full wanted state in one visit, reads back, and only then says DONE.
// Lanes are independent, so a dead switch delays only itself. It decides no rule of the API; those are core/service's.
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

// Config is what a Fabric stands on; all of it is required.
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
}

// Fabric works the lanes of all switches, as far as no other server does.
type Fabric struct {
	Config
	owner string
	wake  chan struct{}
	turns chan struct{} // holds a token for each transaction under way
	work  sync.WaitGroup

	mu sync.Mutex
	// busy are the switches whose lane a goroutine of this server works, guarded by mu.
	busy map[int64]bool
}

// New makes a fabric. It does nothing until Run.
func New(c Config) *Fabric {
	return &Fabric{
		Config: c, owner: uuid.NewString(), wake: make(chan struct{}, 1), turns: make(chan struct{}, transactions),
		busy: map[int64]bool{},
	}
}

// Wake says that there is work. It never blocks.
func (f *Fabric) Wake() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns when nothing of it runs any more.
func (f *Fabric) Run(ctx context.Context) error {
	defer f.work.Wait()
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

// dispatch starts a goroutine for every lane with work that has none yet.
func (f *Fabric) dispatch(ctx context.Context) {
	lanes, err := f.Store.LanesWithWork(ctx, f.owner, f.before(f.SaveDelay))
	if err != nil {
		f.complain(ctx, "look for work", err)
		return
	}
	for _, l := range lanes {
		if f.enter(l.SwitchID) {
			f.work.Go(func() { f.leave(ctx, l.SwitchID, f.lane(ctx, l.SwitchID)) })
		}
	}
}

func (f *Fabric) enter(sw int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy[sw] {
		return false
	}
	f.busy[sw] = true
	return true
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
