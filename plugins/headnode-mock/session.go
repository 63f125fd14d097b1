package main

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// downSuffix is behind the name of a host's file in the name of the file that makes the host unreachable while it is there.
const downSuffix = ".down"

// session is a conversation with one mock host. It keeps nothing: the file is the host.
type session struct {
	driver *driver
	store  mock.Store
	faults mock.Faults
	images []string
	host   string
	memory int64 // MiB
}

func (s *session) Images(ctx context.Context) ([]headnode.Image, error) {
	if _, err := s.visit(ctx); err != nil {
		return nil, err
	}
	return describe(s.images), nil
}

func (s *session) Create(ctx context.Context, spec headnode.Spec) error {
	return s.create(ctx, spec, nil)
}

func (s *session) CreateSeeded(ctx context.Context, spec headnode.Spec, sown headnode.Seed) error {
	return s.create(ctx, spec, describeSeed(sown))
}

func (s *session) create(ctx context.Context, spec headnode.Spec, sown *seed) error {
	if err := s.knows(spec.Image); err != nil {
		return err
	}
	if err := checkNICs(spec.NICs); err != nil {
		return err
	}
	return s.change(ctx, "create "+spec.ID, func(h *host) error { h.create(spec, sown); return nil })
}

func (s *session) knows(image string) error {
	if slices.Contains(s.images, image) {
		return nil
	}
	return &sdk.Error{Code: sdk.Invalid, Text: "no image " + image + "; there are " + strings.Join(s.images, ", ")}
}

func (s *session) Start(ctx context.Context, id string) error {
	return s.change(ctx, "start "+id, func(h *host) error { return h.start(id) })
}

func (s *session) Stop(ctx context.Context, id string) error {
	return s.halt(id, s.change(ctx, "stop "+id, func(h *host) error { return h.stop(id) }))
}

func (s *session) Delete(ctx context.Context, id string) error {
	return s.halt(id, s.change(ctx, "delete "+id, func(h *host) error { delete(h.Machines, id); return nil }))
}

// halt ends the lines of a machine that has been turned off.
func (s *session) halt(id string, err error) error {
	if err == nil {
		s.driver.consoles.HangUp(s.line(id))
		s.driver.screens.hangUp(s.line(id))
	}
	return err
}

func (s *session) State(ctx context.Context, id string) (headnode.State, error) {
	m, err := s.look(ctx, id)
	if err != nil {
		return headnode.State{}, err
	}
	return headnode.State{Running: m.Running, VNCPort: m.VNCPort}, nil
}

// look visits the host and gives a machine as it is there.
func (s *session) look(ctx context.Context, id string) (*machine, error) {
	if _, err := s.visit(ctx); err != nil {
		return nil, err
	}
	h := newHost(s.host)
	if err := s.store.Load(s.host, h); err != nil {
		return nil, err
	}
	return h.find(id)
}

func (s *session) Close() error { return nil }

func (s *session) visit(ctx context.Context) (mock.Dice, error) {
	dice := s.driver.dice(s.faults, s.host)
	if _, err := os.Stat(s.store.Path(s.host) + downSuffix); err == nil {
		return dice, &sdk.Error{Code: sdk.Unavailable, Text: s.host + " cannot be reached", Retryable: true}
	}
	return dice, s.faults.Visit(ctx, dice, s.host)
}

// change alters the host's file, nobody else at the same time; a failed change leaves it alone.
func (s *session) change(ctx context.Context, what string, alter func(*host) error) error {
	dice, err := s.visit(ctx)
	if err != nil {
		return err
	}
	if dice.Hit(s.faults.Fail) {
		return mock.Refusal(s.host, what)
	}
	h := newHost(s.host)
	return s.store.Update(s.host, h, func() error { return alter(h) })
}
