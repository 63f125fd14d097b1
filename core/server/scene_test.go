package server_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// mac is a MAC address; nodes may share one.
const mac = "52:54:00:12:34:56"

// house is a running server with three users: root, an administrator; ann and bob, who may see no project yet.
type house struct {
	*servertest.Server
	site *servertest.Site
	// prefix is what stands before every path: nothing or /v0.
	prefix string
	scenes atomic.Int64
}

// newHouse starts a server on the database at uri, an SQLite file of its own if uri is empty.
func newHouse(t *testing.T, uri string, changes servertest.Sections) *house {
	t.Helper()
	site := servertest.NewSite(t, uri, changes)
	site.CreateAdmin(t, "root", "roots-password")
	h := &house{Server: site.Start(t), site: site}
	root := h.As("root", "roots-password")
	root.OK(t, "PUT", "/auth/basic/user/ann", `{"password": "anns-password", "is_admin": false}`)
	root.OK(t, "PUT", "/auth/basic/user/bob", `{"password": "bobs-password", "is_admin": false}`)
	return h
}

// onBoth runs a test on a server of its own on each database.
func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	storetest.EachURI(t, func(t *testing.T, uri string) { test(t, newHouse(t, uri, nil)) })
}

// scene is one test's part of a house: what it makes has names of its own, and so it does not notice the other tests.
// A "~" in a path or a body stands for what makes them its own.
type scene struct {
	t   *testing.T
	h   *house
	own string
	// ann is a member of project p1~, bob one of p2~. Nobody sends no credentials.
	root, ann, bob, nobody actor
}

// scene sets one up, with its projects.
func (h *house) scene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, h: h, own: fmt.Sprintf("-%d", h.scenes.Add(1))}
	s.root, s.ann = s.as("root", "roots-password"), s.as("ann", "anns-password")
	s.bob, s.nobody = s.as("bob", "bobs-password"), s.as("", "")
	s.root.ok("PUT", "/project/p1~", "")
	s.root.ok("PUT", "/project/p2~", "")
	s.root.ok("POST", "/auth/basic/user/ann/add_project", `{"project": "p1~"}`)
	s.root.ok("POST", "/auth/basic/user/bob/add_project", `{"project": "p2~"}`)
	return s
}

func (s *scene) as(user, password string) actor { return actor{s, s.h.As(user, password)} }

func (s *scene) named(text string) string { return strings.ReplaceAll(text, "~", s.own) }

// node registers a node.
func (s *scene) node(node string) {
	s.t.Helper()
	s.root.ok("PUT", "/node/"+node, `{"obm": `+obmOf("bmc-"+node)+`}`)
}

func obmOf(host string) string {
	return fmt.Sprintf(`{"type": %q, "host": %q, "user": "u", "password": "hush"}`, servertest.OBMMock, host)
}

func switchOf(hostname string) string {
	return fmt.Sprintf(`{"type": %q, "hostname": %q, "username": "u", "password": "hush"}`, servertest.SwitchMock, hostname)
}

// cabled registers nodes with a NIC eth0 each, on ports gi1/0/1, gi1/0/2 and so on of the switch s~.
func (s *scene) cabled(nodes ...string) {
	s.t.Helper()
	s.root.ok("PUT", "/switch/s~", switchOf("s~"))
	for i, n := range nodes {
		port := fmt.Sprintf("/switch/s~/port/gi1/0/%d", i+1)
		s.node(n)
		s.root.ok("PUT", "/node/"+n+"/nic/eth0", `{"macaddr": "`+mac+`"}`)
		s.root.ok("PUT", port, "")
		s.root.ok("POST", port+"/connect_nic", `{"node": "`+n+`", "nic": "eth0"}`)
	}
}

// reserved is cabled, with the nodes in project p1~.
func (s *scene) reserved(nodes ...string) {
	s.t.Helper()
	s.cabled(nodes...)
	for _, n := range nodes {
		s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "`+n+`"}`)
	}
}

// network creates a network of project p1~ and gives its VLAN's channel.
func (s *scene) network(network string) (tagged string) {
	s.t.Helper()
	s.ann.ok("PUT", "/network/"+network, `{"creator": "p1~", "access": "p1~", "net_id": ""}`)
	channels, _ := s.ann.ok("GET", "/network/"+network, "").JSON(s.t)["channels"].([]any)
	if len(channels) != 2 {
		s.t.Fatalf("network %s has channels %v", network, channels)
	}
	return fmt.Sprint(channels[1])
}

// hold keeps the switch s~ from changing.
func (s *scene) hold() (release func()) {
	s.t.Helper()
	return s.h.site.Hold(s.t, s.named("s~"))
}

// actor is a user in a scene.
type actor struct {
	s      *scene
	client servertest.Client
}

// do makes a request, with the scene's names in the place of "~".
func (a actor) do(method, path, body string) servertest.Answer {
	a.s.t.Helper()
	return a.client.Do(a.s.t, method, a.s.h.prefix+a.s.named(path), a.s.named(body))
}

// ok makes a request that must succeed.
func (a actor) ok(method, path, body string) servertest.Answer {
	a.s.t.Helper()
	return a.client.OK(a.s.t, method, a.s.h.prefix+a.s.named(path), a.s.named(body))
}

// empty makes a request that must succeed with 200 and nothing to tell.
func (a actor) empty(method, path, body string) {
	a.s.t.Helper()
	if got := a.ok(method, path, body); got.Status != 200 || got.Body != "" {
		a.s.t.Errorf("%s %s: want 200 and no body, got %d %s", method, path, got.Status, got.Body)
	}
}

// fails makes a request that must be refused, in a way that clients of both eras understand.
func (a actor) fails(want refusal, method, path, body string) servertest.Answer {
	a.s.t.Helper()
	got := a.do(method, path, body)
	want.check(a.s.t, method+" "+path, got)
	return got
}

// done makes a networking request whose action must succeed.
func (a actor) done(path, body string) {
	a.s.t.Helper()
	if end := a.client.Act(a.s.t, a.s.h.prefix+a.s.named(path), a.s.named(body)); end["status"] != "DONE" {
		a.s.t.Fatalf("POST %s ended as %v", path, end)
	}
}

// sees makes a GET request whose answer must be the JSON given.
func (a actor) sees(path, want string) {
	a.s.t.Helper()
	got := a.ok("GET", path, "").Body
	if !reflect.DeepEqual(decode(a.s.t, got), decode(a.s.t, a.s.named(want))) {
		a.s.t.Errorf("GET %s:\nwant %s\n got %s", path, a.s.named(want), got)
	}
}

func decodeInto(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("not what was expected: %v\n%s", err, text)
	}
}

func decode(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("no JSON: %v\n%s", err, text)
	}
	return v
}
