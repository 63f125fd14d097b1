package api_test

import "testing"

func TestHeadnodeHosts(t *testing.T) {
	t.Parallel()
	s := newHeadnode(t)
	const want = `[{"host":"","state":"ok","capacity":null,"used":null,"error":null,"since":null}]` // its driver cannot tell
	for _, path := range []string{"/headnode_hosts", "/v0/headnode_hosts"} {
		if r := s.call("GET", path, ""); r.status != 200 || !equal(t, want, r.body) {
			t.Errorf("%s: got %d %s", path, r.status, r.body)
		}
	}
	s.user, s.password = "bob", "bob-secret"
	s.call("GET", "/headnode_hosts", "").failure(t, 401, "AuthorizationError")
}
