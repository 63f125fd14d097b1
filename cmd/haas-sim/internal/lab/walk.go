package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Walk does what users do, step by step, and shows after each who reaches whom. It leaves the projects with what they
// have got.
func (l *Lab) Walk() error {
	w := walk{Lab: l}
	steps := []step{
		{"Nobody has a machine yet: every port is closed.", func(context.Context) error { return nil }},
		{"Both projects reserve machines, on three families of switches. That connects nobody.", w.reserve},
		{"Each connects its machines to a network of its own, which spans all switches.", w.connect},
		{"physics makes a second network, which n1 and n4 get as a tagged VLAN beside the first.", w.tag},
		{"physics moves n2 from the first network to the second, without a tag.", w.move},
		{"physics releases n2, and biology reserves and connects it.", w.hand},
	}
	for _, s := range steps {
		if err := l.take(s); err != nil {
			return err
		}
	}
	return nil
}

// Leave gives back everything that the projects have.
func (l *Lab) Leave() error {
	return l.take(step{"Both projects give everything back.", func(ctx context.Context) error {
		return errors.Join(l.physics.leave(ctx), l.biology.leave(ctx))
	}})
}

// step is something that users do.
type step struct {
	title string
	do    func(context.Context) error
}

// take does a step, and then checks that everybody reaches whom it should.
func (l *Lab) take(s step) error {
	l.steps++
	l.say("\n%d. %s", l.steps, s.title)
	if err := s.do(l.ctx); err != nil {
		return l.because(fmt.Errorf("step %d: %w", l.steps, err))
	}
	if err := l.check(l.ctx); err != nil {
		return l.because(fmt.Errorf("after step %d: %w", l.steps, err))
	}
	return nil
}

// walk is the story of two projects.
type walk struct {
	*Lab
	// cluster and storage are networks of physics, sequencer is one of biology.
	cluster, storage, sequencer *network
}

func (w *walk) reserve(ctx context.Context) error {
	return errors.Join(
		w.physics.reserve(ctx, w.the("n1 n2 n4 n7")...),
		w.biology.reserve(ctx, w.the("n3 n5 n8")...))
}

func (w *walk) connect(ctx context.Context) (err error) {
	if w.cluster, err = w.physics.create(ctx, "cluster"); err != nil {
		return err
	}
	if w.sequencer, err = w.biology.create(ctx, "sequencer"); err != nil {
		return err
	}
	return errors.Join(
		w.physics.connect(ctx, w.cluster, w.the("n1 n2 n4 n7")...),
		w.biology.connect(ctx, w.sequencer, w.the("n3 n5 n8")...))
}

func (w *walk) tag(ctx context.Context) (err error) {
	if w.storage, err = w.physics.create(ctx, "storage"); err != nil {
		return err
	}
	return w.physics.connectTagged(ctx, w.storage, w.the("n1 n4")...)
}

func (w *walk) move(ctx context.Context) error {
	if err := w.physics.detach(ctx, w.cluster, w.the("n2")...); err != nil {
		return err
	}
	return w.physics.connect(ctx, w.storage, w.the("n2")...)
}

func (w *walk) hand(ctx context.Context) error {
	n2 := w.the("n2")
	if err := w.physics.detach(ctx, w.storage, n2...); err != nil {
		return err
	}
	if err := w.physics.release(ctx, n2...); err != nil {
		return err
	}
	if err := w.biology.reserve(ctx, n2...); err != nil {
		return err
	}
	return w.biology.connect(ctx, w.sequencer, n2...)
}

// the are the machines of the names.
func (l *Lab) the(names string) []*machine {
	var found []*machine
	for name := range strings.FieldsSeq(names) {
		for _, m := range l.machines {
			if m.name == name {
				found = append(found, m)
			}
		}
	}
	return found
}

// settle waits until no machine reaches another.
func (l *Lab) settle(ctx context.Context) error {
	return until(ctx, func() (bool, any, error) {
		got, err := pings(ctx, l.machines, untagged)
		return err == nil && len(got.without(nil)) == 0, got.without(nil), err
	})
}

// until waits for a condition, and tells what was seen last if that takes too long.
func until(ctx context.Context, met func() (ok bool, seen any, err error)) error {
	limit := time.Now().Add(patience)
	for {
		ok, seen, err := met()
		if ok || err != nil {
			return err
		}
		if time.Now().After(limit) {
			return fmt.Errorf("not within %v; last seen: %v", patience, seen)
		}
		select {
		case <-time.After(4 * round):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
