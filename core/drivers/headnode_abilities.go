package drivers

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

// A session with a host has the methods of every ability: whether the driver's own has it, the driver that runs at the time
// of the call says.
var (
	_ headnode.Consoler     = headnodeSession{}
	_ headnode.ConsoleTaker = headnodeSession{}
	_ headnode.Screener     = headnodeSession{}
	_ headnode.Plugger      = headnodeSession{}
	_ headnode.Roomer       = headnodeSession{}
	_ headnode.Seeder       = headnodeSession{}
)

// Console opens a stream that ends with the driver's process; it is the opening that is repeated.
func (s headnodeSession) Console(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return ask(ctx, s.session, func(r headnode.Session) (io.ReadWriteCloser, error) {
		c, ok := r.(headnode.Consoler)
		if !ok {
			return nil, cannot("open the serial console of a headnode")
		}
		return c.Console(ctx, id)
	})
}

// TakeConsole is Console of a line that somebody else may hold.
func (s headnodeSession) TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return ask(ctx, s.session, func(r headnode.Session) (io.ReadWriteCloser, error) {
		t, ok := r.(headnode.ConsoleTaker)
		if !ok {
			return nil, cannot("take the serial console of a headnode from its holder")
		}
		return t.TakeConsole(ctx, id)
	})
}

// Screen opens a stream, as Console does.
func (s headnodeSession) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return ask(ctx, s.session, func(r headnode.Session) (io.ReadWriteCloser, error) {
		v, ok := r.(headnode.Screener)
		if !ok {
			return nil, cannot("open the screen of a headnode")
		}
		return v.Screen(ctx, id)
	})
}

// Plug is Unsupported if the driver's sessions cannot.
func (s headnodeSession) Plug(ctx context.Context, id string, nic headnode.NIC) error {
	return tell(ctx, s.session, func(r headnode.Session) error {
		p, ok := r.(headnode.Plugger)
		if !ok {
			return cannot("plug in a network card of a headnode that was started")
		}
		return p.Plug(ctx, id, nic)
	})
}

// Room is Unsupported if the driver's sessions cannot tell.
func (s headnodeSession) Room(ctx context.Context, image string) (headnode.Room, error) {
	return ask(ctx, s.session, func(r headnode.Session) (headnode.Room, error) {
		m, ok := r.(headnode.Roomer)
		if !ok {
			return headnode.Room{}, cannot("tell how much room a host of headnodes has")
		}
		return m.Room(ctx, image)
	})
}

// CreateSeeded is Unsupported if the driver's sessions cannot.
func (s headnodeSession) CreateSeeded(ctx context.Context, spec headnode.Spec, seed headnode.Seed) error {
	return tell(ctx, s.session, func(r headnode.Session) error {
		v, ok := r.(headnode.Seeder)
		if !ok {
			return cannot("give a headnode SSH keys and user data")
		}
		return v.CreateSeeded(ctx, spec, seed)
	})
}
