package api_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
)

// TestAnswers walks a small site through its life and compares every answer, to the letter.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const status = `{"status_id":"UUID"}`
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/projects", "", 200, `[]`},
		{"GET", "/networks", "", 200, `{}`},
		{"GET", "/switches", "", 200, `[]`},
		{"GET", "/nodes/all", "", 200, `[]`},
		{"GET", "/headnode_images", "", 200, `["img1"]`},
		{"GET", "/headnode_images/details", "", 200,
			`{"images":[{"name":"img1","available":true,"size":7,"checksum":"sha256:00","description":"Debian"}],"error":null}`},
		{"PUT", "/project/p2", "", 200, ``},
		{"PUT", "/project/p1", "", 200, ``},
		{"GET", "/projects", "", 200, `["p1","p2"]`},
		{"GET", "/projects?limit=1", "", 200, `["p1"]`},
		{"GET", "/projects?after=p1", "", 200, `["p2"]`},
		{"GET", "/project/p1/nodes", "", 200, `[]`},
		{"GET", "/project/p1/networks", "", 200, `[]`},
		{"GET", "/project/p1/headnodes", "", 200, `[]`},
		{"PUT", "/switch/s1", switchBody, 200, ``},
		{"PUT", "/switch/s1/port/gi1/0/2", "", 200, ``},
		{"GET", "/switch/s1", "", 200, `{"name":"s1","type":"` + switchType + `","ports":[{"label":"gi1/0/2"}],"capabilities":[],"unsaved_since":null,"last_error":null}`},
		{"GET", "/switch/s1/port/gi1/0/2", "", 200, `{}`},
		{"PUT", "/node/n1", `{"obm": {"type": "` + obmType + `", "host": "h", "user": "u", "password": "p"}, "metadata": {"rack": "r1"}}`, 200, ``},
		{"PUT", "/node/n1/nic/eth0", `{"macaddr": "52-54-00-00-00-01"}`, 200, ``},
		{"GET", "/node/n1", "", 200, `{"name":"n1","project":null,"nics":[{"label":"eth0","macaddr":"52:54:00:00:00:01","networks":{},"port":null,"switch":null}],"metadata":{"rack":"\"r1\""}}`},
		{"POST", "/project/p1/connect_node", `{"node": "n1"}`, 200, ``},
		{"POST", "/switch/s1/port/gi1/0/2/connect_nic", `{"node": "n1", "nic": "eth0"}`, 200, ``},
		{"GET", "/switch/s1/port/gi1/0/2", "", 200, `{"node":"n1","nic":"eth0","networks":{}}`},
		{"PUT", "/node/n1/metadata/rack", `{"value": null}`, 200, ``},
		{"PUT", "/node/n1/metadata/gone", `{"value": [1, {"a": "b"}]}`, 200, ``},
		{"DELETE", "/node/n1/metadata/gone", "", 200, ``},
		{"GET", "/node/n1", "", 200, `{"name":"n1","project":"p1","nics":[{"label":"eth0","macaddr":"52:54:00:00:00:01","networks":{},"port":"gi1/0/2","switch":"s1"}],"metadata":{"rack":"null"}}`},
		{"GET", "/nodes/free", "", 200, `[]`},
		{"GET", "/project/p1/nodes", "", 200, `["n1"]`},
		{"PUT", "/network/w1", `{"creator": "p1", "access": "p1", "net_id": ""}`, 200, ``},
		{"PUT", "/network/w2", `{"owner": "admin", "access": "", "net_id": "35"}`, 200, ``},
		{"GET", "/network/w1", "", 200, `{"name":"w1","owner":"p1","creator":"p1","access":["p1"],"channels":["vlan/native","vlan/100"],"connected-nodes":{}}`},
		{"GET", "/network/w2", "", 200, `{"name":"w2","owner":"admin","creator":"admin","access":null,"channels":["vlan/native","vlan/35"],"connected-nodes":{}}`},
		{"PUT", "/network/w1/access/p2", "", 200, ``},
		{"GET", "/networks", "", 200, `{"w1":{"network_id":"100","projects":["p1","p2"]},"w2":{"network_id":"35","projects":null}}`},
		{"DELETE", "/network/w1/access/p2", "", 200, ``},
		{"GET", "/network/w1/attachments", "", 200, `{}`},
		{"GET", "/network/w1/attachments?project=p1", "", 200, `{}`},
		{"POST", "/node/n1/nic/eth0/connect_network", `{"network": "w1", "channel": ""}`, 202, status},
		{"POST", "/node/n1/power_on", "", 200, ``},
		{"POST", "/node/n1/power_cycle", "", 200, ``},
		{"POST", "/node/n1/power_cycle", `{"force": true}`, 200, ``},
		{"GET", "/node/n1/power_status", "", 200, `{"power_status":"on"}`},
		{"PUT", "/node/n1/obm", `{"enabled": true}`, 200, ``},
		{"PUT", "/node/n1/console", "", 200, ``},
		{"DELETE", "/node/n1/console", "", 200, ``},
		{"PUT", "/auth/basic/user/bob", `{"password": "bobs-password", "is-admin": false}`, 200, ``},
		{"POST", "/auth/basic/user/bob/add_project", `{"project": "p1"}`, 200, ``},
		{"PATCH", "/auth/basic/user/bob", `{"is_admin": true}`, 200, ``},
		{"GET", "/auth/basic/users", "", 200, `{"admin":{"is_admin":true,"projects":[]},"bob":{"is_admin":true,"projects":["p1"]}}`},
		{"GET", "/active_extensions", "", 200, `["headnode-mock","obm-mock","switch-mock"]`},
		{"GET", "/healthz", "", 200, `{"status":"ok","version":"test"}`},
		{"GET", "/readyz", "", 200, `{"status":"ok","version":"test"}`},
	} {
		got := s.call(c.method, c.path, c.body)
		if got.status != c.status || !equal(t, c.want, mask(got.body)) {
			t.Errorf("%s %s: want %d %s, got %d %s", c.method, c.path, c.status, c.want, got.status, got.body)
		}
	}
}

