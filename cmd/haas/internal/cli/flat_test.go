package cli_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
)

const schema = "http://schema.massopencloud.org/haas/v0/"

// flats are the flat commands, each with the request that it made in its time. Paths have since got the prefix /v0.
func flats() map[string]string {
	return map[string]string{
		"list_projects":               "GET /projects",
		"project_create p":            "PUT /project/p",
		"project_delete p":            "DELETE /project/p",
		"project_connect_node p n":    `POST /project/p/connect_node {"node":"n"}`,
		"project_detach_node p n":     `POST /project/p/detach_node {"node":"n"}`,
		"list_project_nodes p":        "GET /project/p/nodes",
		"list_project_networks p":     "GET /project/p/networks",
		"list_project_headnodes p":    "GET /project/p/headnodes",
		"node_register n ipmi h u pw": `PUT /node/n {"obm":{"host":"h","password":"pw","type":"` + schema + `obm/ipmi","user":"u"}}`,
		"node_register n mock h u pw": `PUT /node/n {"obm":{"host":"h","password":"pw","type":"` + schema + `obm/mock","user":"u"}}`,
		// The order of the user guide.
		"node_register ipmi n h u pw": `PUT /node/n {"obm":{"host":"h","password":"pw","type":"` + schema + `obm/ipmi","user":"u"}}`,
		// A node called as a type is: the order of the code wins.
		"node_register ipmi mock h u pw":            `PUT /node/ipmi {"obm":{"host":"h","password":"pw","type":"` + schema + `obm/mock","user":"u"}}`,
		"node_register n http://x/y h u -pw":        `PUT /node/n {"obm":{"host":"h","password":"-pw","type":"http://x/y","user":"u"}}`,
		"node_delete n":                             "DELETE /node/n",
		"node_register_nic n i 52:54:00:00:00:01":   `PUT /node/n/nic/i {"macaddr":"52:54:00:00:00:01"}`,
		"node_delete_nic n i":                       "DELETE /node/n/nic/i",
		"node_connect_network n i w vlan/native":    `POST /node/n/nic/i/connect_network {"channel":"vlan/native","network":"w"}`,
		"node_detach_network n i w":                 `POST /node/n/nic/i/detach_network {"network":"w"}`,
		"node_power_cycle n":                        "POST /node/n/power_cycle {}",
		"node_power_off n":                          "POST /node/n/power_off",
		"list_nodes all":                            "GET /nodes/all",
		"list_nodes free":                           "GET /nodes/free",
		"show_node n":                               "GET /node/n",
		"show_console n":                            "GET /node/n/console?follow=false",
		"start_console n":                           "PUT /node/n/console",
		"stop_console n":                            "DELETE /node/n/console",
		"network_create w admin  100":               `PUT /network/w {"access":"","net_id":"100","owner":"admin"}`,
		"network_create w p p ":                     `PUT /network/w {"access":"p","net_id":"","owner":"p"}`,
		"network_create_simple w p":                 `PUT /network/w {"access":"p","net_id":"","owner":"p"}`,
		"network_delete w":                          "DELETE /network/w",
		"show_network w":                            "GET /network/w",
		"switch_register s mock h u pw":             `PUT /switch/s {"hostname":"h","password":"pw","type":"` + schema + `switches/mock","username":"u"}`,
		"switch_register s powerconnect55xx h u pw": `PUT /switch/s {"hostname":"h","password":"pw","type":"` + schema + `switches/powerconnect55xx","username":"u"}`,
		"switch_register s nexus h u pw 9":          `PUT /switch/s {"dummy_vlan":"9","hostname":"h","password":"pw","type":"` + schema + `switches/nexus","username":"u"}`,
		"switch_register s delln3000 h u pw 9":      `PUT /switch/s {"dummy_vlan":"9","hostname":"h","password":"pw","type":"` + schema + `switches/delln3000","username":"u"}`,
		"switch_register s brocade h u pw Te":       `PUT /switch/s {"hostname":"h","interface_type":"Te","password":"pw","type":"` + schema + `switches/brocade","username":"u"}`,
		"switch_register s dellnos9 h u pw Te":      `PUT /switch/s {"hostname":"h","interface_type":"Te","password":"pw","type":"` + schema + `switches/dellnos9","username":"u"}`,
		"switch_register s ovs br0":                 `PUT /switch/s {"ovs_bridge":"br0","type":"` + schema + `switches/ovs"}`,
		`switch_register s http://x/y {"a":1}`:      `PUT /switch/s {"a":1,"type":"http://x/y"}`,
		"switch_delete s":                           "DELETE /switch/s",
		"list_switches":                             "GET /switches",
		"port_register s gi1/0/1":                   "PUT /switch/s/port/gi1%2F0%2F1",
		"port_delete s gi1/0/1":                     "DELETE /switch/s/port/gi1%2F0%2F1",
		"port_connect_nic s gi1/0/1 n i":            `POST /switch/s/port/gi1%2F0%2F1/connect_nic {"nic":"i","node":"n"}`,
		"port_detach_nic s gi1/0/1":                 "POST /switch/s/port/gi1%2F0%2F1/detach_nic",
		"headnode_create h p img":                   `PUT /headnode/h {"base_img":"img","project":"p"}`,
		"headnode_delete h":                         "DELETE /headnode/h",
		"headnode_start h":                          "POST /headnode/h/start",
		"headnode_stop h":                           "POST /headnode/h/stop",
		"headnode_create_hnic h i":                  "PUT /headnode/h/hnic/i",
		"headnode_delete_hnic h i":                  "DELETE /headnode/h/hnic/i",
		"headnode_connect_network h i w":            `POST /headnode/h/hnic/i/connect_network {"network":"w"}`,
		"headnode_detach_network h i":               "POST /headnode/h/hnic/i/detach_network",
		"show_headnode h":                           "GET /headnode/h",
		"list_headnode_images":                      "GET /headnode_images",
		"user_create u pw admin":                    `PUT /auth/basic/user/u {"is_admin":true,"password":"pw"}`,
		"user_create u pw regular":                  `PUT /auth/basic/user/u {"is_admin":false,"password":"pw"}`,
		"user_delete u":                             "DELETE /auth/basic/user/u",
		"user_add_project u p":                      `POST /auth/basic/user/u/add_project {"project":"p"}`,
		"user_remove_project u p":                   `POST /auth/basic/user/u/remove_project {"project":"p"}`,
		"user_set_admin u admin":                    `PATCH /auth/basic/user/u {"is_admin":true}`,
		"network_grant_project_access p w":          "PUT /network/w/access/p",
		"network_revoke_project_access p w":         "DELETE /network/w/access/p",
		"node_set_bootdev n pxe":                    `PUT /node/n/boot_device {"bootdev":"pxe"}`,
		"metadata_set n l v":                        `PUT /node/n/metadata/l {"value":"v"}`,
		"metadata_delete n l":                       "DELETE /node/n/metadata/l",
		"port_revert s gi1/0/1":                     "POST /switch/s/port/gi1%2F0%2F1/revert",
		"show_switch s":                             "GET /switch/s",
		"show_port s gi1/0/1":                       "GET /switch/s/port/gi1%2F0%2F1",
		"list_networks":                             "GET /networks",
		"list_network_attachments w all":            "GET /network/w/attachments",
		"list_network_attachments w p":              "GET /network/w/attachments?project=p",
		"list_active_extensions":                    "GET /active_extensions",
	}
}

