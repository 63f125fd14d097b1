package api_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// newCabledSite is a site with node n1 in project p1, its NIC eth0 on port gi1/0/2 of switch s1, and network w1.
func newCabledSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.must("PUT", "/project/p1", "")
	s.must("PUT", "/switch/s1", switchBody)
	s.must("PUT", "/switch/s1/port/GI1/0/2", "")
	s.must("PUT", "/node/n1", nodeBody)
	s.must("PUT", "/node/n1/nic/eth0", `{"macaddr": "52:54:00:00:00:01"}`)
	s.must("POST", "/project/p1/connect_node", `{"node": "n1"}`)
	s.must("POST", "/switch/s1/port/GI1/0/2/connect_nic", `{"node": "n1", "nic": "eth0"}`)
	s.must("PUT", "/network/w1", `{"owner": "p1", "access": "p1", "net_id": ""}`)
	return s
}

const (
	closed = `{"native":null,"tagged":[],"up":false}`
	// The cable is new, so the switch has not confirmed yet that the port is closed.
	portIs = `{"port":"GI1/0/2","device_name":"gi1/0/2","node":"n1","nic":"eth0","wanted":` + closed + `,"pending":true,`
)

func TestStates(t *testing.T) {
	t.Parallel()
	const absent = `"switch s1 does not have the port; correct its name, or delete it"`
	for name, c := range map[string]struct {
		running []netswitch.PortState
		// want is the rest of the port's state, without its end.
		want    string
		inOrder bool
	}{
		"in order": {[]netswitch.PortState{{Port: "gi1/0/2"}}, `"running":` + closed + `,"in_order":true,"difference":null,"error":null`, true},
		"another VLAN": {
			[]netswitch.PortState{{Port: "gi1/0/2", Native: 7, Tagged: []int{8, 9}, Up: true}},
			`"running":{"native":7,"tagged":[8,9],"up":true},"in_order":false,"difference":"running carries VLANs 7 (native), 8-9, wanted closed","error":null`, false,
		},
		"no such port": {nil, `"in_order":false,"difference":"the switch does not have the port","error":` + absent, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCabledSite(t)
			s.device.carries(c.running...)
			port := portIs + c.want + "}"
			for _, path := range []string{"/v0/switch/s1/port/GI1%2F0%2F2/state", "/switch/s1/port/GI1/0/2/state"} {
				if r := s.call("GET", path, ""); r.status != 200 || !same(port, r.body) {
					t.Errorf("%s: want %s, got %d %s", path, port, r.status, r.body)
				}
			}
			verdict := map[bool]string{true: "true", false: "false"}[c.inOrder]
			check := `{"switch":"s1","in_order":` + verdict + `,"unsaved_since":null,"last_error":null,"ports":[` + port + `]}`
			if r := s.call("GET", "/switch/s1/check", ""); r.status != 200 || !same(check, r.body) {
				t.Errorf("want %s, got %d %s", check, r.status, r.body)
			}
		})
	}
}

func TestSwitchTest(t *testing.T) {
	t.Parallel()
	s := newCabledSite(t)
	s.device.carries(netswitch.Closed("gi1/0/1"), netswitch.Closed("gi1/0/3"))
	want := `{"switch":"s1","listed":true,"ports":["gi1/0/1","gi1/0/3"],"missing":["GI1/0/2"]}`
	if r := s.call("POST", "/switch/s1/test", ""); r.status != 200 || !same(want, r.body) {
		t.Errorf("want %s, got %d %s", want, r.status, r.body)
	}
}

// plans are the calls that can be dry runs, with what they plan for the port of newCabledSite.
var plans = []struct{ path, body, line string }{
	{"/node/n1/nic/eth0/connect_network", `{"network": "w1"}`, "gi1/0/2 [100] up=true"},
	{"/switch/s1/port/GI1/0/2/revert", "", "gi1/0/2 [] up=false"},
}

