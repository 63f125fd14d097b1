package netswitchtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	memoryType   = "http://example.com/haas/v0/switches/memory"
	memorySecret = "open-sesame"
)

const memorySchema = `{
  "type": "object",
  "required": ["host", "password"],
  "additionalProperties": false,
  "properties": {
    "host": {"type": "string"},
    "password": {"type": "string", "writeOnly": true},
    "slots": {"type": "integer"}
  }
}`

type memorySettings struct {
	Host     string     `json:"host"`
	Password sdk.Secret `json:"password"`
	Slots    int        `json:"slots"`
}

// memory is a good driver of one switch that is a map.
type memory struct {
	log   hclog.Logger
	mu    sync.Mutex
	ports map[string]netswitch.PortState // guarded by mu
}

func newMemory(log hclog.Logger) *memory {
	m := &memory{log: log, ports: map[string]netswitch.PortState{}}
	for _, port := range []string{"port1", "port2", "port3"} {
		m.ports[port] = netswitch.Closed(port)
	}
	return m
}

func (m *memory) Info(context.Context) (sdk.Info, error) {
	t := sdk.Type{
		URL:          memoryType,
		Title:        "Memory switch",
		Settings:     json.RawMessage(memorySchema),
		Capabilities: []string{netswitch.NativelessTrunk},
	}
	return sdk.Info{Name: "switch-memory", Version: "1.0.0", Types: []sdk.Type{t}}, nil
}

func (m *memory) ValidateTarget(_ context.Context, target sdk.Target) error {
	_, err := m.settings(target)
	return err
}

func (m *memory) settings(target sdk.Target) (memorySettings, error) {
	var s memorySettings
	if err := target.Settings.Decode(&s); err != nil {
		return s, err
	}
	if s.Host == "" {
		return s, sdk.InvalidSetting("host", "must be given")
	}
	if s.Password == "" {
		return s, sdk.InvalidSetting("password", "must be given")
	}
	return s, nil
}

var memoryPort = regexp.MustCompile(`\A(?:port|p)([0-9]{1,3})\z`)

func (m *memory) ValidatePort(_ context.Context, _ sdk.Target, port string) (string, error) {
	found := memoryPort.FindStringSubmatch(port)
	if found == nil {
		return "", &sdk.Error{Code: sdk.Invalid, Text: "a port is called port1, port2, ..."}
	}
	return "port" + found[1], nil
}

func (m *memory) Open(_ context.Context, target sdk.Target) (netswitch.Session, error) {
	s, err := m.settings(target)
	if err != nil {
		return nil, err
	}
	m.log.Debug("logging in", "host", s.Host, "password", s.Password)
	if s.Password.Reveal() != memorySecret {
		return nil, &sdk.Error{Code: sdk.Refused, Text: "log in to " + s.Host + ": access denied"}
	}
	return &memorySession{m: m}, nil
}

type memorySession struct{ m *memory }

func (s *memorySession) Read(_ context.Context, ports []string) ([]netswitch.PortState, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	states := make([]netswitch.PortState, 0, len(ports))
	for _, port := range ports {
		state, ok := s.m.ports[port]
		if !ok {
			return nil, absent(port)
		}
		states = append(states, state)
	}
	return states, nil
}

func absent(port string) *sdk.Error {
	return &sdk.Error{Code: sdk.NotFound, Text: "there is no port " + port}
}

func (s *memorySession) Plan(ctx context.Context, want []netswitch.PortState) ([]string, error) {
	var lines []string
	for _, w := range want {
		now, err := s.Read(ctx, []string{w.Port})
		if err != nil {
			return nil, err
		}
		if !now[0].Equal(w) {
			tagged := strings.Fields(strings.Trim(fmt.Sprint(w.Tagged), "[]"))
			lines = append(lines, fmt.Sprintf("%s native %d tagged %s up %t", w.Port, w.Native, strings.Join(tagged, ","), w.Up))
		}
	}
	return lines, nil
}

func (s *memorySession) Apply(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	results := make([]netswitch.PortResult, len(want))
	for i, w := range want {
		results[i].Port = w.Port
		if _, ok := s.m.ports[w.Port]; !ok {
			results[i].Err = absent(w.Port)
			continue
		}
		w.Tagged = slices.Clone(w.Tagged)
		s.m.ports[w.Port] = w
	}
	return results, nil
}

func (s *memorySession) Save(context.Context) error { return nil }

func (s *memorySession) ListPorts(context.Context) ([]string, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return slices.Sorted(maps.Keys(s.m.ports)), nil
}

func (s *memorySession) Close() error { return nil }
