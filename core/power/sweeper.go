// Package power keeps an eye on the power of all nodes: each is asked now and then, and at once if somebody wants to know.
// Servers that share a database share the work. It does not know how a controller is asked, nor who may see the answers.
package power

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

const (
	// beat is how soon more is claimed, if more is due than the rate lets be asked.
	beat = 250 * time.Millisecond
	// poll is how often it is looked for what is due, and for wishes that came to other servers.
	poll = time.Second
	// respite is how long the database is left alone after a failure.
	respite = 5 * time.Second
	// claimSlack is how much longer a claim lasts than an answer may take: the answer has to be written, too.
	claimSlack = 15 * time.Second
	// mostAtOnce bounds the controllers that are being asked, each of which takes a socket of its driver.
	mostAtOnce = 4096
)

// Config is what a Sweeper stands on; all of it is required.
type Config struct {
	Store *store.Store
	// Ask asks a node's controller: "on" or "off", or an error that says for people why neither is known. It returns soon
	// after its context has ended.
	Ask func(context.Context, core.Node) (string, error)
	Log hclog.Logger
	// Interval is how often each node is asked; 0 means only if somebody wants to know.
	Interval time.Duration
	// Rate is how many nodes all servers together ask in a second.
	Rate int
	// Deadline bounds asking one node.
	Deadline time.Duration
}

// Sweeper asks nodes for their power.
type Sweeper struct {
	Config
	wake   chan struct{}
	asking sync.WaitGroup
	turns  chan struct{} // holds a token for each controller that is being asked
	told   chan store.PowerOutcome
	// stopped is closed when Run ends, so that nobody waits for an answer of this server any more.
	stopped chan struct{}
}

// New makes a sweeper. It asks nobody until Run.
func New(c Config) *Sweeper {
	// So many can be under way at the rate if none answers: dead controllers never keep the others from being asked.
	atOnce := int(c.Deadline.Seconds()*float64(c.Rate)) + 1
	return &Sweeper{
		Config: c, wake: make(chan struct{}, 1), turns: make(chan struct{}, min(atOnce, mostAtOnce)),
		told: make(chan store.PowerOutcome), stopped: make(chan struct{}),
	}
}

// Run asks until ctx ends, and returns when nothing of it runs any more. It is called once.
func (s *Sweeper) Run(ctx context.Context) error {
	defer close(s.stopped)
	var recording sync.WaitGroup
	recording.Go(func() { s.record(ctx) })
	s.sweep(ctx)
	s.asking.Wait()
	close(s.told)
	recording.Wait()
	return nil
}

// wakeUp says that somebody wants to know something. It never blocks.
func (s *Sweeper) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Sweeper) sweep(ctx context.Context) {
	s.spread(ctx)
	for ctx.Err() == nil {
		pause := time.NewTimer(s.start(ctx))
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-pause.C:
		}
		pause.Stop()
	}
}

// spread keeps a server that was down for long from asking everybody at once.
func (s *Sweeper) spread(ctx context.Context) {
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		return q.SpreadPowers(ctx, s.Interval.Milliseconds())
	})
	s.complain(ctx, "spread what is due", err)
}

// start begins to ask what is due, as far as the rate allows, and gives the time until there may be more to do.
func (s *Sweeper) start(ctx context.Context) time.Duration {
	free := cap(s.turns) - len(s.turns) // nobody else takes one
	if free == 0 {
		return beat
	}
	var claims []store.PowerClaim
	var more bool
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) (err error) {
		claims, more, err = q.ClaimPowers(ctx, store.ClaimTerms{
			Most: free, Rate: int64(s.Rate), AheadMS: beat.Milliseconds(), Unwanted: s.Interval > 0,
			LeaseMS: (s.Deadline + claimSlack).Milliseconds(),
		})
		return err
	})
	if err != nil {
		s.complain(ctx, "claim nodes", err)
		return respite
	}
	for _, c := range claims {
		s.turns <- struct{}{}
		s.asking.Go(func() { s.ask(ctx, c) })
	}
	if more {
		return beat
	}
	return poll
}

// ask asks one node, in its own time.
func (s *Sweeper) ask(ctx context.Context, c store.PowerClaim) {
	defer func() { <-s.turns }()
	asking, cancel := context.WithTimeout(ctx, s.Deadline)
	defer cancel()
	state, err := s.Ask(asking, c.Node)
	o := store.PowerOutcome{PowerClaim: c, State: state, NextMS: s.next().Milliseconds()}
	if err != nil {
		s.Log.Debug("power is not known", "node", c.Label, "err", err)
		o.State, o.Error = core.PowerUnknown, plain(err.Error())
		o.Abandoned = ctx.Err() != nil // who was cut short has said nothing
	}
	s.told <- o
}

// next is when a node is asked again: not all of those that were once asked together, for ever together.
func (s *Sweeper) next() time.Duration {
	const jitter = 5 // a fifth more or less
	return s.Interval - s.Interval/jitter + time.Duration(rand.Int64N(int64(2*s.Interval/jitter)+1))
}

// complain logs an error, unless it is only that the server is being stopped.
func (s *Sweeper) complain(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.Log.Warn(what, "err", err)
	}
}
