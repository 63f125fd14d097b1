package lab

import (
	"context"
	"strconv"

	"github.com/CCI-MOC/haas/openapi/client"
)

// mover is a machine that changes, and a second one of the same project that stays where it is, so that there is
// somebody to hear.
type mover struct {
	*tenant
	machine, still *machine
	front          *front
	native, tagged *network
}

func (v *mover) prepare(ctx context.Context) (err error) {
	if err := v.reserve(ctx, v.machine, v.still); err != nil {
		return err
	}
	if v.native, err = v.create(ctx, v.name+"-native"); err != nil {
		return err
	}
	if v.tagged, err = v.create(ctx, v.name+"-tagged"); err != nil {
		return err
	}
	if err := v.connect(ctx, v.native, v.still); err != nil {
		return err
	}
	return v.connectTagged(ctx, v.tagged, v.still)
}

// change is one networking action of a mover's.
type change struct {
	*mover
	args []string
	// done notes that it has happened.
	done func(context.Context) error
}

func (v *mover) connectNative() change {
	return change{v, []string{"connect", v.machine.name, nic, v.native.name}, func(context.Context) error {
		v.machine.native = v.native
		return nil
	}}
}

func (v *mover) connectTag() change {
	args := []string{"connect", v.machine.name, nic, v.tagged.name, "vlan/" + strconv.Itoa(v.tagged.vlan)}
	return change{v, args, func(ctx context.Context) error { return v.machine.tag(ctx, v.tagged.vlan) }}
}

func (v *mover) detachNative() change {
	return change{v, []string{"detach", v.machine.name, nic, v.native.name}, func(context.Context) error { return v.machine.leave(v.native) }}
}

func (v *mover) detachTag() change {
	return change{v, []string{"detach", v.machine.name, nic, v.tagged.name}, func(context.Context) error { return v.machine.leave(v.tagged) }}
}

// command is the change as the command haas takes it.
func (c change) command() []string { return append([]string{"node", "network"}, c.args...) }

// follow asks for an action until it has ended, also while there is no server to ask.
func (c change) follow(ctx context.Context, id string) (client.Action, error) {
	var last client.Action
	err := until(ctx, func() (bool, any, error) {
		now, err := c.action(ctx, id)
		if err != nil {
			return false, err, ctx.Err()
		}
		last = now
		return last.Status != client.PENDING, last.Status, nil
	})
	return last, err
}

// conclude tells how an action ended, and repeats one that ended in ERROR, without a mishap.
func (c change) conclude(ctx context.Context, ended client.Action) error {
	text := ""
	if ended.Error != nil {
		text = ": " + *ended.Error
	}
	c.lab.say("  %s: %v: %s%s", c.name, c.args, ended.Status, text)
	if ended.Status == client.ERROR {
		if err := c.do(ctx, append(c.command(), "--wait")...); err != nil {
			return err
		}
	}
	return c.done(ctx)
}
