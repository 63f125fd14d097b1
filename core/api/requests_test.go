package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

func TestSpellings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/switch/s1", switchBody)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"put", "/project/p1", "", 200},
		{"PUT", "/v0/project/p2", "{}", 200},
		{"Put", "/project/a%20b", " \n", 200},
		{"GET", "/projects", "ignored", 200},
		{"GET", "//v0/projects", "", 200},
		{"GET", "/projects?limit=1&after=p1", "", 200},
		{"HEAD", "/projects", "", 200},
		{"OPTIONS", "/projects", "", 200},
		{"OPTIONS", "/switch/s1/port/gi1/0/2/revert", "", 200},
		{"OPTIONS", "/nothing", "", 404},
		{"GET", "/projects/", "", 404},
		{"GET", "/headnode_images/", "", 200},
		{"GET", "/headnode_images", "", 200},
		{"GET", "/node/free", "", 200},
		{"GET", "/nodes/all", "", 200},
		{"GET", "/nodes/whatever", "", 200},
		{"GET", "/free_nodes", "", 200},
		{"PUT", "/node/free", nodeBody, 400},
		{"PUT", "/switch/s1/port/gi1/0/2", "", 200},
		{"GET", "/v0/switch/s1/port/gi1%2F0/2", "", 200},
		{"DELETE", "/switch/s1/port/gi1%2F0%2F2", "", 200},
		{"DELETE", "/switch/s1/port/gi1/0/2", "", 404},
		{"PUT", "/%2Fauth%2Fbasic%2Fuser/bob", `{"password": "bobs-password"}`, 200},
		{"DELETE", "/auth/basic/user/bob", "{}", 200},
		{"PUT", "/project/..", "", 400},
		{"PUT", "/project/x%2Fy", "", 400},
		{"PUT", "/project/" + strings.Repeat("x", 300), "", 400},
		{"PUT", "/project/%00", "", 400},
	} {
		if got := s.call(c.method, c.path, c.body); got.status != c.status {
			t.Errorf("%s %s: want %d, got %d %s", c.method, c.path, c.status, got.status, got.body)
		}
	}
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.user = "" // malformed is told before unknown
	for name, c := range map[string]struct {
		method, path, body string
		// names are what the text must name.
		names []string
	}{
		"junk":                     {"PUT", "/node/n1", `{not json`, []string{"JSON"}},
		"a list":                   {"PUT", "/node/n1", `[]`, []string{"object"}},
		"a number":                 {"PUT", "/project/p1", `5`, []string{"object"}},
		"null":                     {"PUT", "/project/p1", `null`, []string{"object"}},
		"a missing member":         {"PUT", "/node/n1/nic/eth0", ``, []string{"macaddr"}},
		"an unknown member":        {"PUT", "/node/n1/nic/eth0", `{"macaddr": "x", "mac": "y"}`, []string{"mac:"}},
		"members of another case":  {"PUT", "/node/n1/nic/eth0", `{"MACADDR": "x"}`, []string{"macaddr", "MACADDR"}},
		"a wrong type":             {"PUT", "/node/n1/nic/eth0", `{"macaddr": 5}`, []string{"macaddr", "string"}},
		"null for a string":        {"PUT", "/node/n1/nic/eth0", `{"macaddr": null}`, []string{"macaddr"}},
		"null for an optional one": {"POST", "/node/n1/nic/eth0/connect_network", `{"network": "w", "channel": null}`, []string{"channel"}},
		"a repeated path argument": {"PUT", "/node/n1/nic/eth0", `{"macaddr": "x", "node": "n1"}`, []string{"node"}},
		"a body for nothing":       {"PUT", "/project/p1", `{"project": "p1"}`, []string{"project"}},
		"a body on DELETE":         {"DELETE", "/project/p1", `{"x": 1}`, []string{"x"}},
		"no type":                  {"PUT", "/switch/s1", `{"hostname": "h"}`, []string{"type"}},
		"no obm":                   {"PUT", "/node/n1", `{"obmd": {}}`, []string{"obm:", "obmd"}},
		"a type that is no text":   {"PUT", "/node/n1", `{"obm": {"type": 5}}`, []string{"obm.type"}},
		"metadata that is a list":  {"PUT", "/node/n1", `{"obm": {"type": "x"}, "metadata": []}`, []string{"metadata"}},
		"access that is a number":  {"PUT", "/network/w1", `{"owner": "p1", "access": 5, "net_id": ""}`, []string{"access"}},
		"neither owner spelling":   {"PUT", "/network/w1", `{"access": "p1", "net_id": ""}`, []string{"owner"}},
		"two owners":               {"PUT", "/network/w1", `{"owner": "p1", "creator": "p2", "access": "p1", "net_id": ""}`, []string{"creator", "owner"}},
		"an unknown query key":     {"GET", "/projects?foo=bar", ``, []string{"foo"}},
		"an empty query value":     {"GET", "/network/w1/attachments?project=", ``, []string{"project"}},
		"a query that is no query": {"GET", "/projects?limit=%zz", ``, []string{"query"}},
		"a limit of nothing":       {"GET", "/projects?limit=0", ``, []string{"limit"}},
		"a dry run of maybe":       {"POST", "/node/n1/nic/eth0/connect_network?dry_run=maybe", `{"network": "w"}`, []string{"dry_run", "boolean"}},
		"a dry run of nothing":     {"POST", "/node/n1/nic/eth0/detach_network?dry_run=", `{"network": "w"}`, []string{"dry_run"}},
		"two dry runs":             {"POST", "/switch/s1/port/gi1/0/2/revert?dry_run=false&dry_run=true", ``, []string{"dry_run"}},
		"a misspelt dry run":       {"POST", "/switch/s1/port/gi1/0/2/revert?dryrun=true", ``, []string{"dryrun"}},
		"a limit that is text":     {"GET", "/projects?limit=x", ``, []string{"limit"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := s.call(c.method, c.path, c.body).failure(t, 400, "ValidationError")
			for _, n := range c.names {
				if !strings.Contains(e.Msg, n) {
					t.Errorf("the text does not name %q: %s", n, e.Msg)
				}
			}
		})
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.call("GET", "/nothing", "").failure(t, 404, "NotFoundError")
	s.call("GET", "/docs/nothing", "").failure(t, 404, "NotFoundError")
	s.call("PUT", "/project//", "").failure(t, 404, "NotFoundError")
	r := s.call("POST", "/project/p1", "")
	r.failure(t, 405, "MethodNotAllowedError")
	if allow := r.header.Get("Allow"); allow != "PUT, DELETE, OPTIONS" {
		t.Errorf("Allow is %q", allow)
	}
}

