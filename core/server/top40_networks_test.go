package server_test

import "fmt"

// vlan is a VLAN outside the pool for this scene alone.
func (s *scene) vlan() string {
	var n int
	_, _ = fmt.Sscanf(s.own, "-%d", &n) // own is made of a number
	return fmt.Sprint(2000 + n)
}

func networkCreatedOnce(s *scene) {
	const body = `{"creator": "p1~", "access": "p1~", "net_id": ""}`
	s.ann.empty("PUT", "/network/w1~", body)
	s.ann.fails(duplicate, "PUT", "/network/w1~", body)
	s.bob.fails(duplicate, "PUT", "/network/w1~", `{"creator": "p2~", "access": "p2~", "net_id": ""}`)
}

func networkOfOthers(s *scene) {
	for _, c := range []struct {
		want                   refusal
		creator, access, netID string
	}{
		{badArgument, "p1~", "p1~", "35"},
		{badArgument, "p1~", "", ""},
		{badArgument, "p1~", "p2~", ""},
		{unauthorized, "admin", "p1~", ""},
		{unauthorized, "p2~", "p2~", ""},
		{notFound, "none~", "none~", ""},
	} {
		s.ann.fails(c.want, "PUT", "/network/w1~", `{"creator": "`+c.creator+`", "access": "`+c.access+`", "net_id": "`+c.netID+`"}`)
	}
	s.root.fails(notFound, "GET", "/network/w1~", "")
}

func networkOfAdmin(s *scene) {
	s.root.empty("PUT", "/network/w1~", `{"creator": "admin", "access": "", "net_id": ""}`)
	s.root.empty("PUT", "/network/w2~", `{"creator": "admin", "access": "p1~", "net_id": ""}`)
	s.root.empty("PUT", "/network/w3~", `{"creator": "admin", "access": "", "net_id": "`+s.vlan()+`"}`)
	s.root.empty("DELETE", "/network/w3~", "")
	s.root.empty("PUT", "/network/w4~", `{"creator": "admin", "access": "p1~", "net_id": "`+s.vlan()+`"}`)
	s.root.fails(duplicate, "PUT", "/network/w5~", `{"creator": "admin", "access": "p1~", "net_id": "`+s.vlan()+`"}`)
	s.root.fails(notFound, "PUT", "/network/w5~", `{"creator": "admin", "access": "none~", "net_id": ""}`)
	for _, id := range []string{"0", "4095", "-1", "garbage", "35.5"} {
		s.root.fails(badArgument, "PUT", "/network/w5~", `{"creator": "admin", "access": "", "net_id": "`+id+`"}`)
	}
	s.root.fails(notFound, "GET", "/network/w5~", "")
}

func networkShown(s *scene) {
	channels := fmt.Sprintf(`"channels": ["vlan/native", %q], "connected-nodes": {}}`, s.network("w1~"))
	s.ann.sees("/network/w1~", `{"name": "w1~", "owner": "p1~", "creator": "p1~", "access": ["p1~"], `+channels)
	s.bob.fails(unauthorized, "GET", "/network/w1~", "")
	s.root.ok("PUT", "/network/w2~", `{"creator": "admin", "access": "", "net_id": "`+s.vlan()+`"}`)
	s.bob.sees("/network/w2~", `{"name": "w2~", "owner": "admin", "creator": "admin", "access": null,
		"channels": ["vlan/native", "vlan/`+s.vlan()+`"], "connected-nodes": {}}`)
	s.bob.fails(notFound, "GET", "/network/none~", "")
}

const connect, detach = "/node/n1~/nic/eth0/connect_network", "/node/n1~/nic/eth0/detach_network"

// on wants the networks, a JSON object, on the NIC of node n1~.
func (s *scene) on(networks string) {
	s.t.Helper()
	s.ann.sees("/node/n1~", `{"name": "n1~", "project": "p1~", "metadata": {},
		"nics": [{"label": "eth0", "macaddr": "`+mac+`", "networks": `+networks+`}]}`)
}

// pending makes a networking request and gives the status_id.
func (a actor) pending(path, body string) string {
	a.s.t.Helper()
	got := a.ok("POST", path, body)
	id, _ := got.JSON(a.s.t)["status_id"].(string)
	if got.Status != 202 || id == "" {
		a.s.t.Fatalf("POST %s: want 202 and a status_id, got %d %s", path, got.Status, got.Body)
	}
	return id
}

// settled follows an action, which must end as DONE.
func (a actor) settled(id string) {
	a.s.t.Helper()
	if end := a.client.Settled(a.s.t, id); end["status"] != "DONE" {
		a.s.t.Fatalf("action ended as %v", end)
	}
}

func connectShows(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	release := s.hold()
	id := s.ann.pending(connect, `{"network": "w1~"}`)
	s.on(`{}`)
	release()
	s.ann.settled(id)
	s.on(`{"vlan/native": "w1~"}`)
	if got := s.h.site.Device(s.t, s.named("s~")).Running["gi1/0/1"]; got.Native == 0 || !got.Up {
		s.t.Errorf("the port is %+v", got)
	}
}

