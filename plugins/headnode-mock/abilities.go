package main

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

var (
	_ headnode.Consoler     = (*session)(nil)
	_ headnode.ConsoleTaker = (*session)(nil)
	_ headnode.Screener     = (*session)(nil)
	_ headnode.Plugger      = (*session)(nil)
	_ headnode.Roomer       = (*session)(nil)
	_ headnode.Seeder       = (*session)(nil)
)

// line names a machine's lines among those of all hosts.
func (s *session) line(id string) string { return s.host + "/" + id }

func (s *session) Console(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	if err := s.needRunning(ctx, id); err != nil {
		return nil, err
	}
	c, err := s.driver.consoles.Hold(ctx, s.line(id))
	if err != nil {
		return nil, err
	}
	c.Print("Mock machine " + id + mock.Prompt)
	return c, nil
}

func (s *session) TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	if err := s.needRunning(ctx, id); err != nil {
		return nil, err
	}
	s.driver.consoles.HangUp(s.line(id))
	return s.Console(ctx, id)
}

func (s *session) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	if err := s.needRunning(ctx, id); err != nil {
		return nil, err
	}
	return s.driver.screens.show(ctx, s.line(id), "HaaS mock machine "+id), nil
}

func (s *session) Plug(ctx context.Context, id string, n headnode.NIC) error {
	if err := checkNICs([]headnode.NIC{n}); err != nil {
		return err
	}
	return s.change(ctx, "plug "+n.Label+" of "+id, func(h *host) error { return h.plug(id, n) })
}

// Room counts machines of one size.
func (s *session) Room(ctx context.Context, image string) (headnode.Room, error) {
	room := headnode.Room{Total: s.memory}
	if image != "" {
		if err := s.knows(image); err != nil {
			return room, err
		}
		room.Needed = machineMemory
	}
	if _, err := s.visit(ctx); err != nil {
		return room, err
	}
	h := newHost(s.host)
	err := s.store.Load(s.host, h)
	room.Used = int64(len(h.Machines)) * machineMemory
	return room, err
}

func (s *session) needRunning(ctx context.Context, id string) error {
	m, err := s.look(ctx, id)
	if err != nil || m.Running {
		return err
	}
	return &sdk.Error{Code: sdk.Refused, Text: "machine " + id + " is not running"}
}
