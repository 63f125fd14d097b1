package cli_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
)

// tree are commands of the tree, each with its request; the paths' prefix /v0 is left out.
func tree() map[string]string {
	return map[string]string{
		"project list":                         "GET /projects",
		"project create p":                     "PUT /project/p",
		"project delete p":                     "DELETE /project/p",
		"project networks p":                   "GET /project/p/networks",
		"project headnodes p":                  "GET /project/p/headnodes",
		"project node list p":                  "GET /project/p/nodes",
		"project node add p n":                 `POST /project/p/connect_node {"node":"n"}`,
		"project node remove p n":              `POST /project/p/detach_node {"node":"n"}`,
		"node list":                            "GET /nodes/all",
		"node list free":                       "GET /nodes/free",
		"node show n":                          "GET /node/n",
		"node delete n":                        "DELETE /node/n",
		"node bootdev n pxe":                   `PUT /node/n/boot_device {"bootdev":"pxe"}`,
		"node bootdev n pxe --once":            `PUT /node/n/boot_device {"bootdev":"pxe","once":true}`,
		"node sensors n":                       "GET /node/n/sensors",
		"node inventory n":                     "GET /node/n/inventory",
		"node identify n":                      `POST /node/n/identify {"seconds":15}`,
		"node identify n --seconds 40":         `POST /node/n/identify {"seconds":40}`,
		"node identify n --off":                `POST /node/n/identify {"seconds":0}`,
		"node nic register n i m":              `PUT /node/n/nic/i {"macaddr":"m"}`,
		"node nic delete n i":                  "DELETE /node/n/nic/i",
		"node network connect n i w":           `POST /node/n/nic/i/connect_network {"network":"w"}`,
		"node network connect n i w c":         `POST /node/n/nic/i/connect_network {"channel":"c","network":"w"}`,
		"node network detach n i w":            `POST /node/n/nic/i/detach_network {"network":"w"}`,
		"node network connect n i w --plan":    `POST /node/n/nic/i/connect_network?dry_run=true {"network":"w"}`,
		"node network detach n i w --plan":     `POST /node/n/nic/i/detach_network?dry_run=true {"network":"w"}`,
		"node power":                           "GET /nodes/power",
		"node power --fresh":                   "GET /nodes/power?fresh=true",
		"node power list":                      "GET /nodes/power",
		"node power list --fresh":              "GET /nodes/power?fresh=true",
		"node power on n":                      "POST /node/n/power_on",
		"node power off n":                     "POST /node/n/power_off",
		"node power cycle n":                   `POST /node/n/power_cycle {"force":false}`,
		"node power cycle n --force":           `POST /node/n/power_cycle {"force":true}`,
		"node power status n":                  "GET /node/n/power_status",
		"node obm enable n":                    `PUT /node/n/obm {"enabled":true}`,
		"node obm disable n":                   `PUT /node/n/obm {"enabled":false}`,
		"node console show n":                  "GET /node/n/console",
		"node console show n --no-follow":      "GET /node/n/console?follow=false",
		"node console watch n --tail 0 --take": "GET /node/n/console?tail=0&take=true",
		"node console log n":                   "GET /node/n/console/log",
		"node console log n on":                `PUT /node/n/console/log {"enabled":true}`,
		"node console log n off":               `PUT /node/n/console/log {"enabled":false}`,
		"node console start n":                 "PUT /node/n/console",
		"node console stop n":                  "DELETE /node/n/console",
		"node metadata add n l 5":              `PUT /node/n/metadata/l {"value":"5"}`,
		"node metadata set n l 5 --as-json":    `PUT /node/n/metadata/l {"value":5}`,
		"node metadata delete n l":             "DELETE /node/n/metadata/l",
		"network list":                         "GET /networks",
		"network show w":                       "GET /network/w",
		"network create w p":                   `PUT /network/w {"access":"p","net_id":"","owner":"p"}`,
		"network create w admin --access p --access q --net_id 7": `PUT /network/w {"access":["p","q"],"net_id":"7","owner":"admin"}`,
		"network create w admin --public":                         `PUT /network/w {"access":"","net_id":"","owner":"admin"}`,
		"network delete w":                                        "DELETE /network/w",
		"network grant-access w p":                                "PUT /network/w/access/p",
		"network revoke-access w p":                               "DELETE /network/w/access/p",
		"network attachments w":                                   "GET /network/w/attachments",
		"network list-attachments w --project p":                  "GET /network/w/attachments?project=p",
		"switch list":                                             "GET /switches",
		"switch show s":                                           "GET /switch/s",
		"switch delete s":                                         "DELETE /switch/s",
		"port show s a/1":                                         "GET /switch/s/port/a%2F1",
		"port register s a/1":                                     "PUT /switch/s/port/a%2F1",
		"port delete s a/1":                                       "DELETE /switch/s/port/a%2F1",
		"port delete s a/1 --force":                               "DELETE /switch/s/port/a%2F1?force=true",
		"port connect-nic s a/1 n i":                              `POST /switch/s/port/a%2F1/connect_nic {"nic":"i","node":"n"}`,
		"port nic add s a/1 n i":                                  `POST /switch/s/port/a%2F1/connect_nic {"nic":"i","node":"n"}`,
		"port detach-nic s a/1":                                   "POST /switch/s/port/a%2F1/detach_nic",
		"port nic remove s a/1":                                   "POST /switch/s/port/a%2F1/detach_nic",
		"port revert s a/1":                                       "POST /switch/s/port/a%2F1/revert",
		"port revert s a/1 --plan":                                "POST /switch/s/port/a%2F1/revert?dry_run=true",
		"port state s a/1":                                        "GET /switch/s/port/a%2F1/state",
		"switch test s":                                           "POST /switch/s/test",
		"headnode list p":                                         "GET /project/p/headnodes",
		"headnode show h":                                         "GET /headnode/h",
		"headnode images":                                         "GET /headnode_images/details",
		"headnode create h p img":                                 `PUT /headnode/h {"base_img":"img","project":"p"}`,
		"headnode delete h":                                       "DELETE /headnode/h",
		"headnode start h":                                        "POST /headnode/h/start",
		"headnode stop h":                                         "POST /headnode/h/stop",
		"headnode hosts":                                          "GET /headnode_hosts",
		"headnode rename-host a b":                                `POST /headnode_hosts/rename {"from":"a","to":"b"}`,
		"headnode debts":                                          "GET /headnode_debts",
		"headnode forgive m":                                      "DELETE /headnode_debts/m",
		"headnode nic list h":                                     "GET /headnode/h/hnics",
		"headnode nic create h i":                                 "PUT /headnode/h/hnic/i",
		"headnode nic delete h i":                                 "DELETE /headnode/h/hnic/i",
		"headnode network connect h i w":                          `POST /headnode/h/hnic/i/connect_network {"network":"w"}`,
		"headnode network detach h i w":                           "POST /headnode/h/hnic/i/detach_network",
		"headnode network connect h i w --live":                   `POST /headnode/h/hnic/i/connect_network?live=true {"network":"w"}`,
		"headnode network detach h i --live":                      "POST /headnode/h/hnic/i/detach_network?live=true",
		"user list":                                               "GET /auth/basic/users",
		"user delete u":                                           "DELETE /auth/basic/user/u",
		"user set-admin u regular":                                `PATCH /auth/basic/user/u {"is_admin":false}`,
		"user project add u p":                                    `POST /auth/basic/user/u/add_project {"project":"p"}`,
		"user project remove u p":                                 `POST /auth/basic/user/u/remove_project {"project":"p"}`,
		"user create u --password-stdin":                          `PUT /auth/basic/user/u {"is_admin":false,"password":"hush"}`,
		"user create u --admin --password-stdin":                  `PUT /auth/basic/user/u {"is_admin":true,"password":"hush"}`,
		"networking-action show id":                               "GET /networking_action/id",
		"driver list":                                             "GET /drivers",
		"driver extensions":                                       "GET /active_extensions",
		"node register n --type ipmi --host h --user u --password-stdin":                                    `PUT /node/n {"obm":{"host":"h","password":"hush","type":"` + schema + `obm/ipmi","user":"u"}}`,
		"switch register s --type nexus --host h --user u --set dummy_vlan:=9 --set a=b=c --password-stdin": `PUT /switch/s {"a":"b=c","dummy_vlan":9,"hostname":"h","password":"hush","type":"` + schema + `switches/nexus","username":"u"}`,
		"switch register s --type ovs --set ovs_bridge=b --no-password":                                     `PUT /switch/s {"ovs_bridge":"b","type":"` + schema + `switches/ovs"}`,
		"switch register s nexus hostname=h username=u dummy_vlan=9 --password-stdin":                       `PUT /switch/s {"dummy_vlan":"9","hostname":"h","password":"hush","type":"` + schema + `switches/nexus","username":"u"}`,
		"switch register s nexus a:=[1] --no-password":                                                      `PUT /switch/s {"a":[1],"type":"` + schema + `switches/nexus"}`,
		// HIL's spellings, with the password among the arguments.
		"user create u hush admin":        `PUT /auth/basic/user/u {"is_admin":true,"password":"hush"}`,
		"node register n mock h u hush":   `PUT /node/n {"obm":{"host":"h","password":"hush","type":"` + schema + `obm/mock","user":"u"}}`,
		"switch register s mock h u hush": `PUT /switch/s {"hostname":"h","password":"hush","type":"` + schema + `switches/mock","username":"u"}`,
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	for line, want := range tree() {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil)
			got := run(t, map[string]string{"HAAS_ENDPOINT": f.url + "/"}, "hush\n", append([]string{"--json"}, strings.Fields(line)...)...)
			method, path, _ := strings.Cut(want, " ")
			if asked := f.asked(); asked != method+" /v0"+path {
				t.Errorf("asked %s, want %s", asked, want)
			}
			if got.status != 0 || strings.TrimSpace(got.out) != "{}" || strings.Contains(got.out+got.err, "hush") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestEveryVerbIsTested compares the table with the commands there are. Checks and the consoles have tests of their own.
func TestEveryVerbIsTested(t *testing.T) {
	t.Parallel()
	root := cli.New(cli.Env{})
	tested := map[*cobra.Command]bool{}
	for _, line := range append(slices.Collect(maps.Keys(tree())), "switch check s", "switch update s", "console n", "headnode console h") {
		cmd, _, err := root.Find(strings.Fields(line))
		if err != nil {
			t.Error(err)
		}
		tested[cmd] = true
	}
	var check func(*cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.Name() == "site" || cmd.Name() == "version" || cmd.Name() == "old-commands" || cmd.Hidden {
			return
		}
		if !cmd.HasSubCommands() && !tested[cmd] {
			t.Errorf("%s is not tested", cmd.CommandPath())
		}
		if cmd.Short == "" {
			t.Errorf("%s has no help", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(root)
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"":                                     "haas: say what to do",
		"nod":                                  `haas: there is no "nod"; did you mean node?`,
		"node":                                 "possible: bootdev, console,",
		"node power of":                        "did you mean on or off?",
		"node power --wat":                     "unknown flag: --wat",
		"node power list n":                    `"n" is one argument too many`,
		"node identify n --off --seconds 3":    "contradict",
		"node identify n --seconds soon":       "soon",
		"node power off":                       "NODE is missing\nusage: haas node power off NODE",
		"node show a b":                        `"b" is one argument too many`,
		"node list busy":                       "none of all, free",
		"node show n --wat":                    "unknown flag: --wat",
		"network create w admin":               "say who may connect",
		"node register n":                      "--type is missing",
		"node register n --type mock":          "--password-stdin",
		"switch register s":                    "TYPE is missing",
		"switch register s mock --type mock":   "contradict",
		"switch register s mock password=hush": "--password-file",
		"switch register s mock enable_password=hush":         "enable_password@FILE",
		"switch register s mock key@/nonexistent":             "setting key: read the password",
		"switch register s mock hostname=h":                   "no password",
		"switch register s --type mock --set x --no-password": "NAME=TEXT",
		"switch update": "SWITCH is missing",
		"switch register s --type mock --set x:=a{ --no-password": "is not JSON",
		"network create w p --public --access q":                  "contradict",
		"user create u --password-file /nonexistent":              "read the password",
		"user create u --password-stdin":                          "there is none",
		"site import /nonexistent.yaml":                           "read the site",
		"node metadata set n l {a --as-json":                      "invalid character",
		"--endpoint nowhere node list":                            "is no URL",
		"node network connect n i w --timeout soon":               "soon",
		"console":                  "NODE is missing\nusage: haas console NODE [flags]",
		"console n --tail -1":      "invalid argument \"-1\" for \"--tail\"",
		"console n --silence soon": "soon",
		"node console log n maybe": "none of on, off",
	} {
		f := newFake(t, nil)
		got := f.run(t, strings.Fields(line)...)
		if got.status != 1 || !strings.Contains(got.err, want) || got.out != "" {
			t.Errorf("%q gives %+v, want %q", line, got, want)
		}
		if asked := f.asked(); asked != "" {
			t.Errorf("%q asked %s", line, asked)
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	f := newFake(t, say(http.StatusUnauthorized, `{"type":"AuthorizationError","msg":"who are you?"}`))
	if got, want := f.run(t, "node", "list"), "haas node list: who are you?\nlog in by setting HAAS_USERNAME and HAAS_PASSWORD\n"; got.status != 1 || got.err != want {
		t.Errorf("got %+v, want %q", got, want)
	}
	got := run(t, map[string]string{"HAAS_ENDPOINT": "http://127.0.0.1:1"}, "", "node", "list")
	if got.status != 1 || !strings.Contains(got.err, "cannot reach the HaaS server at http://127.0.0.1:1") || !strings.Contains(got.err, `"haas serve"`) {
		t.Errorf("got %+v", got)
	}
}

func TestPasswordFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("hush\r\nmore\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFake(t, nil)
	got := f.run(t, "user", "create", "u", "--password-file", file)
	if want := `PUT /v0/auth/basic/user/u {"is_admin":false,"password":"hush"}`; got.status != 0 || f.asked() != want {
		t.Errorf("got %+v, asked %s", got, f.asked())
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	for line, c := range map[string]struct{ answer, want string }{
		"project list": {`["a","b"]`, "a\nb\n"},
		"node show n": {`{"name":"n","project":null,"metadata":{"l":"\"v\""},"nics":[{"label":"i","macaddr":"m","networks":{"vlan/native":"w"},"switch":"s","port":null}]}`,
			"node        n\nproject     -\nmetadata l  \"v\"\n\nNIC  MAC  SWITCH  PORT  NETWORKS\ni    m    s       -     vlan/native=w\n"},
		"network list": {`{"w":{"network_id":"100","projects":null},"v":{"network_id":"101","projects":["p","q"]}}`,
			"NETWORK  VLAN  ACCESS\nv        101   p, q\nw        100   everybody\n"},
		"network show w":        {`{"name":"w","owner":"p","access":["p"],"channels":["vlan/native"],"connected-nodes":{"n":["j","i"]}}`, "network   w\nowner     p\naccess    p\nchannels  vlan/native\nnode n    i, j\n"},
		"network attachments w": {`{"n":{"nic":"i","channel":"c","project":"p"}}`, "NODE  NIC  CHANNEL  PROJECT\nn     i    c        p\n"},
		"port show s a":         {`{"node":"n","nic":"i","networks":{}}`, "node      n\nNIC       i\nnetworks  -\n"},
		"user list":             {`{"u":{"is_admin":true,"projects":[]}}`, "USER  ROLE   PROJECTS\nu     admin  -\n"},
		"node power status n":   {`{"power_status":"on"}`, "on\n"},
		"node power": {`[{"node":"n1","project":"p","power":"on","age":75.4,"error":""},{"node":"n2","project":null,"power":"unknown","age":0.2,"error":"no\tanswer"},{"node":"n3","project":null,"power":"unknown","age":null,"error":"disabled"}]`,
			"NODE  PROJECT  POWER    AGE    ERROR\nn1    p        on       1m15s  -\nn2    -        unknown  0s     no answer\nn3    -        unknown  -      disabled\n"},
		"node sensors n": {`[{"name":"T","value":35.25,"unit":"degrees C","state":"ok"},{"name":"F","value":12000,"unit":"RPM","state":""},{"name":"P","value":null,"unit":"","state":"here\u001b[2J"}]`,
			"SENSOR  VALUE  UNIT       STATE\nT       35.25  degrees C  ok\nF       12000  RPM        -\nP       -      -          here [2J\n"},
		"node inventory n": {`[{"name":"system","manufacturer":"Dell","product":"R620","part_number":"","serial":"A1","version":"","asset_tag":"r7"}]`,
			"PART    MANUFACTURER  PRODUCT  PART NUMBER  SERIAL  VERSION  ASSET TAG\nsystem  Dell          R620     -            A1      -        r7\n"},
		"node console log n": {`{"enabled":true,"bytes":12,"state":"waiting","error":"no\u001b route"}`,
			"kept     yes\nbytes    12\nconsole  waiting\nerror    no  route\n"},
		"driver list": {`[{"name":"d","version":"","state":"broken","restarts":3,"types":["t"],"last_error":"a\tb\u001b[2J"}]`,
			"DRIVER  VERSION  STATE   RESTARTS  TYPES  LAST ERROR\nd       -        broken  3         t      a b [2J\n"},
		"headnode hosts": {`[{"host":"mock:a","state":"ok","capacity":2048,"used":0,"error":null,"since":null},{"host":"","state":"unreachable","capacity":null,"used":null,"error":"no\u001b route","since":"2026-01-02T03:04:05Z"}]`,
			"HOST    STATE        CAPACITY  USED   SINCE                ERROR\nmock:a  ok           2048 MiB  0 MiB  -                    -\n-       unreachable  -         -      " +
				time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Local().Format(time.DateTime) + "  no  route\n"},
		"headnode debts": {`[{"machine":"m","host":"","headnode":"h","project":"p","networks":["v","w"],"since":"2026-01-02T03:04:05Z","tries":7,"last_error":"no\u001b route","next_try":"2026-01-02T03:04:06Z"}]`,
			"MACHINE  HOST  HEADNODE  PROJECT  NETWORKS  SINCE                TRIES  LAST ERROR\nm        -     h         p        v, w      " +
				time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Local().Format(time.DateTime) + "  7      no  route\n"},
		"action show id": {`{"status":"ERROR","node":"n","nic":"i","type":"modify_port","channel":"","new_network":null,"error":"no"}`,
			"status   ERROR\nnode     n\nNIC      i\ntype     modify_port\nchannel  -\nnetwork  -\nerror    no\n"},
	} {
		got := newFake(t, say(http.StatusOK, c.answer)).run(t, strings.Fields(line)...)
		if got.status != 0 || got.out != c.want {
			t.Errorf("%s prints\n%s%s, want\n%s", line, got.out, got.err, c.want)
		}
		if raw := newFake(t, say(http.StatusOK, c.answer)).run(t, append(strings.Fields(line), "--json")...); raw.out != c.answer+"\n" {
			t.Errorf("%s --json prints %s", line, raw.out)
		}
	}
}
