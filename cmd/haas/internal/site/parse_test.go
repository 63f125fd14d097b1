package site_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas/internal/site"
)

func TestParseNamesTheLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"switches:\n  - name: s\n    prots: []\n": "site.yaml:3: unknown key prots",
		"swiches: []\n": "site.yaml:1: unknown key swiches",
		"nodes:\n  - name: n\n    obm: {type: mock, host: h}\n":                  "site.yaml:3: unknown key host",
		"switches:\n  - name: s\n    name: t\n":                                  "site.yaml:3: ",
		"switches:\n  - name: [s]\n":                                             "site.yaml:2: ",
		"switches: 5\n":                                                          "site.yaml:1: ",
		"switches: hush\n":                                                       "site.yaml:1: a value of type !!str cannot stand here",
		"switches:\n  - name: s\n    settings: hush\n":                           "site.yaml:3: a value of type !!str cannot stand here",
		"switches:\n  - type: mock\n":                                            "site.yaml: a switch has no name",
		"switches:\n  - name: s\n  - name: s\n":                                  "site.yaml:3: switch s is there already, on line 2",
		"switches:\n  - name: s\n    ports: [a, a]\n":                            "port of switch s a is there already",
		"switches:\n  - name: s\n    settings: {password: hush}\n":               "has settings and no type",
		"nodes:\n  - name: n\n    obm: {settings: {password: hush}}\n":           "has no type",
		"nodes:\n  - name: n\n    nics: [{name: e, mac: zz}]\n":                  "site.yaml:3: NIC e of node n has no MAC",
		"nodes:\n  - name: n\n    nics: [{name: e}]\n":                           "has no MAC address",
		"nodes:\n  - name: n\n    nics: [{name: e, mac: 1-2, port: p}]\n":        "a port and no switch",
		"nodes:\n  - name: n\n    nics: [{name: e, mac: 1-2, switch: s}]\n":      "a switch and no port",
		"projects: [p, p]\n":                                                     "project p is there already",
		"networks: [{name: w}]\n":                                                "has no owner",
		"networks: [{name: w, owner: admin}]\n":                                  "write who has access",
		"networks: [{name: w, owner: p, public: true, access: [p]}]\n":           "remove one of them",
		"projects: [p]\n---\nprojects: [q]\n":                                    "more than one document",
		"projects: [p\n":                                                         "site.yaml:1: ",
		"switches:\n  - name: s\n    type: x\n    settings: {password: hush, }}": "site.yaml:1: did not find expected key",
	} {
		_, err := site.Parse("site.yaml", []byte(text))
		if _, ok := errors.AsType[*site.Error](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %q", text, err, want)
		} else if strings.Contains(err.Error(), "hush") {
			t.Errorf("a secret is in %v", err)
		}
	}
}

func TestParseTakesAnyWord(t *testing.T) {
	t.Parallel()
	s, err := site.Parse("", []byte("switches: [{name: 7, ports: [1, 1.10, yes, true, \"a: b\"]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.Switches[0].Ports {
		got = append(got, p.Text)
	}
	if strings.Join(got, ",") != "1,1.10,yes,true,a: b" || s.Switches[0].Name.Text != "7" {
		t.Errorf("got %+v", s.Switches)
	}
}

func TestAnEmptyFileIsAnEmptySite(t *testing.T) {
	t.Parallel()
	if s, err := site.Parse("", nil); err != nil || len(s.Nodes) != 0 {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestLoadsTheExamples(t *testing.T) {
	t.Parallel()
	for file, nodes := range map[string]int{"site.sample.yaml": 4, "site-layout.json": 1} {
		s, err := site.Load("../../../../configs/" + file)
		if err != nil || len(s.Nodes) != nodes || len(s.Nodes[0].NICs) != 2 || s.Nodes[0].OBM.Settings["password"] == "" {
			t.Errorf("%s gives %+v, %v", file, s, err)
		}
	}
}

// TestParseLayout reads what files of several years look like, tabs included.
func TestParseLayout(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{\n\t\"nodes\": [{\"name\":\t\"n\", \"obm\": {\"type\": \"ipmi\", \"host\": \"h\", \"user\": \"u\", \"pass\": \"p\"}}]\n}":                  "ipmi",
		`{"driver": "dell", "nodes": [{"name": "n", "ipmi": {"host": "h", "user": "u", "pass": "p"}}]}`:                                              "ipmi",
		`{"nodes": [{"name": "n", "obm": {"type": "http://schema.massopencloud.org/haas/v0/obm/mock", "host": "h", "user": "u", "password": "p"}}]}`: "mock",
	} {
		s, err := site.ParseLayout("site-layout.json", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		obm := s.Nodes[0].OBM
		if obm.Type != want || len(obm.Settings) != 3 || obm.Settings["password"] != "p" {
			t.Errorf("%s gives %+v", text, obm)
		}
	}
	if _, err := site.ParseLayout("l.json", []byte(`{"nodes": [{"name": "n", "nics": [{"name": "e", "mac": "x"}]}]}`)); err == nil {
		t.Error("no mistake found in a MAC address")
	}
}

// FuzzParse wants every text to be a site or an error, and a site to be read again as it was written.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "a", "switches:\n  - {name: s, type: mock, settings: {a: 1}, ports: [1, \"x y\"]}\n", "nodes: [{name: n, obm: {type: t}, metadata: {a: [1, {b: null}]}}]",
		"projects: [&a p, *a]", "networks: [{name: w, owner: p, net_id: 0100}]", "{\"nodes\":\t[]}", "projects: [|\n  a]\n", "projects: [!!str 1, ? a]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = site.ParseLayout("fuzz.json", []byte(text)) // only that it returns
		s, err := site.Parse("fuzz.yaml", []byte(text))
		if err != nil || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r > '~' }) {
			return
		}
		for _, n := range s.Nodes {
			clear(n.Metadata)
			n.OBM = nil
		}
		written, err := site.Format(&site.Site{Projects: s.Projects})
		if err != nil {
			t.Fatal(err)
		}
		again, err := site.Parse("again.yaml", written)
		if err != nil || len(again.Projects) != len(s.Projects) {
			t.Fatalf("%q is written as\n%s\nand read as %v", text, written, err)
		}
		for i, p := range s.Projects {
			if again.Projects[i].Text != p.Text {
				t.Errorf("%q is written as\n%s", p.Text, written)
			}
		}
	})
}
