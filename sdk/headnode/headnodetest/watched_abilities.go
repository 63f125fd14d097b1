package headnodetest

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// missing is what a watched session answers where the driver's own session lacks the ability, as one in another process
// does.
func missing() error {
	return &sdk.Error{Code: sdk.Unsupported, Text: "the session has no such ability"}
}

func (s watchedSession) Console(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	c, ok := s.Session.(headnode.Consoler)
	if !ok {
		return nil, missing()
	}
	line, err := c.Console(ctx, id)
	return line, s.w.HearError(err)
}

func (s watchedSession) TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	c, ok := s.Session.(headnode.ConsoleTaker)
	if !ok {
		return nil, missing()
	}
	line, err := c.TakeConsole(ctx, id)
	return line, s.w.HearError(err)
}

func (s watchedSession) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	c, ok := s.Session.(headnode.Screener)
	if !ok {
		return nil, missing()
	}
	line, err := c.Screen(ctx, id)
	return line, s.w.HearError(err)
}

func (s watchedSession) Plug(ctx context.Context, id string, nic headnode.NIC) error {
	p, ok := s.Session.(headnode.Plugger)
	if !ok {
		return missing()
	}
	return s.w.HearError(p.Plug(ctx, id, nic))
}

func (s watchedSession) Room(ctx context.Context, image string) (headnode.Room, error) {
	r, ok := s.Session.(headnode.Roomer)
	if !ok {
		return headnode.Room{}, missing()
	}
	room, err := r.Room(ctx, image)
	return room, s.w.HearError(err)
}

func (s watchedSession) CreateSeeded(ctx context.Context, spec headnode.Spec, seed headnode.Seed) error {
	v, ok := s.Session.(headnode.Seeder)
	if !ok {
		return missing()
	}
	return s.w.HearError(v.CreateSeeded(ctx, spec, seed))
}
