package api_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newHeadnode(t)
	s.must("PUT", "/node/n1", nodeBody)
	for path, allowed := range map[string]string{"/docs": "'self'", "/console/n1": "'none'", "/vnc/h1": "'none'"} {
		page := s.call("GET", path, "")
		if page.status != 200 || strings.Contains(page.body, "//") {
			t.Errorf("%s: got %d %s", path, page.status, page.body)
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src "+allowed+";") {
			t.Errorf("the policy of %s is %q", path, policy)
		}
		files := regexp.MustCompile(`(?:href|src)="(?:\.\./)?([a-z-]+/[^"]+)"`).FindAllStringSubmatch(page.body, -1)
		if len(files) == 0 {
			t.Errorf("%s has no files: %s", path, page.body)
		}
		for _, file := range files {
			if r := s.call("GET", "/"+file[1], ""); r.status != 200 || r.body == "" || r.header.Get("Content-Security-Policy") == "" {
				t.Errorf("%s: got %d, %v", file[1], r.status, r.header)
			}
		}
	}
}

// TestConsolePage gives the page to those who may watch the console, however the node is called, and also if the console
// cannot be had just now: the page says why.
func TestConsolePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, node := range []string{"n1", "index.html", "rack%201%25", "console"} {
		s.must("PUT", "/node/"+node, nodeBody)
		s.must("PUT", "/node/"+node+"/obm", `{"enabled": false}`)
		r := s.call("GET", "/console/"+node, "")
		if r.status != 200 || r.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(r.body, "page.js") {
			t.Errorf("%s: got %d, %v", node, r.status, r.header)
		}
	}
	s.call("GET", "/console/n2", "").failure(t, 404, "NotFoundError")
	s.call("GET", "/v0/console/n1", "").failure(t, 404, "NotFoundError")
	s.call("POST", "/console/n1", "").failure(t, 405, "MethodNotAllowedError")

	s.must("PUT", "/auth/basic/user/bob", `{"password": "bobs-password"}`)
	for user, password := range map[string]string{"bob": "bobs-password", "admin": "wrong", "": ""} {
		s.user, s.password = user, password
		s.call("GET", "/console/n1", "").failure(t, 401, "AuthorizationError")
	}
}

// TestVNCPage gives the page to those who may see the screen, also if there is none just now: the page says why.
func TestVNCPage(t *testing.T) {
	t.Parallel()
	s := newHeadnode(t)
	for _, headnode := range []string{"h1", "new"} {
		r := s.call("GET", "/vnc/"+headnode, "")
		if r.status != 200 || r.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(r.body, "page.js") {
			t.Errorf("%s: got %d, %v", headnode, r.status, r.header)
		}
	}
	s.call("GET", "/vnc/h7", "").failure(t, 404, "NotFoundError")
	for user, password := range map[string]string{"bob": "bob-secret", "admin": "wrong", "": ""} {
		s.user, s.password = user, password
		s.call("GET", "/vnc/h1", "").failure(t, 401, "AuthorizationError")
	}
}

// TestVNCFiles are all that the page loads from one another.
func TestVNCFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	imports := regexp.MustCompile(`(?m)^(?:import|export)[^"';]* from ["'](\.[^"']+)["']`)
	seen := map[string]bool{}
	var load func(name string)
	load = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		r := s.call("GET", name, "")
		if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %d %v", name, r.status, r.header)
		}
		for _, found := range imports.FindAllStringSubmatch(r.body, -1) {
			load(path.Join(path.Dir(name), found[1]))
		}
	}
	load("/vnc-files/page.js")
	if len(seen) < 30 {
		t.Errorf("only %d files were found; is the test blind?", len(seen))
	}
}
