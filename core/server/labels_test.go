package server_test

import (
	"net/url"
	"strings"
	"testing"
)

// TestLabels shows which labels are refused, whatever they should name, and that nothing is half done then.
func TestLabels(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		s := h.scene(t)
		s.reserved("n1~")
		s.network("w1~")
		s.ann.ok("PUT", "/headnode/h~", `{"project": "p1~", "base_img": "base-headnode"}`)
		for what, label := range map[string]string{
			"a slash": "a/b", "two dots": "..", "a dot": ".", "a NUL": "a\x00b", "a new line": "a\nb", "an escape": "\x1b[2J",
			"a DEL": "a\x7f", "a C1 control": "a\u0085b", "a leading blank": " a", "a trailing blank": "a ",
			"256 characters": strings.Repeat("é", 256), "bytes that are no UTF-8": "a\xff",
		} {
			t.Run(what, func(t *testing.T) {
				t.Parallel()
				refuseLabel(h.scene(t), s, label)
			})
		}
	})
}

// refuseLabel tries to give the label to everything that has one, and looks for it in every place that takes one.
// made is the scene of the objects that are looked into.
func refuseLabel(s, made *scene, label string) {
	l := url.PathEscape(label)
	if label == "." || label == ".." {
		l = strings.ReplaceAll(label, ".", "%2E")
	}
	for path, body := range map[string]string{
		"/project/":           "",
		"/node/":              `{"obm": ` + obmOf("h") + `}`,
		"/node/n1~/nic/":      `{"macaddr": "` + mac + `"}`,
		"/node/n1~/metadata/": `{"value": 1}`,
		"/network/":           `{"owner": "p1~", "access": "p1~", "net_id": ""}`,
		"/switch/":            switchOf("s~"),
		"/headnode/":          `{"project": "p1~", "base_img": "base-headnode"}`,
		"/headnode/h~/hnic/":  "",
		"/auth/basic/user/":   `{"password": "secret"}`,
		"/switch/s~/port/":    "",
	} {
		if label == "a/b" && path == "/switch/s~/port/" {
			continue // names of ports may have slashes; the driver judges them
		}
		path, body = made.named(path), made.named(body)
		if got := s.root.do("PUT", path+l, body); got.Status != 400 || len(got.Body) > 4096 {
			s.t.Errorf("PUT %s: want 400 and a short text, got %d %.300s", path+l, got.Status, got.Body)
		}
		if got := s.root.do("DELETE", path+l, ""); got.Status != 400 && got.Status != 404 {
			s.t.Errorf("DELETE %s: want 400 or 404, got %d %s", path+l, got.Status, got.Body)
		}
		if got := s.root.do("GET", path+l, ""); got.Status/100 != 4 {
			s.t.Errorf("GET %s: want a refusal, got %d %s", path+l, got.Status, got.Body)
		}
	}
}

// TestMissingNames shows that a name in a body that cannot exist is refused as one that does not.
func TestMissingNames(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		s := h.scene(t)
		s.reserved("n1~")
		for _, name := range []string{`\u0000`, `a\u0000b`, `' OR 1=1 --`, `\"; DROP TABLE nodes; --`, `?`, `\\`, `%`, `\ud800`, strings.Repeat("x", 900_000)} {
			for _, c := range []struct{ method, path, body string }{
				{"POST", "/project/p1~/connect_node", `{"node": "%"}`},
				{"POST", "/switch/s~/port/gi1/0/1/connect_nic", `{"node": "%", "nic": "eth0"}`},
				{"POST", "/switch/s~/port/gi1/0/1/connect_nic", `{"node": "n1~", "nic": "%"}`},
				{"POST", connect, `{"network": "%"}`},
				{"POST", detach, `{"network": "%"}`},
				{"PUT", "/network/w1~", `{"owner": "%", "access": "p1~", "net_id": ""}`},
				{"PUT", "/network/w1~", `{"owner": "admin", "access": ["%"], "net_id": ""}`},
				{"PUT", "/headnode/h~", `{"project": "%", "base_img": "base-headnode"}`},
				{"POST", "/auth/basic/user/ann/add_project", `{"project": "%"}`},
			} {
				body := strings.ReplaceAll(c.body, "%", name)
				if got := s.root.do(c.method, c.path, body); got.Status != 404 && got.Status != 400 {
					t.Errorf("%s %s %.100s: want 404 or 400, got %d %.300s", c.method, c.path, body, got.Status, got.Body)
				} else if len(got.Body) > 16<<10 {
					t.Errorf("%s %s: the answer has %d bytes", c.method, c.path, len(got.Body))
				}
			}
		}
		s.root.ok("GET", "/node/n1~", "")
	})
}

// TestLongestLabel shows that 255 characters are a label, of however many bytes.
func TestLongestLabel(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		s := h.scene(t)
		label := url.PathEscape(strings.Repeat("€", 255))
		s.root.empty("PUT", "/project/"+label, "")
		s.root.empty("DELETE", "/project/"+label, "")
	})
}