func TestActionsAndCabling(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/project/p1", "")
	s.must("PUT", "/switch/s1", switchBody)
	s.must("PUT", "/switch/s1/port/p", "")
	s.must("PUT", "/node/n1", nodeBody)
	s.must("PUT", "/node/n1/nic/eth0", `{"macaddr": "52:54:00:00:00:01"}`)
	s.must("POST", "/project/p1/connect_node", `{"node": "n1"}`)
	s.must("POST", "/switch/s1/port/p/connect_nic", `{"node": "n1", "nic": "eth0"}`)
	s.must("PUT", "/network/w1", `{"owner": "p1", "access": "p1", "net_id": ""}`)
	s.must("PUT", "/auth/basic/user/bob", `{"password": "bobs-password"}`)
	s.must("POST", "/auth/basic/user/bob/add_project", `{"project": "p1"}`)

	s.user, s.password = "bob", "bobs-password"
	var id struct {
		StatusID string `json:"status_id"`
	}
	r := s.call("POST", "/node/n1/nic/eth0/connect_network", `{"network": "w1"}`)
	if err := json.Unmarshal([]byte(r.body), &id); err != nil || r.status != 202 {
		t.Fatalf("got %d %s", r.status, r.body)
	}
	r = s.call("GET", "/networking_action/"+id.StatusID, "")
	want := `{"status":"PENDING","node":"n1","nic":"eth0","type":"modify_port","channel":"vlan/native","new_network":"w1"}`
	if r.status != 200 || !equal(t, want, r.body) {
		t.Errorf("the action: got %d %s", r.status, r.body)
	}
	// Where the cables go is for administrators.
	r = s.call("GET", "/node/n1", "")
	want = `{"name":"n1","project":"p1","nics":[{"label":"eth0","macaddr":"52:54:00:00:00:01","networks":{}}],"metadata":{}}`
	if r.status != 200 || !equal(t, want, r.body) {
		t.Errorf("the node: got %d %s", r.status, r.body)
	}
}

func mask(body string) string {
	return regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).ReplaceAllString(body, "UUID")
}

// equal compares JSON texts; empty ones are equal to each other alone.
func equal(t testing.TB, want, got string) bool {
	t.Helper()
	if want == "" || got == "" {
		return want == got
	}
	var w, g bytes.Buffer
	if json.Compact(&w, []byte(want)) != nil || json.Compact(&g, []byte(got)) != nil {
		return false
	}
	return w.String() == g.String()
}
