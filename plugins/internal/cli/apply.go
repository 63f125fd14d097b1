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
		if err := v.look(ctx); err != nil {
			return err
		}
	}
	openings := v.openings(v.changes)
	if err := v.do(ctx, openings); err != nil {
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

// look makes sure that what was closed is closed, before it is opened.
func (v *visit) look(ctx context.Context) error {
	var names []string
	for _, c := range v.changes {
		if c.fault == nil && len(c.closing) > 0 {
			names = append(names, c.want.Port)
		}
	}
	found, err := v.find(ctx, names)
	if err != nil {
		return err
	}
	for _, c := range v.changes {
		if c.fault == nil && len(c.closing) > 0 && !found[c.want.Port].isClosed() {
			c.fail(&sdk.Error{Code: sdk.Internal, Retryable: true, Text: fmt.Sprintf(
				"the switch accepted %q, but its running configuration does not show that the port is closed", c.closing)})
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
