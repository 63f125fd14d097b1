package lab

import (
	"context"
	"fmt"
	"time"
)

// check compares who reaches whom with who should, by the machines' pings and by what the watcher heard, and shows it.
func (l *Lab) check(ctx context.Context) error {
	since := time.Now()
	if err := l.checkPings(ctx, l.machines, untagged); err != nil {
		return err
	}
	for _, vlan := range vlans() {
		if tagged := l.onTagged(vlan); len(tagged) > 0 {
			if err := l.checkPings(ctx, tagged, vlan); err != nil {
				return err
			}
		}
	}
	if err := l.checkHeard(ctx, since); err != nil {
		return err
	}
	if err := l.checkSwitches(ctx); err != nil {
		return err
	}
	l.say("  The watcher: %v.", l.watcher)
	return l.watcher.verdict()
}

// checkSwitches lets the server compare what each switch says it carries with what the server wants.
func (l *Lab) checkSwitches(ctx context.Context) error {
	for _, sw := range l.switches {
		if _, err := l.operator.haas(ctx, "switch", "check", sw); err != nil {
			return err
		}
	}
	return nil
}

// onTagged are the machines with an interface for the VLAN's tagged frames.
func (l *Lab) onTagged(vlan int) []*machine {
	var found []*machine
	for _, m := range l.machines {
		if m.vlan(vlan) == vlan {
			found = append(found, m)
		}
	}
	return found
}

// checkPings wants the machines that are on one network to reach each other, and no others.
func (l *Lab) checkPings(ctx context.Context, machines []*machine, tag int) error {
	want := matrix{}
	names := make([]string, len(machines))
	for i, from := range machines {
		names[i] = from.name
		for _, to := range machines {
			want[pair{from.name, to.name}] = from != to && from.vlan(tag) != 0 && from.vlan(tag) == to.vlan(tag)
		}
	}
	var got matrix
	err := until(ctx, func() (ok bool, _ any, err error) {
		if got, err = pings(ctx, machines, tag); err != nil {
			return false, nil, err
		}
		if wrong := got.without(want); len(wrong) > 0 {
			return false, nil, fmt.Errorf("%v reach each other and must not\n%s", wrong, got.table(names))
		}
		return got.equal(want), want.without(got), nil
	})
	if err != nil {
		return fmt.Errorf("ping with addresses %s: %w", subnet(tag), err)
	}
	l.say("  Who reaches whom (addresses %s):\n%s", subnet(tag), got.table(names))
	return nil
}

func subnet(tag int) string { return fmt.Sprintf("10.77.%d.N", tag) }

// checkHeard wants every machine to hear those that carry its VLANs, with each tag, and no others.
func (l *Lab) checkHeard(ctx context.Context, since time.Time) error {
	for _, tag := range l.watcher.vlans {
		want := matrix{}
		for _, from := range l.machines {
			for _, to := range l.machines {
				want[pair{from.name, to.name}] = from != to && to.vlan(tag) != 0 && from.carries(to.vlan(tag))
			}
		}
		err := until(ctx, func() (bool, any, error) {
			got := l.watcher.since(since, tag)
			if wrong := got.without(want); len(wrong) > 0 {
				return false, nil, fmt.Errorf("heard with tag %d, and must not be: %v", tag, wrong)
			}
			return got.equal(want), want.without(got), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