func pendingBlocks(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	s.network("w2~")
	release := s.hold()
	id := s.ann.pending(connect, `{"network": "w1~"}`)
	s.ann.fails(blocked, "POST", connect, `{"network": "w1~"}`)
	s.ann.fails(blocked, "POST", connect, `{"network": "w2~"}`)
	s.ann.fails(blocked, "POST", detach, `{"network": "w1~"}`)
	s.root.fails(blocked, "POST", "/switch/s~/port/gi1/0/1/revert", "")
	release()
	s.ann.settled(id)
	s.ann.done(detach, `{"network": "w1~"}`)
	s.on(`{}`)
}

func channelsTaken(s *scene) {
	s.reserved("n1~")
	tagged1, tagged2 := s.network("w1~"), s.network("w2~")
	s.ann.done(connect, `{"network": "w1~"}`)
	s.ann.fails(blocked, "POST", connect, `{"network": "w1~", "channel": "`+tagged1+`"}`)
	s.ann.fails(blocked, "POST", connect, `{"network": "w2~", "channel": "vlan/native"}`)
	s.ann.done(connect, `{"network": "w2~", "channel": "`+tagged2+`"}`)
	s.on(`{"vlan/native": "w1~", "` + tagged2 + `": "w2~"}`)
}

func channelsLegal(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	for _, channel := range []string{"vlan/1", "vlan/", "vlan/*", "native", "junk", "VLAN/NATIVE"} {
		blames(s.t, s.ann.fails(badArgument, "POST", connect, `{"network": "w1~", "channel": "`+channel+`"}`), "channel")
	}
	s.ann.done(connect, `{"network": "w1~", "channel": ""}`)
	s.on(`{"vlan/native": "w1~"}`)
}

func connectForeign(s *scene) {
	s.cabled("n1~", "n2~", "n3~")
	s.root.ok("PUT", "/node/n1~/nic/eth1", `{"macaddr": "`+mac+`"}`)
	s.network("w1~")
	s.bob.ok("PUT", "/network/w2~", `{"creator": "p2~", "access": "p2~", "net_id": ""}`)
	s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	s.bob.ok("POST", "/project/p2~/connect_node", `{"node": "n2~"}`)
	for _, c := range []struct {
		want               refusal
		node, nic, network string
	}{
		{mismatch, "n3~", "eth0", "w1~"},
		{unauthorized, "n2~", "eth0", "w1~"},
		{mismatch, "n1~", "eth0", "w2~"},
		{notFound, "n1~", "eth1", "w1~"},
		{notFound, "n1~", "eth0", "none~"},
		{notFound, "n1~", "none", "w1~"},
		{notFound, "none~", "eth0", "w1~"},
	} {
		s.ann.fails(c.want, "POST", "/node/"+c.node+"/nic/"+c.nic+"/connect_network", `{"network": "`+c.network+`"}`)
	}
}

func detachAttached(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	s.ann.fails(badArgument, "POST", detach, `{"network": "w1~"}`)
	s.ann.fails(notFound, "POST", detach, `{"network": "none~"}`)
	s.ann.done(connect, `{"network": "w1~"}`)
	s.bob.fails(unauthorized, "POST", detach, `{"network": "w1~"}`)
	s.ann.settled(s.ann.pending(detach, `{"network": "w1~"}`))
	s.on(`{}`)
}

func releaseWhenClear(s *scene) {
	const release, node = "/project/p1~/detach_node", `{"node": "n1~"}`
	s.reserved("n1~")
	s.network("w1~")
	letGo := s.hold()
	id := s.ann.pending(connect, `{"network": "w1~"}`)
	s.ann.fails(blocked, "POST", release, node)
	letGo()
	s.ann.settled(id)
	s.ann.fails(blocked, "POST", release, node)
	letGo = s.hold()
	id = s.ann.pending(detach, `{"network": "w1~"}`)
	s.ann.fails(blocked, "POST", release, node)
	letGo()
	s.ann.settled(id)
	s.ann.empty("POST", release, node)
	s.root.fails(mismatch, "POST", connect, `{"network": "w1~"}`)
}

func deleteWhenDeserted(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	letGo := s.hold()
	id := s.ann.pending(connect, `{"network": "w1~"}`)
	s.ann.fails(blocked, "DELETE", "/network/w1~", "")
	letGo()
	s.ann.settled(id)
	s.ann.fails(blocked, "DELETE", "/network/w1~", "")
	s.bob.fails(unauthorized, "DELETE", "/network/w1~", "")
	s.ann.done(detach, `{"network": "w1~"}`)
	s.bob.fails(unauthorized, "DELETE", "/network/w1~", "")
	s.ann.empty("DELETE", "/network/w1~", "")
	s.ann.fails(notFound, "GET", "/network/w1~", "")
}
