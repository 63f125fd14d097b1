package cli_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
)

// fields are the names of an Invalid error's complaints.
func fields(err error) []string {
	e, ok := errors.AsType[*sdk.Error](err)
	if !ok || e.Code != sdk.Invalid {
		return nil
	}
	var names []string
	for _, f := range e.Fields {
		names = append(names, f.Field)
	}
	return names
}

func TestSettings(t *testing.T) {
	t.Parallel()
	f := cli.Family{NeedsDummy: true, Reserved: cli.VLANsOf(4094)}
	defaults := cli.Settings{
		Hostname: "sw-1", Username: "admin", Password: "secret", Transport: "telnet", DummyVLAN: 2222, Save: true, CreateVLANs: true,
		SessionLimit: 1, Deadline: 30 * time.Second,
	}
	for text, change := range map[string]func(*cli.Settings){
		`, "dummy_vlan": 2222`:            func(*cli.Settings) {},
		`, "dummy_vlan": "2222"`:          func(*cli.Settings) {},
		`, "dummy_vlan": 2, "port": 2323`: func(s *cli.Settings) { s.DummyVLAN, s.TCPPort = 2, 2323 },
		`, "dummy_vlan": 4093, "transport": "ssh", "enable_password": "e"`: func(s *cli.Settings) { s.DummyVLAN, s.Transport, s.Enable = 4093, "ssh", "e" },
		`, "dummy_vlan": 2222, "save": false, "create_vlans": false, "session_limit": 16, "idle_close": "5s", "deadline": "1m30s"`: func(s *cli.Settings) {
			s.Save, s.CreateVLANs, s.SessionLimit, s.IdleClose, s.Deadline = false, false, 16, 5*time.Second, 90*time.Second
		},
	} {
		want := defaults
		change(&want)
		if got, err := f.Settings(target(text).Settings, true); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	f := cli.Family{NeedsDummy: true, Reserved: cli.VLANsOf(4094)}
	for text, want := range map[string]string{
		``:                                               "dummy_vlan",
		`, "dummy_vlan": 1`:                              "dummy_vlan",
		`, "dummy_vlan": "1"`:                            "dummy_vlan",
		`, "dummy_vlan": 4094`:                           "dummy_vlan",
		`, "dummy_vlan": 4095`:                           "dummy_vlan",
		`, "dummy_vlan": "x"`:                            "dummy_vlan",
		`, "dummy_vlan": null`:                           "dummy_vlan",
		`, "dummy_vlan": [5]`:                            "dummy_vlan",
		`, "dummy_vlan": 5.5`:                            "dummy_vlan",
		`, "dummy_vlan": 5, "banana": 1`:                 "banana",
		`, "dummy_vlan": 5, "transport": "http"`:         "transport",
		`, "dummy_vlan": 5, "port": 0`:                   "port",
		`, "dummy_vlan": 5, "port": 65536`:               "port",
		`, "dummy_vlan": 5, "session_limit": 0`:          "session_limit",
		`, "dummy_vlan": 5, "idle_close": "2h"`:          "idle_close",
		`, "dummy_vlan": 5, "deadline": "30"`:            "deadline",
		`, "dummy_vlan": 5, "save": "yes"`:               "save",
		`, "dummy_vlan": 5, "hostname": "a b"`:           "hostname",
		`, "dummy_vlan": 5, "hostname": "a:23"`:          "hostname",
		`, "dummy_vlan": 5, "hostname": "-a"`:            "hostname",
		`, "dummy_vlan": 5, "hostname": ""`:              "hostname",
		`, "dummy_vlan": 5, "username": "a\nb"`:          "username",
		`, "dummy_vlan": 5, "password": "a\rreload"`:     "password",
		`, "dummy_vlan": 5, "enable_password": "\u0003"`: "enable_password",
	} {
		if _, err := f.Settings(target(text).Settings, true); !slices.Equal(fields(err), []string{want}) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := (cli.Family{}).Settings(target(`, "dummy_vlan": 5`).Settings, true); !slices.Equal(fields(err), []string{"dummy_vlan"}) {
		t.Errorf("a dummy VLAN that is not needed: %v", err)
	}
	if _, err := (cli.Family{}).Settings(nil, true); len(fields(err)) != 3 {
		t.Errorf("nothing at all: %v", err)
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]cli.Settings{
		"sw-1:23":          {Hostname: "SW-1", Transport: "telnet"},
		"sw-1:22":          {Hostname: "sw-1", Transport: "ssh"},
		"[2001:db8::1]:99": {Hostname: "2001:DB8::1", Transport: "ssh", TCPPort: 99},
	} {
		if got := s.Address(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	for _, needs := range []bool{true, false} {
		raw, err := cli.Family{NeedsDummy: needs}.Schema()
		var schema struct {
			Required   []string
			Properties map[string]struct {
				WriteOnly   bool
				Description string
			}
		}
		if err = errors.Join(err, json.Unmarshal(raw, &schema)); err != nil {
			t.Fatal(err)
		}
		_, has := schema.Properties["dummy_vlan"]
		if has != needs || slices.Contains(schema.Required, "dummy_vlan") != needs {
			t.Errorf("dummy_vlan is there: %v, want %v", has, needs)
		}
		for name, p := range schema.Properties {
			if p.Description == "" || p.WriteOnly != (name == "password" || name == "enable_password") {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
}
