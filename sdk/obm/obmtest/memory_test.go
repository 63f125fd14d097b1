package obmtest_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

const (
	memoryType   = "http://example.com/haas/v0/obm/memory"
	memorySecret = "open-sesame"
)

const memorySchema = `{
  "type": "object",
  "required": ["host", "password"],
  "additionalProperties": false,
  "properties": {"host": {"type": "string"}, "password": {"type": "string", "writeOnly": true}}
}`

type memorySettings struct {
	Host     string     `json:"host"`
	Password sdk.Secret `json:"password"`
}

// memory is a good driver of one node that is two variables.
type memory struct {
	log hclog.Logger

	mu     sync.Mutex
	on     bool  // guarded by mu
	held   bool  // guarded by mu; somebody has the console
	holder *echo // guarded by mu; the console opened last
}

func (m *memory) Info(context.Context) (sdk.Info, error) {
	t := sdk.Type{URL: memoryType, Title: "Memory controller", Settings: json.RawMessage(memorySchema)}
	return sdk.Info{Name: "obm-memory", Version: "1.0.0", Types: []sdk.Type{t}}, nil
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
	if s.Password == "" {
		return s, sdk.InvalidSetting("password", "must be given")
	}
	return s, nil
}

func (m *memory) Open(_ context.Context, target sdk.Target) (obm.Session, error) {
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

func (s memorySession) PowerOn(context.Context) error  { return s.turn(true) }
func (s memorySession) PowerOff(context.Context) error { return s.turn(false) }
func (s memorySession) Close() error                   { return nil }

func (s memorySession) PowerCycle(context.Context, bool) error { return s.turn(true) }

func (s memorySession) turn(on bool) error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.on = on
	return nil
}

func (s memorySession) PowerStatus(context.Context) (obm.Power, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.m.on {
		return obm.PowerOn, nil
	}
	return obm.PowerOff, nil
}

func (s memorySession) SetBootDevice(_ context.Context, dev obm.BootDevice) error {
	switch dev {
	case obm.BootNone, obm.BootDisk, obm.BootPXE:
		return nil
	default:
		return &sdk.Error{Code: sdk.Invalid, Text: "no such boot device"}
	}
}

func (s memorySession) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.m.held {
		return nil, &sdk.Error{Code: sdk.Busy, Text: "somebody else holds the console", Retryable: true}
	}
	s.m.held = true
	s.m.holder = newEcho(ctx, s.m.release)
	return s.m.holder, nil
}

func (m *memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = false
}

// echo is a console that gives back what it gets, until it is closed or its context ends.
type echo struct {
	net.Conn
	close func() error
}

func newEcho(ctx context.Context, release func()) *echo {
	near, far := net.Pipe()
	go func() { _, _ = io.Copy(far, far) }()
	e := &echo{Conn: near}
	e.close = sync.OnceValue(func() error {
		defer release()
		_ = far.Close()
		return near.Close()
	})
	context.AfterFunc(ctx, func() { _ = e.close() })
	return e
}

func (e *echo) Close() error { return e.close() }
