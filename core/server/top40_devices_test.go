package server_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

func nodeRegisteredOnce(s *scene) {
	const body = `{"obm": {"type": "` + servertest.OBMIPMI + `", "host": "h", "user": "u", "password": "hush"}}`
	s.root.empty("PUT", "/node/n1~", body)
	s.root.fails(duplicate, "PUT", "/node/n1~", body)
	s.root.fails(badArgument, "PUT", "/node/n2~", `{"obm": {"type": "http://example.org/obm", "host": "h", "user": "u", "password": "hush"}}`)
	s.root.fails(notFound, "GET", "/node/n2~", "")
	s.ann.fails(unauthorized, "PUT", "/node/n2~", body)
}

func nicRegisteredOnce(s *scene) {
	s.node("n1~")
	s.node("n2~")
	s.root.empty("PUT", "/node/n1~/nic/eth0", `{"macaddr": "`+mac+`"}`)
	s.root.fails(duplicate, "PUT", "/node/n1~/nic/eth0", `{"macaddr": "`+mac+`"}`)
	s.root.empty("PUT", "/node/n2~/nic/eth0", `{"macaddr": "`+mac+`"}`)
	s.root.fails(badArgument, "PUT", "/node/n2~/nic/eth1", `{"macaddr": "not-a-mac"}`)
	s.root.fails(notFound, "PUT", "/node/none~/nic/eth0", `{"macaddr": "`+mac+`"}`)
}

func nodeWithNICs(s *scene) {
	s.node("n1~")
	s.root.ok("PUT", "/node/n1~/nic/eth0", `{"macaddr": "`+mac+`"}`)
	s.root.fails(blocked, "DELETE", "/node/n1~", "")
	s.root.empty("DELETE", "/node/n1~/nic/eth0", "")
	s.root.empty("DELETE", "/node/n1~", "")
	s.root.fails(notFound, "DELETE", "/node/n1~", "")
}

func switchRegisteredOnce(s *scene) {
	s.root.empty("PUT", "/switch/s1~", switchOf("s1~"))
	s.root.fails(duplicate, "PUT", "/switch/s1~", switchOf("s1~"))
	s.root.fails(badArgument, "PUT", "/switch/s2~", `{"type": "http://example.org/switch", "hostname": "h", "username": "u", "password": "hush"}`)
	s.root.fails(notFound, "GET", "/switch/s2~", "")
	s.root.empty("DELETE", "/switch/s1~", "")
}

func portSpelling(s *scene) {
	s.root.ok("PUT", "/switch/s1~", switchOf("s1~"))
	s.root.empty("PUT", "/switch/s1~/port/gi1/0/2", "")
	s.root.fails(duplicate, "PUT", "/switch/s1~/port/gi1%2f0%2f2", "")
	s.root.empty("DELETE", "/switch/s1~/port/gi1%2F0%2F2", "")
	s.root.fails(notFound, "DELETE", "/switch/s1~/port/gi1/0/2", "")
}

func cabledOnce(s *scene) {
	s.cabled("n1~")
	s.node("n2~")
	s.root.ok("PUT", "/node/n2~/nic/eth0", `{"macaddr": "`+mac+`"}`)
	s.root.ok("PUT", "/switch/s~/port/gi1/0/2", "")
	connect := func(port, node, nic string) (method, path, body string) {
		return "POST", "/switch/" + port + "/connect_nic", `{"node": "` + node + `", "nic": "` + nic + `"}`
	}
	for _, c := range []struct {
		want            refusal
		port, node, nic string
	}{
		{duplicate, "s~/port/gi1/0/1", "n1~", "eth0"},
		{duplicate, "s~/port/gi1/0/2", "n1~", "eth0"},
		{duplicate, "s~/port/gi1/0/1", "n2~", "eth0"},
		{notFound, "none~/port/gi1/0/2", "n2~", "eth0"},
		{notFound, "s~/port/gi1/0/9", "n2~", "eth0"},
		{notFound, "s~/port/gi1/0/2", "none~", "eth0"},
		{notFound, "s~/port/gi1/0/2", "n2~", "none"},
	} {
		method, path, body := connect(c.port, c.node, c.nic)
		s.root.fails(c.want, method, path, body)
	}
	s.root.empty(connect("s~/port/gi1/0/2", "n2~", "eth0"))
}

