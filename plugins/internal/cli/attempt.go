package cli

import (
	"context"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
)

// take does a step from wherever the device is.
func (v *visit) take(ctx context.Context, st step) error {
	if st = st.hopeful(); st.isDone() {
		return nil
	}
	if st.alone {
		v.last = nil
		return v.alone(ctx, st)
	}
	entered, refusal, err := v.try(ctx, st)
	last := v.last
	v.last = &st
	switch {
	case err != nil || refusal == nil:
		return err
	case entered:
		v.last = nil
		return v.divide(ctx, st, refusal)
	}
	// The words may be about the step before, which was just left: each is done again, apart from the other.
	v.last = nil
	if last != nil {
		if err := v.alone(ctx, *last); err != nil {
			return err
		}
	}
	return v.alone(ctx, st)
}

// alone does a step so that whatever is refused is refused to it.
func (v *visit) alone(ctx context.Context, st step) error {
	if st = st.hopeful(); st.isDone() {
		return nil
	}
	if _, err := v.settle(ctx); err != nil {
		return err
	}
	_, refusal, err := v.try(ctx, st)
	if err != nil {
		return err
	}
	late, err := v.settle(ctx)
	if refusal == nil {
		refusal = late
	}
	if err != nil || refusal == nil {
		return err
	}
	return v.divide(ctx, st, refusal)
}

// divide does the halves of a refused step, until only what is to blame fails.
func (v *visit) divide(ctx context.Context, st step, refusal *sdk.Error) error {
	halves := st.halves()
	if len(halves) == 0 {
		return v.fail(ctx, st, refusal)
	}
	for _, half := range halves {
		if err := v.alone(ctx, half); err != nil {
			return err
		}
	}
	return nil
}

// try enters a step's lines until one is refused. Entered says that none of the words is left over from another step.
// Ports are entered from where none are: were that line lost, the prompt would tell, and the lines for these ports would
// not go to others. Between ports that are shut that may be saved, see step.
func (v *visit) try(ctx context.Context, st step) (entered bool, refusal *sdk.Error, err error) {
	if st.isPorts() && v.inPorts() && (v.last == nil || !st.follows(*v.last)) {
		if refusal, err = v.settle(ctx); err != nil || refusal != nil {
			return false, refusal, err
		}
	}
	for i, line := range v.linesOf(st) {
		refusal, err = v.say(ctx, line)
		if err == nil && refusal == nil && st.isPorts() && !v.inPorts() {
			refusal = unexpected(line, "the prompt is not one of ports")
		}
		st.note(i, refusal)
		if err != nil || refusal != nil {
			return i > 0, refusal, err
		}
	}
	if !st.isPorts() {
		refusal, err = v.confirm(ctx, st)
	}
	return true, refusal, err
}

// confirm makes sure that VLANs were created, as far as the prompt or the running configuration tells: ports that are put
// on VLANs that do not exist look well and carry nothing.
func (v *visit) confirm(ctx context.Context, st step) (*sdk.Error, error) {
	lines := v.linesOf(st)
	last, mode := lines[len(lines)-1], v.family.Words.VLANMode
	if mode != "" && v.terminal.Mode() != mode {
		return unexpected(last, "the prompt is not one of VLANs"), nil
	}
	i := slices.IndexFunc(v.changes, func(c *change) bool { return c.told })
	if i < 0 {
		return nil, nil
	}
	port := v.changes[i].want.Port
	found, err := v.find(ctx, []string{port})
	if missing := st.vlans.Minus(found[port].Exist); err == nil && !missing.Empty() {
		return unexpected(lines[0], "the running configuration does not show VLAN "+missing.String()), nil
	}
	return nil, err
}

// fail ends the ports that a refused step is about. One that is half way is shut, for nobody may know what it carries.
func (v *visit) fail(ctx context.Context, st step, refusal *sdk.Error) error {
	if !st.isPorts() {
		for _, c := range v.changes {
			if c.isSome() && slices.ContainsFunc(c.want.VLANs(), st.vlans.Has) {
				c.fail(refusal)
			}
		}
		return nil
	}
	c := st.changes[0]
	c.fail(refusal)
	if !c.touched {
		return nil
	}
	return v.shut(ctx, c)
}

func (v *visit) shut(ctx context.Context, c *change) error {
	if _, err := v.settle(ctx); err != nil {
		return err
	}
	closing := step{changes: []*change{c}, lines: []string{v.family.Words.Shut}}
	_, refusal, err := v.try(ctx, closing)
	if refusal != nil {
		c.fault.Text += "; it could not be shut down either: " + refusal.Text
		v.log.Error("port left half way", "port", c.want.Port, "err", refusal)
	}
	return err
}
