package server_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestBothEras shows that a request may be spelt as clients of either era spell it.
func TestBothEras(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "", nil)
	for name, play := range map[string]func(*scene){
		"a network's owner and access have two spellings":     networkSpelling,
		"a user's rank has two spellings":                     rankSpelling,
		"nodes are not called like their lists":               listWords,
		"images are listed with and without a slash":          imagesListed,
		"slashes in front do not matter, elsewhere they do":   slashes,
		"a method may be in lower case":                       lowerCase,
		"a body on GET is ignored":                            bodyOnGet,
		"an unknown path and a wrong method answer with JSON": unknownPath,
		"labels keep blanks and letters of any script":        labelsKept,
		"MAC addresses are normalised":                        macSpelling,
		"VLANs 1 and 4094 may be given":                       vlanEnds,
		"a console is started and stopped by older clients":   consoleOfOld,
		"credentials that are none are refused":               brokenCredentials,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(h.scene(t))
		})
	}
}

func networkSpelling(s *scene) {
	s.ann.empty("PUT", "/network/w1~", `{"owner": "p1~", "access": ["p1~"], "net_id": ""}`)
	s.ann.empty("PUT", "/v0/network/w2~", `{"creator": "p1~", "access": "p1~", "net_id": ""}`)
	s.ann.empty("PUT", "/network/w3~", `{"creator": "p1~", "owner": "p1~", "access": "p1~", "net_id": ""}`)
	s.root.empty("PUT", "/network/w4~", `{"owner": "admin", "access": ["p1~", "p2~"], "net_id": ""}`)
	s.ann.fails(invalid, "PUT", "/network/w5~", `{"creator": "p1~", "owner": "p2~", "access": "p1~", "net_id": ""}`)
	blames(s.t, s.ann.fails(invalid, "PUT", "/network/w5~", `{"owner": "p1~", "access": 5, "net_id": ""}`), "access")
	blames(s.t, s.ann.fails(invalid, "PUT", "/network/w5~", `{"access": "p1~", "net_id": ""}`), "owner")
	blames(s.t, s.ann.fails(invalid, "PUT", "/network/w5~", `{"owner": "p1~", "access": "p1~"}`), "net_id")
	s.bob.sees("/project/p2~/networks", `["w4~"]`)
}

func rankSpelling(s *scene) {
	s.root.empty("PUT", "/auth/basic/user/carol~", `{"password": "secret", "is-admin": true}`)
	s.as(s.named("carol~"), "secret").ok("GET", "/projects", "")
	s.root.empty("PUT", "/auth/basic/user/dave~", `{"password": "secret"}`)
	s.as(s.named("dave~"), "secret").fails(unauthorized, "GET", "/projects", "")
}

func listWords(s *scene) {
	for _, word := range []string{"all", "free"} {
		blames(s.t, s.root.fails(badArgument, "PUT", "/node/"+word, `{"obm": `+obmOf("h")+`}`), "node")
		s.bob.ok("GET", "/node/"+word, "").List(s.t)
	}
}

func imagesListed(s *scene) {
	for _, path := range []string{"/headnode_images", "/headnode_images/", "/v0/headnode_images", "/v0/headnode_images/"} {
		s.bob.sees(path, `["base-headnode", "debian-12"]`)
	}
}

func slashes(s *scene) {
	s.root.empty("PUT", "/%2Fauth%2Fbasic%2Fuser/carol~", `{"password": "secret"}`)
	s.root.empty("DELETE", "//v0/auth/basic/user/carol~", "")
	s.root.empty("PUT", "///project/p3~", "")
	s.root.fails(notFound, "GET", "/projects/", "")
	s.root.ok("PUT", "/switch/s~", switchOf("s~"))
	s.root.empty("PUT", "/switch/s~/port/gi1%2F0/4", "")
	s.root.empty("DELETE", "/v0/switch/s~/port/gi1/0%2f4", "")
}

func lowerCase(s *scene) {
	s.root.empty("put", "/project/p3~", "")
	s.root.empty("Delete", "/project/p3~", "")
}

func bodyOnGet(s *scene) {
	for _, body := range []string{`{"a": 1}`, `{junk`, `[]`} {
		s.root.ok("GET", "/projects", body)
	}
	s.root.fails(invalid, "GET", "/projects?foo=bar", "")
}