// endless is a body that counts what is read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestBodiesThatAreTooLargeAreNotRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, c := range map[string]struct {
		length int64
		most   int
	}{"announced": {100 << 20, 0}, "not announced": {-1, 4 << 20}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &endless{}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/project/p1", body)
			r.ContentLength = c.length
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			reply{w.Code, w.Body.String(), w.Header()}.failure(t, 413, "ValidationError")
			if w.Header().Get("Connection") != "close" {
				t.Error("the connection is kept, with the rest of the body on it")
			}
			if body.read > c.most {
				t.Errorf("%d bytes were read", body.read)
			}
		})
	}
}

func TestURLsThatAreTooLongAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if r := s.call("PUT", "/project/"+strings.Repeat("x", 10<<20), ""); r.status < 400 || r.status >= 500 {
		t.Errorf("got %d", r.status)
	}
}

// deadlines is a connection that notes its deadline for reading.
type deadlines struct {
	*httptest.ResponseRecorder
	last time.Time
	set  int
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.last, d.set = t, d.set+1
	return nil
}

// late is a body that does not come.
type late struct{}

func (late) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestSlowBodiesTimeOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	s.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/project/p1", io.MultiReader(strings.NewReader("{"), late{})))
	reply{w.Code, w.Body.String(), w.Header()}.failure(t, 408, "ValidationError")
	if w.last.IsZero() {
		t.Error("there is no deadline for what is left of the body")
	}
}

// net/http reads what is left of a body before it sends the answer, also where there is nothing to read it.
func TestBodiesThatNobodyReadHaveADeadline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/nothing", "/projects"} {
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		s.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("{}")))
		if w.Code < 404 || w.last.IsZero() {
			t.Errorf("%s: got %d and no deadline", path, w.Code)
		}
	}
}

// A deadline left on the connection would end the call itself: net/http takes its passing for the caller's departure.
func TestTheDeadlineEndsWithTheBody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct{ path, body string }{{"/project/p1", ""}, {"/node/n1", nodeBody}} {
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, c.path, strings.NewReader(c.body))
		r.SetBasicAuth(s.user, s.password)
		s.handler.ServeHTTP(w, r)
		if w.Code != 200 || w.set == 0 || !w.last.IsZero() {
			t.Errorf("%s: got %d, %d deadlines, the last one %s", c.path, w.Code, w.set, w.last)
		}
	}
}

func TestContentTypesDoNotMatter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for label, kind := range map[string]string{"n1": "", "n2": "text/plain", "n3": "application/json", "n4": "multipart/form-data; boundary=x", "n5": "+;"} {
		if r := s.do("PUT", "/node/"+label, strings.NewReader(nodeBody), http.Header{"Content-Type": {kind}}); r.status != 200 {
			t.Errorf("%q: %d %s", kind, r.status, r.body)
		}
	}
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, c := range map[string]struct {
		method string
		header http.Header
		status int
	}{
		"cross-site":          {"PUT", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		"cross-site put":      {"put", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		"another origin":      {"PUT", http.Header{"Origin": {"http://elsewhere.example"}}, 403},
		"the same origin":     {"PUT", http.Header{"Origin": {s.url}}, 200},
		"Swagger UI":          {"PUT", http.Header{"Sec-Fetch-Site": {"same-origin"}}, 200},
		"a link from outside": {"GET", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := s.do(c.method, "/project/"+strings.ReplaceAll(name, " ", "%20"), http.NoBody, c.header)
			if r.status != c.status {
				t.Fatalf("got %d %s", r.status, r.body)
			}
			if c.status == 403 {
				r.failure(t, 403, "AuthorizationError")
			}
		})
	}
}
