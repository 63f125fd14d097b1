package drivers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const goodType = "http://example.org/switches/good"

const playedSchema = `{"type": "object", "properties": {"dir": {"type": "string"}, "password": {"type": "string", "writeOnly": true}}}`

// playDriver is the main function of the drivers of the tests; the name says what is wrong with each.
func playDriver(name string) {
	switch name {
	case "switch-mute": // never says anything
		select {}
	case "switch-v9": // speaks another version of the protocol
		fmt.Println("1|9|unix|/nowhere|grpc|")
		select {}
	}
	p := &played{name: name, says: name, url: "http://example.org/switches/" + name}
	switch name {
	case "switch-good", "switch-rival": // both claim one type
		p.url = goodType
	case "switch-liar":
		p.says = "switch-other"
	}
	netswitch.Serve(func(hclog.Logger) netswitch.Driver {
		if name == "switch-picky" {
			return picky{p}
		}
		return p
	})
}

// picky has settings of its own.
type picky struct{ *played }

func (picky) Configure(_ context.Context, settings map[string]string) error {
	if settings["key"] != "value" {
		return &sdk.Error{Code: sdk.Invalid, Fields: []sdk.FieldError{{Field: "key", Text: "must be value"}}}
	}
	return nil
}

// played is a driver whose devices are files, so that a test can stop it in the middle of a call.
type played struct {
	name, says, url string
}

func (p *played) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: p.says, Version: "1", Types: []sdk.Type{{URL: p.url, Settings: json.RawMessage(playedSchema)}}}, nil
}

// ValidateTarget is the last call of a launch. The crasher lives long enough for its answer to arrive on a busy machine.
func (p *played) ValidateTarget(context.Context, sdk.Target) error {
	if p.name == "switch-crasher" {
		time.AfterFunc(200*time.Millisecond, func() { os.Exit(3) })
	}
	return nil
}

func (p *played) ValidatePort(_ context.Context, _ sdk.Target, port string) (string, error) {
	return port, nil
}

func (p *played) Open(_ context.Context, target sdk.Target) (netswitch.Session, error) {
	var s playedSession
	return s, target.Settings.Decode(&s)
}

// playedSession answers what a test wants to know of the driver's process.
type playedSession struct {
	Dir      string `json:"dir"`
	Password string `json:"password"`
}

func (s playedSession) Read(_ context.Context, ports []string) ([]netswitch.PortState, error) {
	states := []netswitch.PortState{}
	for _, p := range ports {
		states = append(states, netswitch.PortState{Port: p, Native: os.Getpid()})
	}
	return states, nil
}

// Plan is the process's environment.
func (s playedSession) Plan(context.Context, []netswitch.PortState) ([]string, error) {
	return os.Environ(), nil
}

// Apply refuses every port, and an empty visit as a whole, with a secret in its words.
func (s playedSession) Apply(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
	refusal := &sdk.Error{Code: sdk.Refused, Text: "no to " + s.Password}
	if len(want) == 0 {
		return nil, refusal
	}
	return []netswitch.PortResult{{Port: want[0].Port, Err: refusal}}, nil
}

// Save says that it has begun, and ends when it may.
func (s playedSession) Save(ctx context.Context) error {
	if err := os.WriteFile(filepath.Join(s.Dir, fmt.Sprint(os.Getpid())), nil, 0o600); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if _, err := os.Stat(filepath.Join(s.Dir, "go on")); err == nil {
			return nil
		}
		<-time.After(time.Millisecond)
	}
	return ctx.Err()
}

// ListPorts is the number of the process.
func (s playedSession) ListPorts(context.Context) ([]string, error) {
	return []string{fmt.Sprint(os.Getpid())}, nil
}

// Close says that it was called.
func (s playedSession) Close() error {
	if s.Dir == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(s.Dir, "closed"), nil, 0o600)
}
