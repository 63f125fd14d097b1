package server_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestBadInput shows that what is refused names field and remedy and leaves nothing half done.
func TestBadInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "", nil)
	for name, play := range map[string]func(*scene){
		"an unknown type is answered with the loaded ones": unknownTypes,
		"bad settings are answered by the driver":          badSettings,
		"a bad port name is answered by the driver":        badPortName,
		"wrong types are named":                            wrongTypes,
		"a half right registration leaves nothing":         halfRegistration,
		"an empty password and a long one are refused":     badPasswords,
		"a body may be large, but not too large":           largeBodies,
		"a body that is not sent is not waited for":        expectContinue,
		"a body without end is not read to it":             endlessBody,
		"deep and odd JSON does no harm":                   oddJSON,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(h.scene(t))
		})
	}
}

func unknownTypes(s *scene) {
	got := s.root.fails(badArgument, "PUT", "/switch/s~", `{"type": "http://example.org/nexus", "hostname": "h"}`)
	blames(s.t, got, "type")
	if !strings.Contains(got.Body, servertest.SwitchMock) || strings.Contains(got.Body, servertest.OBMMock) {
		s.t.Errorf("does not list the loaded switch types: %s", got.Body)
	}
	got = s.root.fails(badArgument, "PUT", "/node/n1~", `{"obm": {"type": "`+servertest.SwitchMock+`", "host": "h"}}`)
	blames(s.t, got, "obm.type")
	if !strings.Contains(got.Body, servertest.OBMMock) || !strings.Contains(got.Body, servertest.OBMIPMI) {
		s.t.Errorf("does not list the loaded types of controllers: %s", got.Body)
	}
	s.root.fails(notFound, "GET", "/switch/s~", "")
	s.root.fails(notFound, "GET", "/node/n1~", "")
}

func badSettings(s *scene) {
	const head = `{"type": "` + servertest.SwitchMock + `", `
	for body, fields := range map[string][]string{
		head + `"hostname": "h"}`:                                                         {"username", "password"},
		head + `"hostname": 5, "username": "u", "password": "hush-1"}`:                    {"hostname"},
		head + `"hostname": "h", "username": "u", "password": "hush-1", "colour": "red"}`: {"colour"},
		head + `"hostname": "h", "username": "u", "password": "hush-1", "lie": 7}`:        {"lie"},
		head + `"hostname": "h", "username": "u", "password": {"a": "hush-1"}}`:           {"password"},
	} {
		got := s.root.fails(badArgument, "PUT", "/switch/s~", body)
		for _, field := range fields {
			if !strings.Contains(got.Body, field) {
				s.t.Errorf("%s: does not name %s: %s", body, field, got.Body)
			}
		}
		if strings.Contains(got.Body, "hush") {
			s.t.Errorf("repeats the password: %s", got.Body)
		}
	}
	got := s.root.fails(badArgument, "PUT", "/node/n1~", `{"obm": {"type": "`+servertest.OBMMock+`", "user": "u"}}`)
	if !strings.Contains(got.Body, "host") || !strings.Contains(got.Body, "password") {
		s.t.Errorf("does not name host and password: %s", got.Body)
	}
	s.root.fails(notFound, "GET", "/switch/s~", "")
	s.root.fails(notFound, "GET", "/node/n1~", "")
}

func badPortName(s *scene) {
	s.root.ok("PUT", "/switch/s~", switchOf("s~"))
	for _, name := range []string{"gi1", "gi1/0/x", "xx1/0/1", "gi1/0/1;reload", "gi1/0/1%0areload", "gi1/0/99999"} {
		got := s.root.do("PUT", "/switch/s~/port/"+name, "")
		if got.Status != 400 || !strings.Contains(got.Body, "port") {
			s.t.Errorf("%s: want 400 and the word port, got %d %s", name, got.Status, got.Body)
		}
	}
	s.root.empty("PUT", "/switch/s~/port/GigabitEthernet1/0/1", "")
	s.root.fails(duplicate, "PUT", "/switch/s~/port/gi1/0/1", "")
	s.root.empty("DELETE", "/switch/s~/port/GigabitEthernet1/0/1", "")
}

func wrongTypes(s *scene) {
	for _, c := range []struct{ method, path, body, field string }{
		{"PUT", "/node/n1~", `{"obm": "mock"}`, "obm"},
		{"PUT", "/node/n1~", `{"obm": {"type": 5}}`, "obm.type"},
		{"PUT", "/node/n1~", `{"obm": {"host": "h"}}`, "type"},
		{"PUT", "/node/n1~", `{}`, "obm"},
		{"PUT", "/node/n1~/nic/eth0", `{"macaddr": 5}`, "macaddr"},
		{"PUT", "/network/w1~", `{"owner": "p1~", "access": "p1~", "net_id": 35}`, "net_id"},
		{"PUT", "/network/w1~", `{"owner": {}, "access": "p1~", "net_id": ""}`, "owner"},
		{"PUT", "/network/w1~", `{"owner": "p1~", "access": [5], "net_id": ""}`, "access"},
		{"PUT", "/switch/s~", `{"hostname": "h"}`, "type"},
		{"PUT", "/auth/basic/user/carol~", `{"password": 5}`, "password"},
		{"PUT", "/auth/basic/user/carol~", `{"password": "secret", "is_admin": "yes"}`, "is_admin"},
		{"POST", connect, `{"network": "w1~", "channel": null}`, "channel"},
		{"POST", connect, `{"network": ["w1~"]}`, "network"},
		{"POST", "/node/n1~/power_cycle", `{"force": "yes"}`, "force"},
		{"POST", "/node/n1~/power_off", `{"force": true}`, "force"},
		{"PUT", "/node/n1~/obm", `{"enabled": 1}`, "enabled"},
		{"PUT", "/node/n1~/boot_device", `{"bootdev": "pxe", "once": 1}`, "once"},
		{"POST", "/node/n1~/identify", `{"seconds": "15"}`, "seconds"},
		{"GET", "/nodes/power?fresh=yes", "", "fresh"},
		{"PUT", "/project/p3~", `{"project": "p3~"}`, "project"},
	} {
		blames(s.t, s.root.fails(invalid, c.method, c.path, c.body), c.field)
	}
}

