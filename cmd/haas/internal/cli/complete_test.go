package cli_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// site answers the lists that completions come from.
func site(w http.ResponseWriter, r *http.Request) {
	answers := map[string]string{
		"/v0/nodes/all":            `["n1","n2","other"]`,
		"/v0/node/n1":              `{"nics":[{"label":"eth0"},{"label":"eth1"}]}`,
		"/v0/networks":             `{"w1":{},"w2":{}}`,
		"/v0/projects":             `["p1"]`,
		"/v0/switches":             `["s1"]`,
		"/v0/switch/s1":            `{"type":"` + schema + `switches/nexus","ports":[{"label":"gi1/0/1"}]}`,
		"/v0/headnode_images":      `["img"]`,
		"/v0/headnode_debts":       `[{"machine":"m1"}]`,
		"/v0/headnode/h1":          `{"hnics":["e"]}`,
		"/v0/auth/basic/users":     `{"u1":{}}`,
		"/v0/project/p1/headnodes": `["h1"]`,
	}
	_, _ = io.WriteString(w, answers[r.URL.Path])
}

func TestCompletionAsksTheServer(t *testing.T) {
	t.Parallel()
	f := newFake(t, site)
	f.description = description
	for line, want := range map[string]string{
		"node show ":                     "n1 n2 other",
		"node show n":                    "n1 n2",
		"node network connect n1 ":       "eth0 eth1",
		"node network connect n1 eth0 w": "w1 w2",
		"port show s1 ":                  "gi1/0/1",
		"switch check ":                  "s1",
		"switch test ":                   "s1",
		"port state s1 ":                 "gi1/0/1",
		"switch register s ":             "http://x/a/fabric http://x/b/fabric http://x/b/tiger nexus ovs",
		"switch register s ne":           "nexus",
		"switch register s nexus ":       "dummy_vlan= enable_password@ hostname=",
		"switch register s nexus h":      "hostname=",
		"switch register s nexus a=b h":  "hostname=",
		"switch_register s nexus h":      "",
		"switch update ":                 "s1",
		"switch update s1 ":              "dummy_vlan= enable_password@ hostname=",
		"switch update s1 a=b h":         "hostname=",
		"switch update s2 ":              "",
		"node_register n ":               "ipmi",
		"headnode create h p1 ":          "img",
		"headnode show ":                 "h1",
		"headnode forgive ":              "m1",
		"headnode nic delete h1 ":        "e",
		"user delete ":                   "u1",
		"user set-admin u1 ":             "admin regular",
		"node list ":                     "all free",
		"node power o":                   "off on",
		"console n":                      "n1 n2",
		"node console log n1 ":           "on off",
		"project_connect_node p1 ":       "n1 n2 other",
		"node power on n1 ":              "",
	} {
		got := f.run(t, append([]string{"__complete"}, strings.Split(line, " ")...)...)
		if offered := offers(got.out); got.status != 0 || offered != want {
			t.Errorf("%q offers %q, want %q", line, offered, want)
		}
	}
}

// offers are the words of cobra's answer: one a line, with its help behind a tab, and a directive at the end.
func offers(out string) string {
	var words []string
	for line := range strings.Lines(out) {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); word != "" && !strings.HasPrefix(word, ":") {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func TestCompletionWithoutServer(t *testing.T) {
	t.Parallel()
	got := run(t, map[string]string{"HAAS_ENDPOINT": "http://127.0.0.1:1"}, "", "__complete", "node", "show", "")
	if got.status != 0 || offers(got.out) != "" {
		t.Errorf("got %+v", got)
	}
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if got := run(t, nil, "", "completion", shell); got.status != 0 || !strings.Contains(got.out, "haas") {
			t.Errorf("%s: %+v", shell, got)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"--help":                    "Reserve and use machines:",
		"help node power":           "Switch a node off and on again",
		"help project_connect_node": "project_connect_node PROJECT NODE",
		"help old-commands":         "  list_network_attachments NETWORK PROJECT",
		"version":                   "haas test ",
	} {
		if got := run(t, nil, "", strings.Fields(line)...); got.status != 0 || !strings.Contains(got.out, want) {
			t.Errorf("%s gives %+v", line, got)
		}
	}
}