func TestDryRunsRecordNothing(t *testing.T) {
	t.Parallel()
	s := newCabledSite(t)
	for _, c := range plans {
		want := `{"switch":"s1","port":"GI1/0/2","lines":["` + c.line + `"]}`
		// An action that was recorded would block the next.
		for range 2 {
			if r := s.call("POST", c.path+"?dry_run=true", c.body); r.status != 200 || !same(want, r.body) {
				t.Errorf("%s: want %s, got %d %s", c.path, want, r.status, r.body)
			}
		}
	}
	r := s.call("POST", plans[0].path+"?dry_run=false", plans[0].body)
	if r.status != 202 || !strings.Contains(r.body, "status_id") {
		t.Errorf("the real thing: %d %s", r.status, r.body)
	}
	s.call("POST", plans[1].path+"?dry_run=true", "").failure(t, 409, "BlockedError")
	s.call("POST", "/node/n1/nic/eth0/detach_network?dry_run=true", `{"network": "w1"}`).failure(t, 409, "BlockedError")
}

func TestRevertKeepsItsStatus(t *testing.T) {
	t.Parallel()
	s := newCabledSite(t)
	if r := s.call("POST", "/switch/s1/port/GI1/0/2/revert", ""); r.status != 200 || !same(`{"status_id":"UUID"}`, mask(r.body)) {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestSwitchesThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	s := newCabledSite(t)
	for _, c := range []struct {
		code   sdk.Code
		status int
	}{{sdk.Denied, 502}, {sdk.Refused, 502}, {sdk.Unavailable, 503}, {sdk.Timeout, 504}} {
		s.device.fails(&sdk.Error{Code: c.code, Text: "log in to s1: Login incorrect"})
		for _, call := range [][3]string{
			{"GET", "/switch/s1/check"}, {"GET", "/switch/s1/port/GI1/0/2/state"}, {"POST", "/switch/s1/test"},
			{"POST", plans[0].path + "?dry_run=true", plans[0].body}, {"POST", plans[1].path + "?dry_run=true"},
		} {
			e := s.call(call[0], call[1], call[2]).failure(t, c.status, "SwitchError")
			if !strings.Contains(e.Msg, "Login incorrect") {
				t.Errorf("%s leaves out the device's words: %s", call[1], e.Msg)
			}
		}
	}
}

func TestStatesAreForAdministrators(t *testing.T) {
	t.Parallel()
	s := newCabledSite(t)
	s.must("PUT", "/auth/basic/user/bob", `{"password": "bobs-password"}`)
	s.must("POST", "/auth/basic/user/bob/add_project", `{"project": "p1"}`)
	s.user, s.password = "bob", "bobs-password"
	for _, call := range [][2]string{
		{"GET", "/switch/s1/check"}, {"GET", "/switch/s1/port/GI1/0/2/state"}, {"POST", "/switch/s1/test"}, {"POST", plans[1].path + "?dry_run=true"},
	} {
		s.call(call[0], call[1], "").failure(t, 401, "AuthorizationError")
	}
	if r := s.call("POST", plans[0].path+"?dry_run=true", plans[0].body); r.status != 200 {
		t.Errorf("a plan of one's own node: %d %s", r.status, r.body)
	}
}

func TestStatesOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newCabledSite(t)
	for _, call := range [][2]string{
		{"GET", "/switch/s9/check"}, {"GET", "/switch/s1/port/GI1/0/9/state"}, {"GET", "/switch/s9/port/p/state"}, {"POST", "/switch/s9/test"},
	} {
		s.call(call[0], call[1], "").failure(t, 404, "NotFoundError")
	}
}

// same compares JSON texts without regard to the order of members.
func same(want, got string) bool {
	var w, g any
	return json.Unmarshal([]byte(want), &w) == nil && json.Unmarshal([]byte(got), &g) == nil && reflect.DeepEqual(w, g)
}
