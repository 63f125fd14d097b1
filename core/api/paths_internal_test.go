// Package api, not api_test: the table and the fuzzing are about resolve, which is nobody else's business.
package api

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, raw string
		// want are the segments behind /v0, joined by "|"; empty if there is no such path.
		want string
	}{
		{"GET", "/v0/projects", "projects"},
		{"GET", "/projects", "projects"},
		{"GET", "//projects", "projects"},
		{"GET", "///v0//projects", "projects"},
		{"GET", "/projects/", ""},
		{"GET", "/project//nodes", ""},
		{"GET", "/", ""},
		{"GET", "/v0", "v0"},
		{"GET", "/v0/", ""},
		{"GET", "/v0/healthz", "healthz"},
		{"GET", "/headnode_images/", "headnode_images"},
		{"GET", "/v0/headnode_images/", "headnode_images"},
		{"GET", "/headnode_images", "headnode_images"},
		{"PUT", "/%2Fauth%2Fbasic%2Fuser/bob", "auth|basic|user|bob"},
		{"PUT", "/%2fauth%2Fbasic%2fuser/bob", "auth|basic|user|bob"},
		{"PUT", "/v0/%2Fauth%2Fbasic%2Fuser/bob", "auth|basic|user|bob"},
		{"POST", "/%2Fauth%2Fbasic%2Fuser/bob/add_project", "auth|basic|user|bob|add_project"},
		{"GET", "/node/all", "nodes|all"},
		{"GET", "/v0/node/free", "nodes|free"},
		{"HEAD", "/node/free", "nodes|free"},
		{"DELETE", "/node/free", "node|free"},
		{"GET", "/node/n1", "node|n1"},
		{"GET", "/free_nodes", "nodes|free"},
		{"PUT", "/project/a%20b", "project|a b"},
		{"PUT", "/project/a%2Fb", "project|a/b"},
		{"PUT", "/project/..", "project|.."},
		{"PUT", "/project/%2E%2E", "project|.."},
		{"PUT", "/switch/s/port/gi1%2F0%2F2", "switch|s|port|gi1/0/2"},
		{"PUT", "/switch/s/port/gi1/0/2", "switch|s|port|gi1/0/2"},
		{"GET", "/switch/s/port/gi1/0/2", "switch|s|port|gi1/0/2"},
		{"DELETE", "/v0/switch/s/port/gi1/0%2F2", "switch|s|port|gi1/0/2"},
		{"POST", "/switch/s/port/gi1/0/2/connect_nic", "switch|s|port|gi1/0/2|connect_nic"},
		{"POST", "/switch/s/port/gi1%2F0%2F2/detach_nic", "switch|s|port|gi1/0/2|detach_nic"},
		{"POST", "/switch/s/port/p/revert", "switch|s|port|p|revert"},
		{"GET", "/switch/s/port/gi1/revert", "switch|s|port|gi1/revert"},
		{"POST", "/switch/s/port/revert", "switch|s|port|revert"},
		{"GET", "/switch/s/port/gi1/0/2/state", "switch|s|port|gi1/0/2|state"},
		{"GET", "/switch/s/port/gi1%2F0%2F2/state", "switch|s|port|gi1/0/2|state"},
		{"HEAD", "/switch/s/port/p/state", "switch|s|port|p|state"},
		{"OPTIONS", "/switch/s/port/a/p/state", "switch|s|port|a/p|state"},
		{"GET", "/switch/s/port/state", "switch|s|port|state"},
		{"GET", "/switch/s/port/gi1%2Fstate", "switch|s|port|gi1/state"},
		{"PUT", "/switch/s/port/gi1/state", "switch|s|port|gi1/state"},
		{"POST", "/switch/s/port/gi1/state", "switch|s|port|gi1/state"},
		{"POST", "/switch/s/port/gi1/0/../2/revert", "switch|s|port|gi1/0/../2|revert"},
		{"PUT", "/switch/s/port/gi1/0/", ""},
		{"PUT", "/switch/s/port/%0A", "switch|s|port|\n"},
		{"PUT", "/switch/s/port/%zz", ""},
	} {
		t.Run(c.method+" "+c.raw, func(t *testing.T) {
			t.Parallel()
			got, ok := resolve(c.method, c.raw)
			if ok != (c.want != "") {
				t.Fatalf("got %q, %t", got, ok)
			}
			if want := strings.Split("v0|"+c.want, "|"); ok && !slices.Equal(got, want) {
				t.Errorf("want %q, got %q", want, got)
			}
		})
	}
}

func TestResolveLeavesWhatStandsBesideTheAPI(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"/healthz", "/readyz", "/docs", "/docs/page.js", "/console/n1", "/console-files/page.js", "/openapi.json", "/openapi-3.0.yaml"} {
		got, ok := resolve(http.MethodGet, raw)
		if !ok || "/"+strings.Join(got, "/") != raw {
			t.Errorf("%s became %q, %t", raw, got, ok)
		}
	}
}

// FuzzResolve checks that whatever is asked for, the mux has nothing to clean, and that the way back is the same way.
func FuzzResolve(f *testing.F) {
	for _, raw := range []string{"/v0/projects", "/%2Fauth%2Fbasic%2Fuser/bob", "/switch/s/port/gi1/0/../2/revert", "//v0/../%2e/%00", "/project/%2F", "/docs/x"} {
		f.Add("POST", raw)
	}
	f.Fuzz(func(t *testing.T, method, raw string) {
		found, ok := resolve(method, raw)
		if !ok {
			return
		}
		u := found.url(&url.URL{})
		escaped := u.EscapedPath()
		if path.Clean(escaped) != escaped || !strings.HasPrefix(escaped, "/") {
			t.Errorf("%q became %q, which is not clean", raw, escaped)
		}
		if strings.Count(escaped, "/") != len(found) {
			t.Errorf("%q became %q, which has not the %d segments of %q", raw, escaped, len(found), found)
		}
		again, ok := resolve(method, escaped)
		if !ok || !slices.Equal(again, found) {
			t.Errorf("%q became %q, and that %q", raw, found, again)
		}
	})
}
