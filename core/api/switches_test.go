package api_test

import (
	"strings"
	"testing"
)

// settings are what switch s1 is registered with.
func (s *site) settings() string {
	s.tb.Helper()
	sw, err := s.store.Switch(s.tb.Context(), "s1")
	if err != nil {
		s.tb.Fatal(err)
	}
	return string(sw.Settings)
}

func TestSwitchUpdate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/switch/s1", switchBody)
	for _, step := range []struct{ body, want string }{
		{``, `{"hostname": "h", "username": "u", "password": "p"}`},
		{`{"hostname": "h2"}`, `{"hostname": "h2", "username": "u", "password": "p"}`},
		{`{"type": "` + switchType + `", "password": "new"}`, `{"hostname": "h2", "username": "u", "password": "new"}`},
		{`{"password": null, "username": "v"}`, `{"hostname": "h2", "username": "v"}`},
	} {
		if r := s.call("POST", "/switch/s1/settings", step.body); r.status != 200 || r.body != "" {
			t.Fatalf("%s: %d %s", step.body, r.status, r.body)
		}
		if got := s.settings(); !same(step.want, got) {
			t.Errorf("after %s the settings are %s, want %s", step.body, got, step.want)
		}
	}
	if r := s.call("GET", "/switch/s1", ""); !strings.Contains(r.body, switchType) {
		t.Errorf("the switch is %s", r.body)
	}
}

func TestSwitchUpdateRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/switch/s1", switchBody)
	before := s.settings()
	for name, c := range map[string]struct {
		path, body string
		status     int
		kind, says string
	}{
		"a missing switch":      {"/switch/s2/settings", `{}`, 404, "NotFoundError", "s2"},
		"no type":               {"/switch/s1/settings", `{"type": null}`, 400, "ValidationError", "type: must not be null"},
		"a type that is none":   {"/switch/s1/settings", `{"type": 5, "password": "hush"}`, 400, "ValidationError", "type"},
		"an empty type":         {"/switch/s1/settings", `{"type": ""}`, 400, "ValidationError", "type: expected length >= 1"},
		"another type":          {"/switch/s1/settings", `{"type": "http://x/y", "password": "hush"}`, 400, "BadArgumentError", "type: switch s1 is of type " + switchType},
		"an unknown setting":    {"/switch/s1/settings", `{"password": "hush", "colour": "hush"}`, 400, "BadArgumentError", "colour: is not a setting"},
		"a wrong kind of value": {"/switch/s1/settings", `{"password": ["hush"]}`, 400, "BadArgumentError", "must be a string"},
		"NUL":                   {"/switch/s1/settings", `{"password": "hush\u0000"}`, 400, "ValidationError", "NUL"},
	} {
		t.Run(name, func(t *testing.T) {
			e := s.call("POST", c.path, c.body).failure(t, c.status, c.kind)
			if !strings.Contains(e.Msg, c.says) {
				t.Errorf("the text does not say %q: %s", c.says, e.Msg)
			}
		})
	}
	s.call("GET", "/switch/s1/settings", "").failure(t, 405, "MethodNotAllowedError")
	if now := s.settings(); now != before {
		t.Errorf("refused changes were made: %s", now)
	}
	if strings.Contains(s.log.String(), "hush") {
		t.Error("a secret is in the log")
	}
}

func TestSwitchUpdateIsForAdministrators(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/switch/s1", switchBody)
	s.must("PUT", "/auth/basic/user/bob", `{"password": "bobs-password"}`)
	s.user, s.password = "bob", "bobs-password"
	s.call("POST", "/switch/s1/settings", `{"password": "mine"}`).failure(t, 401, "AuthorizationError")
	s.user = ""
	s.call("POST", "/switch/s1/settings", `{"password": "mine"}`).failure(t, 401, "AuthorizationError")
}