func halfRegistration(s *scene) {
	s.root.fails(badArgument, "PUT", "/node/n1~", `{"obm": `+obmOf("h")+`, "metadata": {"good": 1, "a/b": 2}}`)
	s.root.fails(notFound, "GET", "/node/n1~", "")
	s.root.fails(notFound, "PUT", "/network/w1~", `{"owner": "admin", "access": ["p1~", "none~"], "net_id": "`+s.vlan()+`"}`)
	s.root.fails(notFound, "GET", "/network/w1~", "")
	s.root.empty("PUT", "/network/w1~", `{"owner": "admin", "access": ["p1~"], "net_id": "`+s.vlan()+`"}`)
	got := s.root.do("PUT", "/network/w2~", `{"owner": "admin", "access": ["p1~", "p1~"], "net_id": ""}`)
	if got.Status/100 == 5 {
		s.t.Errorf("a project twice on an access list: %d %s", got.Status, got.Body)
	}
}

func badPasswords(s *scene) {
	for _, password := range []string{"", strings.Repeat("x", 5000)} {
		got := s.root.fails(badArgument, "PUT", "/auth/basic/user/carol~", `{"password": "`+password+`"}`)
		blames(s.t, got, "password")
	}
	s.root.fails(notFound, "DELETE", "/auth/basic/user/carol~", "")
}

func largeBodies(s *scene) {
	s.node("n1~")
	s.root.ok("PUT", "/node/n1~/metadata/note", `{"value": "`+strings.Repeat("x", 1_000_000)+`"}`)
	tooLarge := refusal{413, "ValidationError"}
	got := s.root.do("PUT", "/node/n1~/metadata/note", `{"value": "`+strings.Repeat("x", 10<<20)+`"}`)
	tooLarge.check(s.t, "10 MB of metadata", got)
	s.root.fails(tooLarge, "POST", "/project/p1~/connect_node", `{"node": "`+strings.Repeat("x", 2<<20)+`"}`)
}

// source is a body that counts what was read of it.
type source struct {
	left int64
	read atomic.Int64
}

func (s *source) Read(p []byte) (int, error) {
	if s.read.Load() >= s.left {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = ' '
	}
	s.read.Add(int64(len(p)))
	return len(p), nil
}

const hundredMB = 100 << 20

func expectContinue(s *scene) {
	body := &source{left: hundredMB}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, s.h.URL+"/project/p3", body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.ContentLength = hundredMB
	req.Header.Set("Expect", "100-continue")
	// The client waits until the server wants the body; the test's own limit ends it otherwise.
	transport := &http.Transport{ExpectContinueTimeout: 1 << 40}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close() // only the status matters
	if res.StatusCode != 413 || body.read.Load() > 0 {
		s.t.Errorf("want 413 and nothing sent, got %s after %d bytes", res.Status, body.read.Load())
	}
}

func endlessBody(s *scene) {
	body := &source{left: hundredMB}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, s.h.URL+"/project/p3", body)
	if err != nil {
		s.t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err == nil {
		_ = res.Body.Close() // only the status matters
	}
	// The server hangs up on the rest, which the client may notice before it reads the answer.
	if err == nil && res.StatusCode != 413 || body.read.Load() > hundredMB/4 {
		s.t.Errorf("want 413, got %v %v after %d bytes", res, err, body.read.Load())
	}
	s.root.fails(notFound, "GET", "/project/p3/nodes", "")
}

func oddJSON(s *scene) {
	s.node("n1~")
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for _, body := range []string{
		`{"value": ` + deep + `}`, `{"value": 1e999999}`, `{"value": 1} {"value": 2}`, `{"value": 1,}`, `{"value": NaN}`,
		"\xef\xbb\xbf{\"value\": 1}", `{"value": "` + "\x01" + `"}`, `{"Value": 1}`, `{"value": 1, "value": 2}`, "\x00", `{"value": "\ud800"}`,
	} {
		if got := s.root.do("PUT", "/node/n1~/metadata/odd", body); got.Status/100 == 5 {
			s.t.Errorf("%.60q: %d %s", body, got.Status, got.Body)
		}
		s.root.ok("GET", "/node/n1~", "").JSON(s.t)
	}
}