func uncabling(s *scene) {
	s.reserved("n1~")
	s.root.ok("PUT", "/switch/s~/port/gi1/0/2", "")
	s.root.fails(notFound, "POST", "/switch/s~/port/gi1/0/2/detach_nic", "")
	s.root.fails(blocked, "POST", "/switch/s~/port/gi1/0/1/detach_nic", "")
	s.ann.ok("POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	s.root.empty("POST", "/switch/s~/port/gi1/0/1/detach_nic", "")
	s.root.fails(notFound, "POST", "/switch/s~/port/gi1/0/1/detach_nic", "")
}

func switchInUse(s *scene) {
	s.cabled("n1~")
	s.root.fails(blocked, "DELETE", "/switch/s~", "")
	s.root.fails(blocked, "DELETE", "/switch/s~/port/gi1/0/1", "")
	s.root.ok("POST", "/switch/s~/port/gi1/0/1/detach_nic", "")
	s.root.empty("DELETE", "/switch/s~/port/gi1/0/1", "")
	s.root.empty("DELETE", "/switch/s~", "")
}

func headnodeMade(s *scene) {
	s.network("w1~")
	s.root.ok("PUT", "/network/w2~", `{"creator": "admin", "access": "p1~", "net_id": "`+s.vlan()+`"}`)
	s.ann.fails(badArgument, "PUT", "/headnode/h~", `{"project": "p1~", "base_img": "unknown"}`)
	s.ann.empty("PUT", "/headnode/h~", `{"project": "p1~", "base_img": "base-headnode"}`)
	s.ann.fails(duplicate, "PUT", "/headnode/h~", `{"project": "p1~", "base_img": "base-headnode"}`)
	s.bob.fails(unauthorized, "PUT", "/headnode/h2~", `{"project": "p1~", "base_img": "base-headnode"}`)
	s.ann.fails(notFound, "PUT", "/headnode/h2~", `{"project": "none~", "base_img": "base-headnode"}`)
	s.ann.empty("PUT", "/headnode/h~/hnic/eth0", "")
	s.ann.fails(duplicate, "PUT", "/headnode/h~/hnic/eth0", "")
	s.ann.empty("POST", "/headnode/h~/hnic/eth0/connect_network", `{"network": "w1~"}`)
	s.ann.empty("POST", "/headnode/h~/hnic/eth0/connect_network", `{"network": "w1~"}`)
	s.ann.fails(badArgument, "POST", "/headnode/h~/hnic/eth0/connect_network", `{"network": "w2~"}`)
	s.root.fails(blocked, "DELETE", "/network/w1~", "")
	s.ann.sees("/project/p1~/headnodes", `["h~"]`)
	s.ann.empty("DELETE", "/headnode/h~", "")
}

func headnodeFrozen(s *scene) {
	s.network("w1~")
	s.ann.ok("PUT", "/headnode/h~", `{"project": "p1~", "base_img": "base-headnode"}`)
	s.ann.ok("PUT", "/headnode/h~/hnic/eth0", "")
	s.ann.ok("POST", "/headnode/h~/hnic/eth0/connect_network", `{"network": "w1~"}`)
	shown := headnode(s)
	if shown["vncport"] != nil || shown["uuid"] == "" {
		s.t.Errorf("before the start the headnode is %v", shown)
	}
	s.bob.fails(unauthorized, "POST", "/headnode/h~/start", "")
	s.ann.empty("POST", "/headnode/h~/start", "")
	s.ann.fails(illegalState, "PUT", "/headnode/h~/hnic/eth1", "")
	s.ann.fails(illegalState, "DELETE", "/headnode/h~/hnic/eth0", "")
	s.ann.fails(illegalState, "POST", "/headnode/h~/hnic/eth0/connect_network", `{"network": "w1~"}`)
	s.ann.fails(illegalState, "POST", "/headnode/h~/hnic/eth0/detach_network", "")
	if _, isText := headnode(s)["vncport"].(string); !isText {
		s.t.Errorf("a started headnode's vncport is no text: %v", headnode(s))
	}
	s.ann.empty("POST", "/headnode/h~/stop", "")
	s.ann.empty("DELETE", "/headnode/h~", "")
	s.ann.fails(notFound, "GET", "/headnode/h~", "")
}

// headnode shows the headnode h~ and wants all its members but those that vary.
func headnode(s *scene) map[string]any {
	s.t.Helper()
	shown := s.ann.ok("GET", "/headnode/h~", "").JSON(s.t)
	for name, want := range map[string]any{
		"name": s.named("h~"), "project": s.named("p1~"), "base_img": "base-headnode",
	} {
		if shown[name] != want {
			s.t.Errorf("%s is %v instead of %v", name, shown[name], want)
		}
	}
	if hnics, _ := shown["hnics"].([]any); len(hnics) != 1 || hnics[0] != "eth0" || len(shown) != 6 {
		s.t.Errorf("the headnode is %v", shown)
	}
	return shown
}

// TestExhaustedPool is number 27: it needs a server whose pool nobody else uses.
func TestExhaustedPool(t *testing.T) {
	t.Parallel()
	pool := servertest.Sections{"haas.ext.network_allocators.vlan_pool": {"vlans": "5,8-9"}}
	s := newHouse(t, "", pool).scene(t)
	for _, network := range []string{"w1~", "w2~", "w3~"} {
		s.network(network)
	}
	s.ann.fails(exhausted, "PUT", "/network/w4~", `{"creator": "p1~", "access": "p1~", "net_id": ""}`)
	s.root.fails(notFound, "GET", "/network/w4~", "")
	s.ann.sees("/project/p1~/networks", `["w1~", "w2~", "w3~"]`)
	s.ann.empty("DELETE", "/network/w2~", "")
	if channel := s.network("w4~"); channel != "vlan/8" {
		t.Errorf("after VLAN 8 became free the next network is on %s", channel)
	}
}