func TestFlatCommands(t *testing.T) {
	t.Parallel()
	for line, want := range flats() {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil)
			got := f.run(t, strings.Split(line, " ")...)
			method, path, _ := strings.Cut(want, " ")
			if asked := f.asked(); asked != method+" /v0"+path {
				t.Errorf("asked %s, want %s", asked, want)
			}
			if got.status != 0 || got.out != "{}\n" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestEveryFlatCommandIsTested compares the table with the commands there are.
func TestEveryFlatCommandIsTested(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for line := range flats() {
		tested[strings.Fields(line)[0]] = true
	}
	count := 0
	for _, cmd := range cli.New(cli.Env{}).Commands() {
		if cmd.Hidden {
			count++
			if !tested[cmd.Name()] {
				t.Errorf("%s is not tested", cmd.Name())
			}
		}
	}
	// H16 had 46 that speak to the server, HIL added 12.
	if count != 58 || len(tested) != count {
		t.Errorf("%d commands, %d tested", count, len(tested))
	}
}

func TestFlatCommandsComplainAsTheyAlwaysDid(t *testing.T) {
	t.Parallel()
	body := `{"type":"NotFoundError","msg":"no such node"}`
	got := newFake(t, say(http.StatusNotFound, body+"\n")).run(t, "show_node", "n")
	if want := (outcome{1, "", "Unexpected status code: 404\nResponse text:\n" + body + "\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFlatCommandsPrintAnEmptyLineForAnEmptyAnswer(t *testing.T) {
	t.Parallel()
	if got := newFake(t, say(http.StatusOK, "")).run(t, "project_create", "p"); got != (outcome{0, "\n", ""}) {
		t.Errorf("got %+v", got)
	}
}

func TestFlatMisuse(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	for line, want := range map[string]string{
		"node_power_off":                    "NODE is missing",
		"node_power_off ":                   "NODE is empty",
		"node_power_off a b":                "one argument too many",
		"node_delete ..":                    "cannot be",
		"list_nodes busy":                   "none of all, free",
		"user_create u p boss":              "none of admin, regular",
		"node_register n apc h u p":         "is a type",
		"switch_register s nexus h u p":     "exactly 4 arguments",
		"switch_register s mock h u p x":    "exactly 3 arguments",
		"switch_register s other h u p":     "as one JSON object",
		"switch_register s http://x {a}":    "as one JSON object",
		"switch_register s http://x/y null": "as one JSON object",
	} {
		got := f.run(t, strings.Split(line, " ")...)
		if got.status != 1 || !strings.Contains(got.err, want) || got.out != "" {
			t.Errorf("%q gives %+v, want %q", line, got, want)
		}
	}
	if asked := f.asked(); asked != "" {
		t.Errorf("the server was asked %s", asked)
	}
}
