package server_test

import "slices"

func strangerCreatesProject(s *scene) {
	s.nobody.fails(unauthorized, "PUT", "/project/p3~", "")
	s.root.fails(notFound, "GET", "/project/p3~/nodes", "")
}

func wrongPassword(s *scene) {
	s.as("root", "wrong").fails(unauthorized, "GET", "/projects", "")
	s.as("unknown", "wrong").fails(unauthorized, "GET", "/projects", "")
	s.ann.fails(unauthorized, "GET", "/projects", "")
}

func projectCreatedOnce(s *scene) {
	s.root.empty("PUT", "/project/p3~", "")
	s.root.fails(duplicate, "PUT", "/project/p3~", "")
}

func bodyIsJSON(s *scene) {
	s.root.empty("PUT", "/project/p3~", "{}")
	s.node("n1~")
	form := s.ann
	form.client.ContentType = "application/x-www-form-urlencoded"
	form.empty("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
}

func junkFirst(s *scene) {
	for _, a := range []actor{s.root, s.nobody, s.as("root", "wrong")} {
		a.fails(invalid, "PUT", "/node/n1~", "{not json")
	}
	s.root.fails(notFound, "GET", "/node/n1~", "")
}

func malformedMembers(s *scene) {
	for body, field := range map[string]string{
		`{"node": "n1", "colour": "red"}`: "colour",
		`{}`:                              "node",
		`{"node": 5}`:                     "node",
		`{"node": null}`:                  "node",
		`{"node": "n1", "project": "p"}`:  "project",
	} {
		blames(s.t, s.ann.fails(invalid, "POST", "/project/p1~/connect_node", body), field)
	}
}

func bodyNoObject(s *scene) {
	for _, body := range []string{`[]`, `5`, `"x"`, `null`, `true`} {
		s.root.fails(invalid, "PUT", "/project/p3~", body)
	}
	s.root.fails(notFound, "GET", "/project/p3~/nodes", "")
}

func projectsSorted(s *scene) {
	s.root.ok("PUT", "/project/P~", "")
	s.root.ok("PUT", "/project/_~", "")
	names := s.root.ok("GET", "/projects", "").List(s.t)
	if !slices.IsSorted(names) {
		s.t.Errorf("not sorted: %v", names)
	}
	for _, name := range []string{"p1~", "p2~", "P~", "_~"} {
		if !slices.Contains(names, s.named(name)) {
			s.t.Errorf("%s is missing: %v", s.named(name), names)
		}
	}
}

func missingProject(s *scene) { s.root.fails(notFound, "DELETE", "/project/none~", "") }

func projectInUse(s *scene) {
	s.node("n1~")
	for _, use := range []struct{ method, path, body, undoMethod, undo, undoBody string }{
		{"POST", "/project/p1~/connect_node", `{"node": "n1~"}`, "POST", "/project/p1~/detach_node", `{"node": "n1~"}`},
		{"PUT", "/network/w1~", `{"creator": "p1~", "access": "p1~", "net_id": ""}`, "DELETE", "/network/w1~", ""},
		{"PUT", "/network/w2~", `{"creator": "admin", "access": "p1~", "net_id": ""}`, "DELETE", "/network/w2~", ""},
		{"PUT", "/headnode/h1~", `{"project": "p1~", "base_img": "base-headnode"}`, "DELETE", "/headnode/h1~", ""},
	} {
		s.root.ok(use.method, use.path, use.body)
		s.root.fails(blocked, "DELETE", "/project/p1~", "")
		s.root.ok(use.undoMethod, use.undo, use.undoBody)
	}
	s.root.empty("DELETE", "/project/p1~", "")
}

func nodeReservedOnce(s *scene) {
	s.node("n1~")
	s.ann.empty("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	s.root.fails(blocked, "POST", "/project/p2~/connect_node", `{"node": "n1~"}`)
	s.ann.fails(blocked, "POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
}

func reserveForOthers(s *scene) {
	s.node("n1~")
	s.ann.fails(unauthorized, "POST", "/project/p2~/connect_node", `{"node": "n1~"}`)
	s.ann.fails(notFound, "POST", "/project/none~/connect_node", `{"node": "n1~"}`)
	s.ann.fails(notFound, "POST", "/project/p1~/connect_node", `{"node": "none~"}`)
}

func nodeLists(s *scene) {
	s.node("n2~")
	s.node("n1~")
	s.listed("n1~", true)
	s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	s.listed("n1~", false)
	s.ann.sees("/project/p1~/nodes", `["n1~"]`)
	s.ann.ok("POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	s.listed("n1~", true)
}

// listed wants a node among all nodes, and among the free ones if it is free, by every path to the lists.
func (s *scene) listed(node string, free bool) {
	s.t.Helper()
	for path, want := range map[string]bool{
		"/nodes/all": true, "/node/all": true, "/nodes/free": free, "/node/free": free, "/free_nodes": free,
	} {
		names := s.bob.ok("GET", path, "").List(s.t)
		if !slices.IsSorted(names) || slices.Contains(names, s.named(node)) != want {
			s.t.Errorf("GET %s: sorted, %s in it: want %v, got %v", path, s.named(node), want, names)
		}
	}
}

func nodeShown(s *scene) {
	s.node("n1~")
	s.root.ok("PUT", "/node/n1~/nic/eth0", `{"macaddr": "52-54-00-12-34-56"}`)
	const nics = `"nics": [{"label": "eth0", "macaddr": "` + mac + `", "networks": {}}], "metadata": {}}`
	s.bob.sees("/node/n1~", `{"name": "n1~", "project": null, `+nics)
	s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	s.ann.sees("/node/n1~", `{"name": "n1~", "project": "p1~", `+nics)
	s.bob.fails(unauthorized, "GET", "/node/n1~", "")
}

func releaseForeignNode(s *scene) {
	s.node("n1~")
	s.ann.fails(notFound, "POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	s.bob.ok("POST", "/project/p2~/connect_node", `{"node": "n1~"}`)
	s.ann.fails(notFound, "POST", "/project/p1~/detach_node", `{"node": "n1~"}`)
	s.bob.sees("/project/p2~/nodes", `["n1~"]`)
}

func usersManaged(s *scene) {
	const user = "/auth/basic/user/carol~"
	s.root.empty("PUT", user, `{"password": "carols-password", "is_admin": false}`)
	s.root.fails(duplicate, "PUT", user, `{"password": "carols-password", "is_admin": false}`)
	s.root.empty("POST", user+"/add_project", `{"project": "p1~"}`)
	s.root.fails(duplicate, "POST", user+"/add_project", `{"project": "p1~"}`)
	carol := s.as(s.named("carol~"), "carols-password")
	carol.sees("/project/p1~/nodes", `[]`)
	s.root.empty("POST", user+"/remove_project", `{"project": "p1~"}`)
	s.root.fails(notFound, "POST", user+"/remove_project", `{"project": "p1~"}`)
	carol.fails(unauthorized, "GET", "/project/p1~/nodes", "")
	s.root.empty("DELETE", user, "")
	s.root.fails(notFound, "DELETE", user, "")
	carol.fails(unauthorized, "GET", "/nodes/free", "")
}

func powerAllowed(s *scene) {
	s.node("n1~")
	for _, path := range []string{"/node/n1~/power_cycle", "/node/n1~/power_off", "/node/n1~/power_on"} {
		s.ann.fails(unauthorized, "POST", path, "")
		s.root.empty("POST", path, "")
	}
	s.ann.ok("POST", "/project/p1~/connect_node", `{"node": "n1~"}`)
	for _, path := range []string{"/node/n1~/power_cycle", "/node/n1~/power_off", "/node/n1~/power_on"} {
		s.bob.fails(unauthorized, "POST", path, "")
		s.ann.empty("POST", path, "")
		s.root.empty("POST", path, "")
	}
}
