package cli

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// session is a logged-in conversation with one switch. It remembers nothing of the switch between calls.
type session struct {
	family   Family
	set      Settings
	terminal Terminal
	log      hclog.Logger
	free     func()
	ended    atomic.Bool

	mu   sync.Mutex // held during a call, so that rest does not end one
	idle *time.Timer
}

var (
	_ netswitch.Session    = (*session)(nil)
	_ netswitch.PortLister = (*session)(nil)
)

func newSession(f Family, set Settings, t Terminal, free func(), log hclog.Logger) *session {
	s := &session{family: f, set: set, terminal: t, log: log, free: free}
	if set.IdleClose > 0 {
		s.idle = time.AfterFunc(set.IdleClose, s.rest)
	}
	return s
}

// Read asks the running configuration.
func (s *session) Read(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
	defer s.work()()
	found, err := s.find(ctx, ports)
	if err != nil {
		return nil, err
	}
	states := make([]netswitch.PortState, 0, len(ports))
	for _, name := range ports {
		port, ok := found[name]
		if !ok {
			return nil, noPort(name)
		}
		states = append(states, port.State())
	}
	return states, nil
}

// ListPorts asks the running configuration for its ports.
func (s *session) ListPorts(ctx context.Context) ([]string, error) {
	defer s.work()()
	ports, err := s.family.Read(ctx, s.show, nil, s.set)
	if err != nil {
		return nil, fmt.Errorf("list ports: %w", err)
	}
	names := make([]string, 0, len(ports))
	for _, p := range ports {
		names = append(names, p.Name)
	}
	return names, nil
}

// Alive reports whether the session can take another call.
func (s *session) Alive() bool { return !s.ended.Load() && s.terminal.Alive() }

// Close logs out, and frees the device's session.
func (s *session) Close() error {
	defer s.work()()
	return s.end()
}

// find reads ports by name. A single port that the device refuses to know is not there.
func (s *session) find(ctx context.Context, names []string) (map[string]placed, error) {
	if len(names) == 0 {
		return nil, nil
	}
	ports, err := s.family.Read(ctx, s.show, names, s.set)
	if sdk.CodeOf(err) == sdk.NotFound && len(names) == 1 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read ports: %w", err)
	}
	found := make(map[string]placed, len(ports))
	for i, p := range ports {
		found[p.Name] = placed{Port: p, place: i}
	}
	return found, nil
}

// placed is a port, and where the device has it in its order.
type placed struct {
	Port
	place int
}

// show enters an exec line, whatever the mode.
func (s *session) show(ctx context.Context, line string) (string, error) {
	return s.terminal.Run(ctx, s.exec(line))
}

// exec is how an exec line is written in the present mode.
func (s *session) exec(line string) string {
	if s.terminal.Mode() != "" {
		return s.family.Words.Do + line
	}
	return line
}

// work marks the session as used until the function it gives is called.
func (s *session) work() func() {
	s.mu.Lock()
	if s.idle == nil {
		return s.mu.Unlock
	}
	s.idle.Stop()
	return func() {
		if !s.ended.Load() {
			s.idle.Reset(s.set.IdleClose)
		}
		s.mu.Unlock()
	}
}

// rest ends a session that nobody uses.
func (s *session) rest() {
	if !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	if err := s.end(); err != nil {
		s.log.Debug("closing an idle session failed", "err", err)
	}
}

// end closes the terminal once.
func (s *session) end() error {
	if s.ended.Swap(true) {
		return nil
	}
	defer s.free()
	return s.terminal.Close()
}

func noPort(name string) *sdk.Error {
	return &sdk.Error{Code: sdk.NotFound, Text: "the switch has no port " + name}
}