func unknownPath(s *scene) {
	s.root.fails(notFound, "GET", "/nothing", "")
	s.root.fails(notFound, "POST", "/v0/project/p1~/nothing", "")
	s.root.fails(notFound, "PUT", "/v1/project/p1~", "")
	got := s.root.fails(notAllowed, "POST", "/project/p1~", "")
	if allow := got.Header.Get("Allow"); !strings.Contains(allow, "PUT") || !strings.Contains(allow, "DELETE") {
		s.t.Errorf("405 allows %q", allow)
	}
	s.nobody.fails(notAllowed, "DELETE", "/projects", "")
}

func labelsKept(s *scene) {
	s.root.empty("PUT", "/project/a%20b~", "")
	s.root.sees("/project/a%20b~/nodes", `[]`)
	s.root.empty("PUT", "/project/%E2%82%AC~", "")
	s.root.empty("DELETE", "/project/€~", "")
	s.root.empty("PUT", "/project/%3F%23%25~", "")
	s.root.empty("DELETE", "/project/%3F%23%25~", "")
}

func macSpelling(s *scene) {
	s.node("n1~")
	for nic, spelling := range map[string]string{"a": "5254.0012.3456", "b": "52-54-00-12-34-56", "c": "52:54:00:AB:CD:EF"} {
		s.root.empty("PUT", "/node/n1~/nic/"+nic, `{"macaddr": "`+spelling+`"}`)
	}
	s.bob.sees("/node/n1~", `{"name": "n1~", "project": null, "metadata": {}, "nics": [
		{"label": "a", "macaddr": "52:54:00:12:34:56", "networks": {}},
		{"label": "b", "macaddr": "52:54:00:12:34:56", "networks": {}},
		{"label": "c", "macaddr": "52:54:00:ab:cd:ef", "networks": {}}]}`)
	blames(s.t, s.root.fails(badArgument, "PUT", "/node/n1~/nic/d", `{"macaddr": "52:54:00:12:34"}`), "macaddr")
}

func vlanEnds(s *scene) {
	for _, id := range []string{"1", "4094"} {
		s.root.empty("PUT", "/network/w~", `{"owner": "admin", "access": "", "net_id": "`+id+`"}`)
		s.root.empty("DELETE", "/network/w~", "")
	}
}

func consoleOfOld(s *scene) {
	s.node("n1~")
	s.ann.fails(unauthorized, "PUT", "/node/n1~/console", "")
	s.root.empty("PUT", "/node/n1~/console", "")
	s.ann.fails(unauthorized, "DELETE", "/node/n1~/console", "")
	s.root.empty("DELETE", "/node/n1~/console", "")
}

func brokenCredentials(s *scene) {
	for _, who := range []actor{s.as("root", ""), s.as("root", strings.Repeat("x", 5000)), s.as(strings.Repeat("x", 5000), "x")} {
		who.fails(unauthorized, "GET", "/nodes/free", "")
	}
	s.as("ro\x00ot", "x").fails(invalid, "GET", "/nodes/free", "")
	s.root.fails(invalid, "GET", "/projects?after=%00", "")
}

// TestOpenReads shows that without required authentication strangers may read what is open to everybody, and no more.
func TestOpenReads(t *testing.T) {
	t.Parallel()
	s := newHouse(t, "", servertest.Sections{"auth": {"require_authentication": "False"}}).scene(t)
	s.node("n1~")
	s.root.ok("PUT", "/network/w1~", `{"owner": "admin", "access": "", "net_id": ""}`)
	s.network("w2~")
	for _, path := range []string{"/nodes/free", "/node/n1~", "/headnode_images", "/network/w1~", "/networks"} {
		s.nobody.ok("GET", path, "")
	}
	s.nobody.fails(unauthorized, "GET", "/network/w2~", "")
	s.nobody.fails(unauthorized, "GET", "/projects", "")
	s.nobody.fails(unauthorized, "PUT", "/project/p3~", "")
	s.nobody.fails(unauthorized, "GET", "/node/n1~/console", "")
	s.nobody.fails(unauthorized, "POST", "/node/n1~/power_cycle", "")
	s.as("ann", "wrong").fails(unauthorized, "GET", "/nodes/free", "")
}
