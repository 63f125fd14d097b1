package cli

import (
	"context"
	"fmt"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// Apply reads the ports, and enters what they lack. Only lost conversations fail the whole.
func (s *session) Apply(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	defer s.work()()
	changes, err := s.compare(ctx, want)
	if err != nil {
		return nil, err
	}
	v := visit{session: s, changes: changes}
	if err := v.run(ctx); err != nil {
		return nil, fmt.Errorf("configure: %w", err)
	}
	results := make([]netswitch.PortResult, 0, len(changes))
	for _, c := range changes {
		results = append(results, netswitch.PortResult{Port: c.want.Port, Err: c.fault})
	}
	return results, nil
}

// visit is one Apply's way through the configuration mode. Its methods return an error if nothing is known any more; what
// the device refuses is a fault of the ports it is about.
type visit struct {
	*session
	changes []*change
	// last is the step that the device is still in. Some refusals come only when it is left.
	last *step
}

// run closes first what must be looked at again, and then does the rest.
func (v *visit) run(ctx context.Context) error {
	if closings := v.closings(v.changes); len(closings) > 0 {
		if err := v.do(ctx, closings); err != nil {
			return err
		}
		if err := v.look(ctx, (*change).closes, (*change).notClosed); err != nil {
			return err
		}
	}
	if err := v.do(ctx, v.openings(v.changes)); err != nil {
		return err
	}
	if err := v.open(ctx); err != nil {
		return err
	}
	if v.family.Words.Leave && v.terminal.Mode() != "" {
		return v.leave(ctx)
	}
	return nil
}

func (v *visit) do(ctx context.Context, steps []step) error {
	if len(steps) == 0 {
		return nil
	}
	if err := v.configure(ctx); err != nil {
		return err
	}
	for _, st := range steps {
		if err := v.take(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

// open opens what stayed shut and is as it should be.
func (v *visit) open(ctx context.Context) error {
	if len(v.lastly(v.changes)) == 0 {
		return nil
	}
	if err := v.conclude(ctx); err != nil {
		return err
	}
	if err := v.look(ctx, (*change).waits, (*change).notReady); err != nil {
		return err
	}
	return v.do(ctx, v.lastly(v.changes))
}

// conclude leaves the last step.
func (v *visit) conclude(ctx context.Context) error {
	refusal, err := v.settle(ctx)
	last := v.last
	v.last = nil
	if err != nil || refusal == nil || last == nil {
		return err
	}
	return v.alone(ctx, *last)
}

// look asks the running configuration about some ports. Those that it shows otherwise than they should be are not opened.
func (v *visit) look(ctx context.Context, about func(*change) bool, fault func(*change, Port) *sdk.Error) error {
	var names []string
	for _, c := range v.changes {
		if c.fault == nil && about(c) {
			names = append(names, c.want.Port)
		}
	}
	found, err := v.find(ctx, names)
	if err != nil {
		return err
	}
	for _, c := range v.changes {
		if c.fault != nil || !about(c) {
			continue
		}
		if e := fault(c, found[c.want.Port].Port); e != nil {
			c.fail(e)
		}
	}
	return nil
}

// configure enters the configuration mode, unless an earlier visit has left the device there.
func (v *visit) configure(ctx context.Context) error {
	if v.terminal.Mode() != "" {
		return nil
	}
	line := v.family.Words.Configure
	words, err := v.terminal.Run(ctx, line)
	if err == nil && v.terminal.Mode() == "" {
		return unexpected(line, words)
	}
	return err
}

// leave ends the configuration mode.
func (v *visit) leave(ctx context.Context) error {
	refusal, err := v.say(ctx, v.family.Words.End)
	if err != nil {
		return err
	}
	if last := v.last; refusal != nil && last != nil {
		v.last = nil
		if err := v.configure(ctx); err != nil {
			return err
		}
		if err := v.alone(ctx, *last); err != nil {
			return err
		}
		_, err = v.say(ctx, v.family.Words.End)
	}
	return err
}
