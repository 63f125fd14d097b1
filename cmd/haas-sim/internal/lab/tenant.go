package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/CCI-MOC/haas/openapi/client"
)

// tenant is a project, and its user of the same name.
type tenant struct {
	account
	lab      *Lab
	machines []*machine
	networks []*network
}

// network is a network of a tenant.
type network struct {
	name string
	vlan int
}

// do runs a command of the tenant's and shows it.
func (t *tenant) do(ctx context.Context, args ...string) error {
	t.lab.show(t.account, args)
	_, err := t.haas(ctx, args...)
	return err
}

// reserve takes free machines.
func (t *tenant) reserve(ctx context.Context, machines ...*machine) error {
	for _, m := range machines {
		if err := t.do(ctx, "project", "node", "add", t.name, m.name); err != nil {
			return err
		}
		t.lab.watcher.owned(m, t.name)
		t.machines = append(t.machines, m)
	}
	return nil
}

// release gives machines back, whose NICs are on no network any more.
func (t *tenant) release(ctx context.Context, machines ...*machine) error {
	for _, m := range machines {
		t.lab.watcher.free(m)
		t.machines = slices.DeleteFunc(t.machines, func(o *machine) bool { return o == m })
		if err := t.do(ctx, "project", "node", "remove", t.name, m.name); err != nil {
			return err
		}
	}
	return nil
}

// create makes a network for the tenant alone.
func (t *tenant) create(ctx context.Context, name string) (*network, error) {
	if err := t.do(ctx, "network", "create", name, t.name); err != nil {
		return nil, err
	}
	shown, err := ask[client.Network](ctx, t.account, "network", "show", name)
	if err != nil {
		return nil, err
	}
	for _, channel := range shown.Channels {
		var vlan int
		if n, _ := fmt.Sscanf(channel, "vlan/%d", &vlan); n == 1 {
			n := &network{name: name, vlan: vlan}
			t.networks = append(t.networks, n)
			return n, nil
		}
	}
	return nil, fmt.Errorf("network %s has no channel with a tag among %v", name, shown.Channels)
}

// connect puts machines on a network, all at once, and waits until their switches show it.
func (t *tenant) connect(ctx context.Context, n *network, machines ...*machine) error {
	return each(machines, func(m *machine) error {
		m.native = n
		return t.do(ctx, "node", "network", "connect", m.name, nic, n.name, "--wait")
	})
}

// connectTagged puts machines on a network whose frames have its tag.
func (t *tenant) connectTagged(ctx context.Context, n *network, machines ...*machine) error {
	return each(machines, func(m *machine) error {
		if err := t.do(ctx, "node", "network", "connect", m.name, nic, n.name, "vlan/"+strconv.Itoa(n.vlan), "--wait"); err != nil {
			return err
		}
		return m.tag(ctx, n.vlan)
	})
}

// detach takes machines off a network.
func (t *tenant) detach(ctx context.Context, n *network, machines ...*machine) error {
	return each(machines, func(m *machine) error {
		if err := m.leave(n); err != nil {
			return err
		}
		return t.do(ctx, "node", "network", "detach", m.name, nic, n.name, "--wait")
	})
}

// leave gives back everything the tenant has.
func (t *tenant) leave(ctx context.Context) error {
	for _, n := range t.networks {
		on := slices.DeleteFunc(slices.Clone(t.machines), func(m *machine) bool { return !m.carries(n.vlan) })
		if err := t.detach(ctx, n, on...); err != nil {
			return err
		}
	}
	if err := t.release(ctx, slices.Clone(t.machines)...); err != nil {
		return err
	}
	for _, n := range t.networks {
		if err := t.do(ctx, "network", "delete", n.name); err != nil {
			return err
		}
	}
	t.networks = nil
	return nil
}

// each does something with all machines at once.
func each(machines []*machine, do func(*machine) error) error {
	errs := make([]error, len(machines))
	var all sync.WaitGroup
	for i, m := range machines {
		all.Go(func() { errs[i] = do(m) })
	}
	all.Wait()
	return errors.Join(errs...)
}
