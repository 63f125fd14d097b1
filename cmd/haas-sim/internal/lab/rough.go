package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/openapi/client"
)

// Rough lets both projects change their machines again and again, on both simulated switches at once, while things go
// wrong in the middle: each mishap at each of the commands counted from 1. Every action must end, in DONE or in ERROR,
// and then the switches must carry what they should; an action in ERROR is tried again.
func (l *Lab) Rough(commands ...int) error {
	r := rough{Lab: l}
	if err := r.prepare(l.ctx); err != nil {
		return l.because(err)
	}
	for _, m := range mishaps() {
		r.hits = 0
		for _, nth := range commands {
			l.say("\nWhile "+m.name+":", nth)
			if err := r.all(l.ctx, m, nth); err != nil {
				return l.because(fmt.Errorf("while "+m.name+": %w", nth, err))
			}
		}
		if r.hits == 0 {
			return fmt.Errorf("it never happened that "+m.name, commands)
		}
	}
	return nil
}

// rough are two machines that change at once, each of a project and on a switch of its own.
type rough struct {
	*Lab
	movers []*mover
	// hits is how often the mishap at hand has happened.
	hits int
}

func (r *rough) prepare(ctx context.Context) error {
	l := r.Lab
	r.movers = []*mover{
		{tenant: l.physics, machine: l.the("n1")[0], still: l.the("n6")[0], front: l.fronts[nexus]},
		{tenant: l.biology, machine: l.the("n4")[0], still: l.the("n3")[0], front: l.fronts[powerconnect]},
	}
	for _, v := range r.movers {
		if err := v.prepare(ctx); err != nil {
			return err
		}
	}
	return nil
}

// all does each kind of change while the mishap happens.
func (r *rough) all(ctx context.Context, m mishap, nth int) error {
	changes := []func(*mover) change{(*mover).connectNative, (*mover).connectTag, (*mover).detachNative, (*mover).detachTag}
	before := r.hits
	for _, of := range changes {
		var now []change
		for _, v := range r.movers {
			now = append(now, of(v))
		}
		if err := r.together(ctx, m, nth, now); err != nil {
			return err
		}
	}
	if err := r.checkSwitches(ctx); err != nil {
		return err
	}
	r.say("  It happened %d times. The watcher: %v.", r.hits-before, r.watcher)
	return nil
}

// together makes the changes while the mishap happens, and checks what has become of them.
func (r *rough) together(ctx context.Context, m mishap, nth int, changes []change) error {
	outcomes, err := r.during(ctx, m, nth, changes)
	if err != nil {
		return err
	}
	for i, c := range changes {
		if err := c.conclude(ctx, outcomes[i]); err != nil {
			return err
		}
	}
	if err := r.checkHeard(ctx, time.Now()); err != nil {
		return err
	}
	return r.watcher.verdict()
}

// during begins the changes, lets the mishap happen to them, and follows them to their end.
func (r *rough) during(ctx context.Context, m mishap, nth int, changes []change) ([]client.Action, error) {
	sprung := make(chan *trap)
	for _, c := range changes {
		hits := m.arm(c.front, nth, sprung)
		defer func() { r.hits += hits(); c.front.mend() }()
	}
	ids := make([]string, len(changes))
	for i, c := range changes {
		var err error
		if ids[i], err = c.begin(ctx, c.command()...); err != nil {
			return nil, err
		}
	}
	outcomes := make([]client.Action, len(changes))
	errs := make([]error, len(changes))
	var all sync.WaitGroup
	for i, c := range changes {
		all.Go(func() { outcomes[i], errs[i] = c.follow(ctx, ids[i]) })
	}
	errs = append(errs, r.strikes(ctx, m, sprung, &all))
	return outcomes, errors.Join(errs...)
}

// strikes lets the mishap happen each time a trap springs, until all has ended.
func (r *rough) strikes(ctx context.Context, m mishap, sprung <-chan *trap, all *sync.WaitGroup) error {
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	var errs []error
	for {
		select {
		case t := <-sprung:
			for _, v := range r.movers {
				if &v.front.trap == t {
					errs = append(errs, m.strike(ctx, r.Lab, v.front))
				}
			}
			t.release()
		case <-ended:
			return errors.Join(errs...)
		}
	}
}
