package headnodetest_test

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

const (
	memoryType   = "http://example.com/haas/v0/headnodes/memory"
	memorySecret = "open-sesame"
)

const memorySchema = `{
  "type": "object",
  "required": ["host"],
  "additionalProperties": false,
  "properties": {"host": {"type": "string"}, "password": {"type": "string", "writeOnly": true}}
}`

type memorySettings struct {
	Host     string     `json:"host"`
	Password sdk.Secret `json:"password"`
}

// memory is a good driver of one host that is a map: absent, off or running.
type memory struct {
	log hclog.Logger

	mu       sync.Mutex
	machines map[string]bool    // guarded by mu
	lines    map[string][]*line // guarded by mu; the open ones of each machine
	holder   map[string]*line   // guarded by mu; who holds the console of each machine
}

func newMemory(log hclog.Logger) *memory {
	return &memory{log: log, machines: map[string]bool{}, lines: map[string][]*line{}, holder: map[string]*line{}}
}

func (m *memory) Info(context.Context) (sdk.Info, error) {
	t := sdk.Type{URL: memoryType, Title: "Memory host", Settings: json.RawMessage(memorySchema)}
	return sdk.Info{Name: "headnode-memory", Version: "1.0.0", Types: []sdk.Type{t}}, nil
}

func (m *memory) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, err := settings(target)
	return err
}

func settings(target sdk.Target) (memorySettings, error) {
	var s memorySettings
	if err := target.Settings.Decode(&s); err != nil {
		return s, err
	}
	if s.Host == "" {
		return s, sdk.InvalidSetting("host", "must be given")
	}
	return s, nil
}

func (m *memory) Open(_ context.Context, target sdk.Target) (headnode.Session, error) {
	s, err := settings(target)
	if err != nil {
		return nil, err
	}
	if s.Password.Reveal() != memorySecret {
		return nil, &sdk.Error{Code: sdk.Refused, Text: "log in to " + s.Host + ": access denied"}
	}
	return memorySession{m}, nil
}

type memorySession struct{ m *memory }

func (s memorySession) Close() error { return nil }

func (s memorySession) Images(context.Context) ([]headnode.Image, error) {
	return []headnode.Image{{Name: "img1", Size: 1 << 30, Checksum: "sha256:00"}, {Name: "img2"}}, nil
}

func (s memorySession) Create(_ context.Context, spec headnode.Spec) error {
	if spec.Image != "img1" && spec.Image != "img2" {
		return &sdk.Error{Code: sdk.Invalid, Text: "there is no such image"}
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if _, ok := s.m.machines[spec.ID]; !ok {
		s.m.machines[spec.ID] = false
	}
	return nil
}

func (s memorySession) Start(_ context.Context, id string) error { return s.turn(id, true) }

func (s memorySession) Stop(ctx context.Context, id string) error {
	if state, err := s.State(ctx, id); err == nil && !state.Running {
		return &sdk.Error{Code: sdk.Refused, Text: id + " does not run"}
	}
	return s.turn(id, false)
}

func (s memorySession) turn(id string, on bool) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if _, ok := s.m.machines[id]; !ok {
		return absent(id)
	}
	s.m.machines[id] = on
	if !on {
		s.m.hangUp(id)
	}
	return nil
}

func absent(id string) error { return &sdk.Error{Code: sdk.NotFound, Text: "there is no " + id} }

func (s memorySession) Delete(_ context.Context, id string) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	delete(s.m.machines, id)
	s.m.hangUp(id)
	return nil
}

func (s memorySession) State(_ context.Context, id string) (headnode.State, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	on, ok := s.m.machines[id]
	if !ok {
		return headnode.State{}, absent(id)
	}
	return headnode.State{Running: on}, nil
}
