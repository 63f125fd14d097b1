package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/api"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/drivers"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/project/p1", "")
	s.must("PUT", "/node/n1", nodeBody)
	s.must("PUT", "/node/n1/nic/eth0", `{"macaddr": "52:54:00:00:00:01"}`)
	s.must("PUT", "/network/w1", `{"creator": "p1", "access": "p1", "net_id": ""}`)
	s.must("PUT", "/network/w2", `{"owner": "p1", "creator": "p1", "access": ["p1"], "net_id": ""}`)
	for _, c := range []struct {
		method, path, body string
		status             int
		name               string
	}{
		{"PUT", "/project/p1", "", 409, "DuplicateError"},
		{"DELETE", "/project/p9", "", 404, "NotFoundError"},
		{"DELETE", "/node/n1", "", 409, "BlockedError"},
		{"PUT", "/node/n2", `{"obm": {"type": "http://nowhere/x"}}`, 400, "BadArgumentError"},
		{"PUT", "/node/n2", `{"obm": {"type": "` + obmType + `", "password": 5}}`, 400, "BadArgumentError"},
		{"PUT", "/node/n1/nic/eth1", `{"macaddr": "no mac"}`, 400, "BadArgumentError"},
		{"POST", "/node/n1/nic/eth0/connect_network", `{"network": "w1"}`, 409, "ProjectMismatchError"},
		{"PATCH", "/auth/basic/user/admin", `{"is-admin": false}`, 409, "IllegalStateError"},
		{"PUT", "/network/w3", `{"owner": "p1", "access": "p1", "net_id": ""}`, 409, "AllocationError"},
		{"POST", "/node/n1/power_off", "", 502, "OBMError"},
	} {
		t.Run(c.name+" "+c.method+" "+c.path, func(t *testing.T) {
			s.call(c.method, c.path, c.body).failure(t, c.status, c.name)
		})
	}
}

func TestAuthenticationIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, user := range map[string][2]string{
		"no credentials": {"", ""}, "a wrong password": {"admin", "wrong-secret"}, "an unknown user": {"nobody", "admin-secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller := *s
			caller.tb, caller.user, caller.password = t, user[0], user[1]
			r := caller.call("GET", "/projects", "")
			r.failure(t, 401, "AuthorizationError")
			if got := r.header.Get("Www-Authenticate"); got != `Basic realm="HaaS"` {
				t.Errorf("WWW-Authenticate is %q", got)
			}
		})
	}
	r := s.do("GET", "/projects", http.NoBody, http.Header{})
	if r.status != 200 {
		t.Errorf("the right password: %d %s", r.status, r.body)
	}
}

func TestCredentialsThatCannotBeReadAreWrongOnes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.user = ""
	for _, header := range []string{"Basic !", "Bearer x", "x"} {
		s.do("GET", "/projects", http.NoBody, http.Header{"Authorization": {header}}).failure(t, 401, "AuthorizationError")
	}
}

// TestSecretsAreNotRepeated sends secrets where they are wrong in every way, and looks for them in answers and log.
func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const secret = "hunter2-7c1e"
	for _, c := range []struct{ method, path, body string }{
		{"PUT", "/node/n1", `{"obm": {"type": "` + obmType + `", "password": ["` + secret + `"]}}`},
		{"PUT", "/node/n1", `{"obm": {"type": "` + obmType + `", "pasword": "` + secret + `"}}`},
		{"PUT", "/node/n1", `{"obm": "` + secret + `"}`},
		{"PUT", "/node/n1", `{"obm": {"type": ["` + secret + `"]}}`},
		{"PUT", "/node/n1", `{"obm": {"password": "` + secret + `"`},
		{"PUT", "/switch/s1", `{"type": 5, "password": "` + secret + `"}`},
		{"PUT", "/switch/s1", `{"type": "` + switchType + `", "password": {"` + secret + `": 1}}`},
		{"PUT", "/auth/basic/user/u", `{"password": ["` + secret + `"]}`},
		{"PUT", "/auth/basic/user/u", `{"password": "` + secret + `", "is_admin": "` + secret + `"}`},
		{"PUT", "/auth/basic/user/u", `"` + secret + `"`},
		{"PUT", "/auth/basic/user/u", `{"password": "` + secret + `"}`},
	} {
		if r := s.call(c.method, c.path, c.body); strings.Contains(r.body, secret) {
			t.Errorf("%s %s repeats the secret: %s", c.method, c.path, r.body)
		}
	}
	s.user, s.password = "u", secret
	if r := s.call("GET", "/nodes/all", ""); r.status != 200 {
		t.Errorf("the new user cannot log in: %d %s", r.status, r.body)
	}
	if strings.Contains(s.log.String(), secret) {
		t.Errorf("the log has the secret:\n%s", s.log)
	}
	if !strings.Contains(s.log.String(), "path=/nodes/all status=200") {
		t.Errorf("the log has no requests:\n%s", s.log)
	}
}

func TestWhatIsNotTheCallersBusinessGoesToTheLog(t *testing.T) {
	t.Parallel()
	log := &transcript{}
	// Without a service every call of it panics.
	broken := api.New(api.Config{
		Auth: auth.Null{}, Drivers: drivers.Static{}, Version: "test",
		Log: hclog.New(&hclog.LoggerOptions{Output: log}),
	})
	w := httptest.NewRecorder()
	broken.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/projects", http.NoBody))
	e := reply{w.Code, w.Body.String(), w.Header()}.failure(t, 500, "InternalError")
	id := w.Header().Get("X-Request-Id")
	if strings.Contains(e.Msg, "nil pointer") || !strings.Contains(e.Msg, id) {
		t.Errorf("the text is %q", e.Msg)
	}
	if !strings.Contains(log.String(), "nil pointer") || !strings.Contains(log.String(), id) {
		t.Errorf("the log does not tell:\n%s", log)
	}
}
