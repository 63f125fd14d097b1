// These tests are inside the package for the reason that main_test.go gives.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

func userGuide(t *testing.T, program string) {
	s := start(t, program, nil)
	s.ok(t, "switch_register mockswitch02 mock switchhost01 switchuser01 password1234")
	s.ok(t, "node_register ipmi dummyNode01 ipmiHost4node-01 ipmiUser4node-01 ipmiPass4node-01")
	if out := s.ok(t, "list_switches"); out != "[\"mockswitch02\"]\n" {
		t.Errorf("switches: %q", out)
	}
	if out := s.ok(t, "list_nodes all"); out != "[\"dummyNode01\"]\n" {
		t.Errorf("nodes: %q", out)
	}
	s.fails(t, "show_node nothing", "Unexpected status code: 404\nResponse text:\n{")
}

// sample is the sample site, copied to where the shell is.
func (s shell) sample(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("../../configs/site.sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "sample.yaml", string(text))
}

func (s shell) write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func workflow(t *testing.T, program string) {
	s := start(t, program, nil)
	s.sample(t)
	s.ok(t, "site import sample.yaml")
	for _, line := range []string{
		"project node add demo n1",
		"node network connect n1 eth0 demo-net --wait",
		"node console log n1 on",
		"node power on n1",
		"node metadata set n1 purpose test",
		"headnode create h1 demo base-headnode",
		"headnode nic create h1 eth0",
		"headnode network connect h1 eth0 demo-net",
		"headnode start h1",
	} {
		s.ok(t, line)
	}
	if out := s.ok(t, "node power status n1"); out != "on\n" {
		t.Errorf("power: %q", out)
	}
	if out := s.ok(t, "node show n1"); !strings.Contains(out, "vlan/native=demo-net") {
		t.Errorf("node:\n%s", out)
	}
	s.soon(t, "node console log n1", "console  open\n")
	s.soon(t, "node console show n1 --no-follow", "Run /sbin/init as init process")
	if out := s.ok(t, "node console show n1 --no-follow --tail 1"); strings.Contains(out, "\n") || out == "" {
		t.Errorf("the last line: %q", out)
	}
	s.fails(t, "project node remove demo n1", "detach it first")
	for _, line := range []string{
		"headnode stop h1", "headnode delete h1", "project node remove demo n1 --force", "network delete demo-net", "project delete demo",
	} {
		s.ok(t, line)
	}
}

// handiwork looks at a switch on which somebody has typed.
func handiwork(t *testing.T, program string) {
	s := start(t, program, servertest.Sections{"switch-mock": {"state_dir": "mock"}, "fabric": {"check_interval": "0"}})
	_, out, stderr := s.give(t, "hush\n", "switch", "register", "sw", "mock", "hostname=dev", "username=u", "seed=7", "--password-stdin")
	if out+stderr != "" {
		t.Errorf("register: %s%s", out, stderr)
	}
	if out := s.ok(t, "switch test sw"); !strings.Contains(out, "reached, logged in") {
		t.Errorf("test:\n%s", out)
	}
	s.write(t, "node.yaml", `
switches: [{name: sw}]
nodes: [{name: n, obm: {type: mock, settings: {host: h, user: u, password: p}}, nics: [{name: i, mac: "52:54:00:00:00:01", switch: sw, port: gi1/0/1}]}]
projects: [p]
networks: [{name: w, owner: p}]
`)
	s.ok(t, "site import node.yaml")
	s.ok(t, "project node add p n")
	plan := s.ok(t, "node network connect n i w --plan")
	if !strings.Contains(plan, "gi1/0/1") || plan != s.ok(t, "node network connect n i w --plan") {
		t.Errorf("plan:\n%s", plan)
	}
	s.ok(t, "node network connect n i w --wait")
	if out := s.ok(t, "switch check sw"); !strings.Contains(out, "gi1/0/1  n/i       native 100  native 100  in order") {
		t.Errorf("check:\n%s", out)
	}
	device := filepath.Join("mock", "switch-dev.json")
	s.write(t, device, strings.ReplaceAll(s.read(t, device), `"native": 100`, `"native": 7`))
	status, out, stderr := s.run(t, "switch", "check", "sw")
	if status != 1 || !strings.Contains(out, "running carries VLAN 7 (native), wanted VLAN 100 (native)") || !strings.Contains(stderr, "1 of 1 ports of switch sw") {
		t.Errorf("exit status %d\n%s%s", status, out, stderr)
	}
	if out := s.ok(t, "port state sw gi1/0/1"); !strings.Contains(out, "running        native 7\n") {
		t.Errorf("state:\n%s", out)
	}
	s.write(t, device, "flash card failure")
	s.fails(t, "switch test sw", "haas switch test: ")
}

func failedConnect(t *testing.T, program string) {
	s := start(t, program, servertest.Sections{"fabric": {"retries": "0"}})
	s.write(t, "site.yaml", `
switches: [{name: s, type: mock, settings: {hostname: h, username: u, password: p}}]
nodes: [{name: n, obm: {type: mock, settings: {host: h, user: u, password: p}}, nics: [{name: i, mac: "52:54:00:00:00:01", switch: s, port: gi1/0/1}]}]
projects: [p]
networks: [{name: w, owner: p}]
`)
	s.ok(t, "site import site.yaml")
	s.ok(t, "project node add p n")
	// A file where the device's state should be: the switch fails from now on.
	devices := filepath.Join(s.dir, "mock")
	if err := os.RemoveAll(devices); err != nil {
		t.Fatal(err)
	}
	s.write(t, "mock", "")
	s.fails(t, "node network connect n i w --wait --timeout 50s", "was not configured")
}

func roundTrip(t *testing.T, program string) {
	s := start(t, program, nil)
	s.sample(t)
	dry := s.ok(t, "site import sample.yaml --dry-run")
	if !strings.Contains(dry, "+ node n1 (mock)\n") || !strings.Contains(dry, "changes would be made") {
		t.Errorf("dry run:\n%s", dry)
	}
	if out := s.ok(t, "node list"); out != "" {
		t.Errorf("the dry run made %s", out)
	}
	first := s.ok(t, "site import sample.yaml")
	if strings.Replace(first, "were made", "would be made", 1) != dry {
		t.Errorf("imported\n%s, planned\n%s", first, dry)
	}
	again := func(file string) {
		t.Helper()
		if out := s.ok(t, "site import "+file); !strings.HasPrefix(out, "nothing to do") {
			t.Errorf("import of %s again:\n%s", file, out)
		}
	}
	again("sample.yaml")
	s.ok(t, "network create public admin --public")
	s.ok(t, "project create other")
	s.ok(t, "network create shared admin --access demo,other --net-id 500")
	s.ok(t, "node metadata set n1 numbers [1,2.5,{\"a\":null}] --as-json")
	exported := s.ok(t, "site export")
	if strings.Contains(exported, "change-me") {
		t.Errorf("a secret was exported:\n%s", exported)
	}
	s.write(t, "exported.yaml", exported)
	again("exported.yaml")
	s.write(t, "layout.json", layout(t))
	if out := s.ok(t, "site import layout.json"); !strings.Contains(out, "+ cable from node layout-1 NIC nic1 to switch mock-0 port gi1/0/1\n") {
		t.Errorf("layout:\n%s", out)
	}
	again("layout.json")
}

func layout(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../configs/site-layout.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func interruptedImport(t *testing.T, program string) {
	s := start(t, program, nil)
	s.sample(t)
	good, err := os.ReadFile(filepath.Join(s.dir, "sample.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "bad.yaml", strings.Replace(string(good), "{host: n3-obm.example.com,", "{hots: n3-obm.example.com,", 1))
	status, out, stderr := s.run(t, "site", "import", "bad.yaml")
	if status != 1 || !strings.Contains(stderr, "run the import again") || !strings.Contains(out, "+ node n2") || strings.Contains(out, "+ node n3") {
		t.Errorf("exit status %d\n%s%s", status, out, stderr)
	}
	if out := s.ok(t, "site import sample.yaml"); strings.Contains(out, "+ node n2") || !strings.Contains(out, "+ node n3") {
		t.Errorf("the second import:\n%s", out)
	}
}

func contradictions(t *testing.T, program string) {
	s := start(t, program, nil)
	s.sample(t)
	s.ok(t, "site import sample.yaml")
	s.write(t, "other.yaml", `switches:
  - {name: sw1, type: nexus}
  - {name: sw9}
nodes:
  - {name: n9}
  - {name: n1, nics: [{name: eth0, mac: "52:54:00:00:99:00", switch: sw1, port: gi1/0/9}]}
  - {name: n8, obm: {type: mock}, nics: [{name: e, mac: "52:54:00:00:99:01", switch: sw2, port: gi1/0/1}]}
networks:
  - {name: demo-net, owner: admin, public: true}
projects: [new]
`)
	_, _, stderr := s.run(t, "site", "import", "other.yaml")
	for _, want := range []string{
		"other.yaml:2: switch sw1 is of type", "other.yaml:3: switch sw9 is not on the server", "other.yaml:5: node n9 is not on the server",
		"other.yaml:6: NIC eth0 of node n1 has the MAC address", "other.yaml:6: NIC eth0 of node n1 is cabled to switch sw1, port gi1/0/1",
		"other.yaml:7: switch sw2, port gi1/0/1 is cabled to node n1, NIC eth1", "other.yaml:9: network demo-net belongs to demo",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in\n%s", want, stderr)
		}
	}
	if out := s.ok(t, "project list"); out != "demo\n" {
		t.Errorf("something was imported: %s", out)
	}
}

func serveWithSite(t *testing.T, program string) {
	s := newShell(t, program, nil)
	s.sample(t)
	d, line := s.serve(t, readyLine, "serve", "--listen", "127.0.0.1:0", "--site", "sample.yaml")
	if next := d.until(t, "next, "); !strings.Contains(next, "HAAS_ENDPOINT=") {
		t.Errorf("what is next: %s", next)
	}
	d.until(t, " changes were made")
	if out := s.at(line).ok(t, "node list free"); out != "n1\nn2\nn3\nn4\n" {
		t.Errorf("nodes: %s", out)
	}
}

func serveWithWrongSite(t *testing.T, program string) {
	s := newShell(t, program, nil)
	s.write(t, "wrong.yaml", "nodes: [{name: n}]\n")
	s.fails(t, "serve --listen 127.0.0.1:0 --site wrong.yaml", "wrong.yaml:1: node n is not on the server")
	s.env = nil
	s.fails(t, "serve --listen 127.0.0.1:0 --site wrong.yaml", "create_admin_user")
}

func apart(t *testing.T, program string) {
	s := newShell(t, program, nil)
	_, line := s.serve(t, readyLine, "serve", "--no-fabric", "--listen", "127.0.0.1:0")
	client := s.at(line)
	client.sample(t)
	client.ok(t, "site import sample.yaml")
	// Nobody has seen the node's ports closed yet.
	client.fails(t, "project node add demo n1", "a switch has not confirmed yet")
	s.write(t, "fabric.cfg", strings.Replace(s.read(t, "haas.cfg"), filepath.Join(s.dir, "run"), filepath.Join(s.dir, "run2"), 1))
	fabric, _ := s.serve(t, "HaaS configures the switches", "serve_networks", "--config", "fabric.cfg")
	client.ok(t, "project node add demo n1")
	fabric.stop(t)
	action := client.json(t, "node network connect n1 eth0 demo-net")["status_id"]
	client.fails(t, "action show "+action+" --wait --timeout 100ms", "goes on in the background")
	s.serve(t, "HaaS configures the switches", "serve_networks", "--config", "fabric.cfg")
	client.ok(t, "action show "+action+" --wait")
}

// json is the answer to a line of haas.
func (s shell) json(t *testing.T, line string) map[string]string {
	t.Helper()
	var answer map[string]string
	if err := json.Unmarshal([]byte(s.ok(t, "--json "+line)), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func (s shell) read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func firstAdministrator(t *testing.T, program string) {
	s := shell{program: program, dir: servertest.NewSite(t, "", nil).Dir}
	for range 2 {
		if out := s.ok(t, "init_db"); !strings.Contains(out, "is up to date") {
			t.Errorf("init_db: %s", out)
		}
	}
	if status, _, err := s.give(t, "hush\n", "create_admin_user", "root", "--password-stdin"); status != 0 {
		t.Fatalf("create_admin_user: %s", err)
	}
	s.fails(t, "create_admin_user root hush", "exists")
	s.fails(t, "create_admin_user other", "--password-stdin")
	_, line := s.serve(t, readyLine, "serve", "--listen", "127.0.0.1:0")
	s = s.at(line)
	s.fails(t, "project list", "log in by setting HAAS_USERNAME")
	s.env = append(s.env, "HAAS_USERNAME=root", "HAAS_PASSWORD=wrong")
	s.fails(t, "project list", "check HAAS_USERNAME and HAAS_PASSWORD")
	s.env = append(s.env, "HAAS_PASSWORD=hush")
	s.ok(t, "project create p")
	s.ok(t, "user_create u secret regular")
	if out := s.ok(t, "user list"); !strings.Contains(out, "u     regular  -") {
		t.Errorf("users:\n%s", out)
	}
}

func serverMisuse(t *testing.T, program string) {
	s := shell{program: program, dir: t.TempDir()}
	s.env = []string{"HAAS_CONFIG=" + filepath.Join(s.dir, "none.cfg")}
	s.fails(t, "serve", "none.cfg")
	s.write(t, "haas.cfg", "[server]\nlisten = 127.0.0.1:0\nlisen = x\n")
	s.env = nil
	s.fails(t, "serve", "haas.cfg:3")
	s.write(t, "haas.cfg", "[extensions]\nhaas.ext.auth.null =\nhaas.ext.network_allocators.vlan_pool =\n[haas.ext.network_allocators.vlan_pool]\nvlans = 100\n")
	s.fails(t, "serve 70000", "no port")
	s.fails(t, "serve 0", "no port")
	s.fails(t, "serve 5000 --listen 127.0.0.1:0", "contradict")
	s.fails(t, "serve 1 2", "at most 1 arg")
	s.fails(t, "create_admin_user root hush", "haas.ext.auth.database")
}
