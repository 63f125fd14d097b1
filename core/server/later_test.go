package server_test

import (
	"slices"
	"testing"
)

// TestLaterAPI shows what clients of the predecessor's later life rely on beyond the first forty.
func TestLaterAPI(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.prefix = "/v0"
		for name, play := range map[string]func(*scene){
			"an action is shown until it is done, and afterwards":  actionShown,
			"a revert takes a port off all networks":               portReverted,
			"a device's refusal is shown in the action's error":    actionFails,
			"access is granted and revoked":                        accessGranted,
			"the last revocation opens no network":                 lastRevocation,
			"networks are listed to those with access":             networksListed,
			"attachments are listed to those concerned":            attachmentsListed,
			"metadata is JSON text":                                metadataText,
			"a switch and a port are shown":                        switchShown,
			"extensions, drivers and users are for administrators": administratorsLists,
			"an administrator changes others, not himself":         adminChanged,
			"out-of-band calls are disabled and enabled":           obmSwitched,
			"a boot device is chosen":                              bootDevice,
			"power status follows power":                           powerStatus,
			"sensors follow power, and show the lamp":              sensorsRead,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				play(h.scene(t))
			})
		}
	})
}

func actionShown(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	release := s.hold()
	id := s.ann.pending(connect, `{"network": "w1~"}`)
	const facts = `"node": "n1~", "nic": "eth0", "type": "modify_port", "channel": "vlan/native", `
	s.ann.sees("/networking_action/"+id, `{"status": "PENDING", `+facts+`"new_network": "w1~"}`)
	s.bob.fails(unauthorized, "GET", "/networking_action/"+id, "")
	release()
	s.ann.settled(id)
	later := s.ann.pending(detach, `{"network": "w1~"}`)
	s.ann.settled(later)
	s.ann.sees("/networking_action/"+later, `{"status": "DONE", `+facts+`"new_network": null}`)
	s.ann.sees("/networking_action/"+id, `{"status": "DONE", `+facts+`"new_network": "w1~"}`)
	s.ann.fails(notFound, "GET", "/networking_action/9a06bb46-9c59-4e9b-9b5d-2c3c4a3f7a58", "")
	s.ann.fails(notFound, "GET", "/networking_action/junk", "")
	s.ann.ok("POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	s.ann.fails(unauthorized, "GET", "/networking_action/"+id, "")
	s.root.ok("GET", "/networking_action/"+id, "")
}

func portReverted(s *scene) {
	const revert = "/switch/s~/port/gi1/0/1/revert"
	s.reserved("n1~")
	s.network("w1~")
	tagged := s.network("w2~")
	s.ann.done(connect, `{"network": "w1~"}`)
	s.ann.done(connect, `{"network": "w2~", "channel": "`+tagged+`"}`)
	s.ann.fails(unauthorized, "POST", revert, "")
	got := s.root.ok("POST", revert, "")
	id, _ := got.JSON(s.t)["status_id"].(string)
	if got.Status != 200 {
		s.t.Errorf("revert answers %d", got.Status)
	}
	s.root.settled(id)
	s.root.sees("/networking_action/"+id, `{"status": "DONE", "node": "n1~", "nic": "eth0", "type": "revert_port", "channel": "", "new_network": null}`)
	s.on(`{}`)
	if got := s.h.site.Device(s.t, s.named("s~")).Running["gi1/0/1"]; got.Up || got.Native != 0 || len(got.Tagged) > 0 {
		s.t.Errorf("the reverted port is %+v", got)
	}
	s.root.ok("PUT", "/switch/s~/port/gi1/0/2", "")
	s.root.fails(notFound, "POST", "/switch/s~/port/gi1/0/2/revert", "")
	s.root.fails(notFound, "POST", "/switch/s~/port/gi1/0/3/revert", "")
}

func actionFails(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	mend := s.h.site.Break(s.t, s.named("s~"))
	id := s.ann.pending(connect, `{"network": "w1~"}`)
	end := s.ann.client.Settled(s.t, id)
	if text, _ := end["error"].(string); end["status"] != "ERROR" || text == "" {
		s.t.Errorf("the action ended as %v", end)
	}
	s.on(`{}`)
	mend()
	s.ann.done(connect, `{"network": "w1~"}`)
	if again := s.ann.client.Settled(s.t, id); again["status"] != "ERROR" {
		s.t.Errorf("after a success the failed action is %v", again)
	}
}

func accessGranted(s *scene) {
	s.cabled("n1~")
	s.network("w1~")
	s.bob.ok("POST", "/project/p2~/connect_node", `{"node": "n1~"}`)
	s.bob.fails(mismatch, "POST", connect, `{"network": "w1~"}`)
	s.bob.fails(unauthorized, "PUT", "/network/w1~/access/p2~", "")
	s.ann.empty("PUT", "/network/w1~/access/p2~", "")
	s.ann.fails(duplicate, "PUT", "/network/w1~/access/p2~", "")
	s.ann.fails(notFound, "PUT", "/network/none~/access/p2~", "")
	s.ann.fails(notFound, "PUT", "/network/w1~/access/none~", "")
	s.bob.done(connect, `{"network": "w1~"}`)
	s.ann.fails(blocked, "DELETE", "/network/w1~/access/p2~", "")
	s.bob.done(detach, `{"network": "w1~"}`)
	s.ann.fails(blocked, "DELETE", "/network/w1~/access/p1~", "")
	s.bob.empty("DELETE", "/network/w1~/access/p2~", "")
	s.ann.fails(notFound, "DELETE", "/network/w1~/access/p2~", "")
	s.bob.fails(unauthorized, "GET", "/network/w1~", "")
}

func lastRevocation(s *scene) {
	s.root.ok("PUT", "/network/w1~", `{"owner": "admin", "access": ["p1~"], "net_id": ""}`)
	s.root.empty("DELETE", "/network/w1~/access/p1~", "")
	s.ann.fails(unauthorized, "GET", "/network/w1~", "")
	if access, isList := s.root.ok("GET", "/network/w1~", "").JSON(s.t)["access"].([]any); !isList || len(access) > 0 {
		s.t.Errorf("after the last revocation access is %v", access)
	}
}

func networksListed(s *scene) {
	s.network("w1~")
	s.root.ok("PUT", "/network/w2~", `{"owner": "admin", "access": "", "net_id": "`+s.vlan()+`"}`)
	for who, sees := range map[*actor]bool{&s.root: true, &s.ann: true, &s.bob: false} {
		networks := who.ok("GET", "/networks", "").JSON(s.t)
		if _, seen := networks[s.named("w1~")]; seen != sees {
			s.t.Errorf("%s sees the network of p1: %v, want %v", who.client.User, seen, sees)
		}
		public, _ := networks[s.named("w2~")].(map[string]any)
		if public["network_id"] != s.vlan() || public["projects"] != nil {
			s.t.Errorf("%s sees the public network as %v", who.client.User, public)
		}
	}
}

func attachmentsListed(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	s.ann.ok("PUT", "/network/w1~/access/p2~", "")
	s.ann.done(connect, `{"network": "w1~"}`)
	const all = `{"n1~": {"nic": "eth0", "channel": "vlan/native", "project": "p1~"}}`
	s.ann.sees("/network/w1~/attachments", all)
	s.ann.sees("/network/w1~/attachments?project=p1~", all)
	s.bob.sees("/network/w1~/attachments?project=p2~", `{}`)
	s.bob.fails(unauthorized, "GET", "/network/w1~/attachments", "")
	s.bob.fails(unauthorized, "GET", "/network/w1~/attachments?project=p1~", "")
	s.ann.fails(notFound, "GET", "/network/w1~/attachments?project=none~", "")
	s.ann.fails(invalid, "GET", "/network/w1~/attachments?project=", "")
	s.ann.fails(invalid, "GET", "/network/w1~/attachments?colour=red", "")
	nodes, _ := s.ann.ok("GET", "/network/w1~", "").JSON(s.t)["connected-nodes"].(map[string]any)
	if len(nodes) != 1 {
		s.t.Errorf("the owner sees the connected nodes %v", nodes)
	}
	nodes, _ = s.bob.ok("GET", "/network/w1~", "").JSON(s.t)["connected-nodes"].(map[string]any)
	if len(nodes) != 0 {
		s.t.Errorf("a guest sees the connected nodes %v", nodes)
	}
}

func metadataText(s *scene) {
	s.root.ok("PUT", "/node/n1~", `{"obm": `+obmOf("h")+`, "metadata": {"rack": "pk", "list": [1, {"a": null}]}}`)
	s.root.empty("PUT", "/node/n1~/metadata/height", `{"value": 42}`)
	s.root.empty("PUT", "/node/n1~/metadata/nothing", `{"value": null}`)
	s.root.empty("PUT", "/node/n1~/metadata/list", `{"value": "replaced"}`)
	s.root.fails(invalid, "PUT", "/node/n1~/metadata/height", `{}`)
	s.root.fails(notFound, "PUT", "/node/none~/metadata/height", `{"value": 42}`)
	s.ann.fails(unauthorized, "PUT", "/node/n1~/metadata/height", `{"value": 42}`)
	s.bob.sees("/node/n1~", `{"name": "n1~", "project": null, "nics": [], "metadata":
		{"rack": "\"pk\"", "list": "\"replaced\"", "height": "42", "nothing": "null"}}`)
	s.root.empty("DELETE", "/node/n1~/metadata/rack", "")
	s.root.fails(notFound, "DELETE", "/node/n1~/metadata/rack", "")
	s.root.fails(invalid, "PUT", "/node/n2~", `{"obm": `+obmOf("h")+`, "metadata": "rack"}`)
	s.root.fails(notFound, "GET", "/node/n2~", "")
}

func switchShown(s *scene) {
	s.reserved("n1~")
	s.network("w1~")
	s.root.ok("PUT", "/switch/s~/port/gi1/0/2", "")
	shown := s.root.ok("GET", "/switch/s~", "").JSON(s.t)
	if shown["name"] != s.named("s~") || len(shown["ports"].([]any)) != 2 || shown["capabilities"].([]any)[0] != "nativeless-trunk-mode" {
		s.t.Errorf("the switch is shown as %v", shown)
	}
	s.root.sees("/switch/s~/port/gi1/0/2", `{}`)
	s.root.sees("/switch/s~/port/gi1%2F0%2F1", `{"node": "n1~", "nic": "eth0", "networks": {}}`)
	s.ann.done(connect, `{"network": "w1~"}`)
	s.root.sees("/switch/s~/port/gi1/0/1", `{"node": "n1~", "nic": "eth0", "networks": {"vlan/native": "w1~"}}`)
	s.root.sees("/node/n1~", `{"name": "n1~", "project": "p1~", "metadata": {}, "nics": [{"label": "eth0",
		"macaddr": "`+mac+`", "networks": {"vlan/native": "w1~"}, "port": "gi1/0/1", "switch": "s~"}]}`)
	s.root.fails(notFound, "GET", "/switch/none~", "")
	s.root.fails(notFound, "GET", "/switch/s~/port/gi1/0/3", "")
	s.ann.fails(unauthorized, "GET", "/switch/s~", "")
	s.ann.fails(unauthorized, "GET", "/switch/s~/port/gi1/0/1", "")
}

func administratorsLists(s *scene) {
	for _, path := range []string{"/active_extensions", "/drivers", "/auth/basic/users", "/switches", "/projects"} {
		s.ann.fails(unauthorized, "GET", path, "")
	}
	names := s.root.ok("GET", "/active_extensions", "").List(s.t)
	if !slices.IsSorted(names) || !slices.Contains(names, "haas.ext.auth.database") {
		s.t.Errorf("the extensions are %v", names)
	}
	users := s.root.ok("GET", "/auth/basic/users", "").JSON(s.t)
	ann, _ := users["ann"].(map[string]any)
	projects, _ := ann["projects"].([]any)
	if ann["is_admin"] != false || !slices.Contains(projects, any(s.named("p1~"))) {
		s.t.Errorf("ann is listed as %v", ann)
	}
}

func adminChanged(s *scene) {
	const user = "/auth/basic/user/carol~"
	s.root.ok("PUT", user, `{"password": "carols-password"}`)
	carol := s.as(s.named("carol~"), "carols-password")
	carol.fails(unauthorized, "PATCH", user, `{"is_admin": true}`)
	s.root.empty("PATCH", user, `{"is_admin": true}`)
	carol.ok("GET", "/projects", "")
	carol.fails(illegalState, "PATCH", user, `{"is_admin": false}`)
	s.root.empty("PATCH", user, `{"is-admin": false}`)
	carol.fails(unauthorized, "GET", "/projects", "")
	s.root.fails(notFound, "PATCH", "/auth/basic/user/none~", `{"is_admin": true}`)
	s.root.fails(invalid, "PATCH", user, `{"is_admin": "yes"}`)
	s.root.fails(invalid, "PATCH", user, `{}`)
}

func obmSwitched(s *scene) {
	s.node("n1~")
	s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	s.bob.fails(unauthorized, "PUT", "/node/n1~/obm", `{"enabled": false}`)
	s.ann.empty("PUT", "/node/n1~/obm", `{"enabled": false}`)
	s.ann.empty("PUT", "/node/n1~/obm", `{"enabled": false}`)
	s.ann.fails(blocked, "POST", "/node/n1~/power_cycle", "")
	s.ann.fails(blocked, "GET", "/node/n1~/power_status", "")
	s.ann.fails(blocked, "GET", "/node/n1~/console", "")
	s.ann.fails(blocked, "PUT", "/node/n1~/boot_device", `{"bootdev": "pxe"}`)
	for _, call := range abilityCalls {
		s.ann.fails(blocked, call.method, call.path, call.body)
	}
	s.ann.empty("PUT", "/node/n1~/obm", `{"enabled": true}`)
	s.ann.empty("POST", "/node/n1~/power_cycle", `{"force": true}`)
	s.ann.fails(notFound, "PUT", "/node/none~/obm", `{"enabled": true}`)
}

func bootDevice(s *scene) {
	s.node("n1~")
	for _, dev := range []string{"disk", "pxe", "none"} {
		s.root.empty("PUT", "/node/n1~/boot_device", `{"bootdev": "`+dev+`"}`)
	}
	s.root.empty("PUT", "/node/n1~/boot_device", `{"bootdev": "disk"}`)
	s.root.empty("PUT", "/node/n1~/boot_device", `{"bootdev": "pxe", "once": true}`)
	s.root.ok("POST", "/node/n1~/power_on", "")
	v := s.root.watch("/node/n1~/console")
	v.shows(s.t, "boot device disk") // that of all starts, from before the viewer came
	s.root.ok("POST", "/node/n1~/power_off", "")
	s.root.ok("PUT", "/node/n1~/boot_device", `{"bootdev": "pxe", "once": true}`)
	s.root.ok("POST", "/node/n1~/power_on", "")
	v.shows(s.t, "boot number 2, boot device pxe")
	s.root.ok("POST", "/node/n1~/power_off", "")
	s.root.ok("POST", "/node/n1~/power_on", "")
	v.shows(s.t, "boot number 3, boot device disk")
	blames(s.t, s.root.fails(badArgument, "PUT", "/node/n1~/boot_device", `{"bootdev": "floppy"}`), "bootdev")
	s.ann.fails(unauthorized, "PUT", "/node/n1~/boot_device", `{"bootdev": "disk"}`)
}

func powerStatus(s *scene) {
	s.node("n1~")
	s.root.ok("POST", "/node/n1~/power_on", "")
	s.root.sees("/node/n1~/power_status", `{"power_status": "on"}`)
	s.root.ok("POST", "/node/n1~/power_off", "")
	s.root.sees("/node/n1~/power_status", `{"power_status": "off"}`)
	s.ann.fails(unauthorized, "GET", "/node/n1~/power_status", "")
}

func sensorsRead(s *scene) {
	s.node("n1~")
	fan := func() any {
		var sensors []map[string]any
		decodeInto(s.t, s.root.ok("GET", "/node/n1~/sensors", "").Body, &sensors)
		for _, one := range sensors {
			if one["name"] == "Identify LED" && one["state"] != "on" {
				s.t.Errorf("the lamp is %v", one["state"])
			}
			if one["name"] == "Fan1" {
				return one["value"]
			}
		}
		return "no fan"
	}
	s.root.empty("POST", "/node/n1~/identify", `{"seconds": 200}`)
	if speed := fan(); speed != nil {
		s.t.Errorf("the fan of a node that is off turns at %v", speed)
	}
	s.root.ok("POST", "/node/n1~/power_on", "")
	if speed := fan(); speed != 5400.0 {
		s.t.Errorf("the fan of a node that is on turns at %v", speed)
	}
	var parts []map[string]any
	decodeInto(s.t, s.root.ok("GET", "/node/n1~/inventory", "").Body, &parts)
	if len(parts) < 2 || parts[0]["name"] != "system" || parts[0]["asset_tag"] != s.named("bmc-n1~") {
		s.t.Errorf("the node is made of %v", parts)
	}
}
