package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// power is a node in a list of powers.
type power struct {
	Node, Power, Error string
	Project            *string
	Age                *float64
}

// powers lists the powers that the actor is told, by node without what makes it the scene's own.
func (a actor) powers(query string) map[string]power {
	a.s.t.Helper()
	var list []power
	body := a.ok("GET", "/nodes/power"+query, "").Body
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		a.s.t.Fatalf("no list of powers: %v\n%s", err, body)
	}
	found := map[string]power{}
	for _, p := range list {
		found[strings.TrimSuffix(p.Node, a.s.own)] = p
	}
	return found
}

// fresh are the states of the nodes, asked now.
func (a actor) fresh() map[string]string {
	a.s.t.Helper()
	states := map[string]string{}
	for node, p := range a.powers("?fresh=true") {
		states[node] = p.Power
	}
	return states
}

// follows waits until the server has seen a node's power by itself.
func (a actor) follows(node, state string) {
	a.s.t.Helper()
	servertest.Eventually(a.s.t, node+" is seen to be "+state, func() (bool, any) {
		p := a.powers("")[node]
		return p.Power == state, p
	})
}

// TestPowers shows that the power of all nodes is told to those concerned, and follows what becomes of it.
func TestPowers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		s := h.scene(t)
		if got := s.root.ok("GET", "/v0/nodes/power", "").Body; strings.TrimSpace(got) != "[]" {
			t.Errorf("without nodes: %s", got)
		}
		s.node("n1~")
		s.node("n2~")
		s.node("n3~")
		s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
		s.bob.ok("POST", "/project/p2~/connect_node", `{"node": "n2~"}`)
		s.nobody.fails(unauthorized, "GET", "/nodes/power", "")
		s.ann.follows("n1", "off") // nobody has asked: the server looks at new nodes by itself
		s.ann.ok("POST", "/node/n1~/power_on", "")
		s.ann.follows("n1", "on")
		if got := s.ann.fresh(); len(got) != 1 || got["n1"] != "on" {
			t.Errorf("ann is told %v", got)
		}
		s.root.ok("POST", "/node/n3~/power_cycle", "")
		if got := s.root.fresh(); len(got) != 3 || got["n1"] != "on" || got["n2"] != "off" || got["n3"] != "on" {
			t.Errorf("root is told %v", got)
		}
		n1 := s.ann.powers("")["n1"]
		if n1.Project == nil || *n1.Project != s.named("p1~") || n1.Age == nil || *n1.Age < 0 || n1.Error != "" {
			t.Errorf("n1 is told as %+v", n1)
		}
		if n3 := s.root.powers("")["n3"]; n3.Project != nil {
			t.Errorf("n3 is told as %+v", n3)
		}
		s.bob.empty("PUT", "/node/n2~/obm", `{"enabled": false}`)
		if n2 := s.bob.powers("?fresh=true")["n2"]; n2.Power != "unknown" || n2.Age != nil || !strings.Contains(n2.Error, "disabled") {
			t.Errorf("n2, disabled, is told as %+v", n2)
		}
		s.bob.empty("PUT", "/node/n2~/obm", `{"enabled": true}`)
		s.bob.follows("n2", "off")
		s.root.ok("DELETE", "/node/n3~", "")
		if got := s.root.fresh(); len(got) != 2 {
			t.Errorf("without n3 root is told %v", got)
		}
	})
}

// TestPowersOfManyServers shows that what one server was asked to do, the others know; one that makes a dry run asks
// nobody, and says so.
func TestPowersOfManyServers(t *testing.T) {
	t.Parallel()
	uri := storetest.URI(t, storetest.Postgres)
	h := newHouse(t, uri, nil)
	s := h.scene(t)
	start := func(changes servertest.Sections) (*servertest.Server, actor) {
		started := servertest.NewSite(t, uri, changes).Start(t)
		return started, actor{s, started.As("root", "roots-password")}
	}
	second, other := start(servertest.Sections{"obm-mock": {"state_dir": h.site.State}, "power": {"interval": "0"}})
	_, dry := start(servertest.Sections{"devel": {"dry_run": "true"}})
	s.node("n1~")
	other.follows("n1", "off")
	other.ok("POST", "/node/n1~/power_on", "")
	s.root.follows("n1", "on")
	h.Stop()
	other.ok("POST", "/node/n1~/power_off", "")
	if got := other.fresh(); got["n1"] != "off" {
		t.Errorf("the server that is left tells %v", got)
	}
	second.Stop()
	dry.ok("PUT", "/node/n1~/obm", `{"enabled": true}`)
	db := storetest.OpenURI(t, uri)
	for range 50 { // for much longer than an answer takes
		if p := dry.powers("?fresh=true")["n1"]; p.Power != "unknown" || p.Age != nil || !strings.Contains(p.Error, "dry run") {
			t.Fatalf("a dry run tells %+v", p)
		}
		if open, err := db.PowerWishes(t.Context()); err != nil || len(open) != 1 {
			t.Fatalf("a dry run has asked: %+v is left to ask, %v", open, err)
		}
	}
}

// TestStopWhileControllersAreSilent shows that neither they nor those who wait for them keep the server from stopping.
func TestStopWhileControllersAreSilent(t *testing.T) {
	t.Parallel()
	uri := storetest.URI(t, storetest.SQLite)
	s := newHouse(t, uri, servertest.Sections{"power": {"interval": "1ms"}}).scene(t)
	s.root.ok("PUT", "/node/n1~", `{"obm": `+strings.Replace(obmOf("h"), `"host"`, `"hang": 1, "host"`, 1)+`}`)
	s.node("n2~")
	s.root.follows("n2", "off")
	waiting := make(chan servertest.Answer, 1)
	go func() {
		got, _ := s.root.client.Try(t.Context(), "GET", "/nodes/power?fresh=true", "") // without an answer it is empty
		waiting <- got
	}()
	db := storetest.OpenURI(t, uri)
	servertest.Eventually(t, "somebody waits", func() (bool, any) {
		open, err := db.PowerWishes(t.Context())
		return len(open) > 0, err
	})
	s.h.Stop()
	unavailable.check(t, "GET /nodes/power", <-waiting)
}
