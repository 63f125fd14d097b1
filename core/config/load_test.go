package config_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/config"
)

func noEnv(string) string { return "" }

func mustParse(tb testing.TB, text string) *config.Config {
	tb.Helper()
	c, err := config.Parse("haas.cfg", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestMistakes has one mistake per file, and the whole text the operator reads.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"key":              {"[general]\nlog_level = INFO\n\n[database]\nurl = x\n", "haas.cfg:5: [database] url: unknown key; did you mean uri?"},
		"key in capitals":  {"[database]\nURI = sqlite:///x\n", "haas.cfg:2: [database] URI: unknown key; did you mean uri?"},
		"key elsewhere":    {"[general]\nuri = sqlite:///x\n", "haas.cfg:2: [general] uri: unknown key; it belongs in [database]"},
		"key far off":      {"[devel]\nfrobnicate =\n", "haas.cfg:2: [devel] frobnicate: unknown key; known are debug, dry_run"},
		"section":          {"[devel]\n[databse]\nuri = x\n", "haas.cfg:2: [databse]: unknown section; did you mean [database]?"},
		"section far off":  {"[xyzzy]\n", "haas.cfg:1: [xyzzy]: unknown section; a driver's is named as its program, like [switch-nexus], [obm-ipmi] or [headnode-libvirt]"},
		"driver's section": {"[Switch-Nexus]\n", "haas.cfg:1: [Switch-Nexus]: unknown section; a driver's is named as its program, like [switch-nexus], [obm-ipmi] or [headnode-libvirt]"},

		"no section":        {"log_level = INFO\n", "haas.cfg:1: stands before any section; write a [section] above it"},
		"no key":            {"[devel]\nsecret\n", "haas.cfg:2: is no section, no key and no comment; write key = value, or key = for none"},
		"open section":      {"[devel\n", "haas.cfg:1: is no section; write [name] alone on its line"},
		"nameless section":  {"[ ]\n", "haas.cfg:1: is no section; write [name] alone on its line\nhaas.cfg:1: unknown section; a driver's is named as its program, like [switch-nexus], [obm-ipmi] or [headnode-libvirt]"},
		"control character": {"[devel]\ndebug = \x01\n", "haas.cfg:2: is not text; write the file in UTF-8 without control characters"},
		"not UTF-8":         {"[devel]\ndebug = \xff\n", "haas.cfg:2: is not text; write the file in UTF-8 without control characters"},

		"log_level":        {"[general]\nlog_level = LOUD\n", `haas.cfg:2: [general] log_level: "LOUD" is no level; write CRITICAL, ERROR, WARNING, INFO or DEBUG`},
		"log_dir":          {"[general]\nlog_dir =\n", "haas.cfg:2: [general] log_dir: is empty; give a value or remove the key"},
		"boolean":          {"[auth]\nrequire_authentication = perhaps\n", `haas.cfg:2: [auth] require_authentication: "perhaps" is neither true nor false`},
		"two lines":        {"[plugins]\ndir = a\n  run_dir = b\n", "haas.cfg:2: [plugins] dir: continues on the next line, which is indented; write it on one line"},
		"list":             {"[headnode]\nbase_imgs = a\n  b\n", "haas.cfg:2: [headnode] base_imgs: continues on the next line without a comma"},
		"listen":           {"[server]\nlisten = 5000\n", `haas.cfg:2: [server] listen: "5000" is no address; write HOST:PORT, like 127.0.0.1:5000`},
		"port":             {"[server]\nlisten = :http\n", `haas.cfg:2: [server] listen: "http" is no port; write a number from 0 to 65535`},
		"lone certificate": {"[server]\ntls_cert = c.pem\n", "haas.cfg:1: [server] tls_key: is missing; the section needs tls_cert and tls_key"},
		"endpoint":         {"[client]\nendpoint = 127.0.0.1:5000\n", "haas.cfg:2: [client] endpoint: is no web address; write http://HOST:PORT or https://HOST:PORT"},
		"count":            {"[fabric]\nretries = many\n", `haas.cfg:2: [fabric] retries: "many" is no number from 0 to 1000`},
		"duration":         {"[fabric]\nsave_delay = 5\n", `haas.cfg:2: [fabric] save_delay: "5" is no time up to 24h; write it with its unit, like 300ms, 5s or 2m`},
		"interval":         {"[power]\ninterval = 2\n", `haas.cfg:2: [power] interval: "2" is no time up to 24h; write it with its unit, like 300ms, 5s or 2m`},
		"rate":             {"[power]\nrate = 0\n", `haas.cfg:2: [power] rate: "0" is no number from 1 to 1000`},
		"high rate":        {"[power]\nrate = 1001\n", `haas.cfg:2: [power] rate: "1001" is no number from 1 to 1000`},
		"sleep_time":       {"[network-daemon]\nsleep_time = 0\n", `haas.cfg:2: [network-daemon] sleep_time: "0" is no number of seconds between 0 and 3600`},
		"long sleep_time":  {"[network-daemon]\nsleep_time = 3600\n", `haas.cfg:2: [network-daemon] sleep_time: "3600" is no number of seconds between 0 and 3600`},
		"lone project":     {"\n[maintenance]\nmaintenance_project = m\n", "haas.cfg:2: [maintenance] url: is missing; the section needs maintenance_project and url"},
		"lone url":         {"[maintenance]\nurl = http://h/\n", "haas.cfg:1: [maintenance] maintenance_project: is missing; the section needs maintenance_project and url"},

		"network":                              {"[headnode]\nnetwork = bridge\n", `haas.cfg:2: [headnode] network: "bridge" is none of bridges, openvswitch`},
		"domain_type":                          {"[headnode]\ndomain_type = xen\n", `haas.cfg:2: [headnode] domain_type: "xen" is none of kvm, qemu`},
		"hosts with a capacity without a unit": {"[headnode]\nhosts = mock:a 64\n", `haas.cfg:2: [headnode] hosts: "64" is no amount of memory; write it like 512MiB, 64GiB or 1TiB`},
		"hosts with no capacity at all":        {"[headnode]\nhosts = mock:a 0GiB\n", `haas.cfg:2: [headnode] hosts: "0GiB" is no amount of memory; write it like 512MiB, 64GiB or 1TiB`},
		"hosts with an enormous capacity":      {"[headnode]\nhosts = mock:a 2000TiB\n", `haas.cfg:2: [headnode] hosts: "2000TiB" is no amount of memory; write it like 512MiB, 64GiB or 1TiB`},
		"hosts with too many words":            {"[headnode]\nhosts = mock:a 1GiB mock:b 1GiB\n", "haas.cfg:2: [headnode] hosts: has 4 words for mock:a; write its URI and, if headnodes may not have all its memory, how much: mock:a 64GiB"},
		"hosts with one twice":                 {"[headnode]\nhosts = mock:a, mock:b, mock:a 1GiB\n", "haas.cfg:2: [headnode] hosts: names mock:a twice; remove one"},
		"hosts beside libvirt_endpoint":        {"[headnode]\nhosts = mock:a\nlibvirt_endpoint = qemu:///system\n", "haas.cfg:2: [headnode] hosts: is given beside libvirt_endpoint; keep one of them, and add the host of libvirt_endpoint to hosts if headnodes are there"},
		"memory":                               {"[headnode]\nmemory = 2G\n", `haas.cfg:2: [headnode] memory: "2G" is no number above 0`},

		"VLANs":            {"[haas.ext.network_allocators.vlan_pool]\nvlans = 1,garbage\n", `haas.cfg:2: [haas.ext.network_allocators.vlan_pool] vlans: "garbage" is no VLAN; write numbers and ranges from 1 to 4094, like 14,35-40`},
		"save":             {"[hil.ext.switches.nexus]\nsave = maybe\n", `haas.cfg:2: [hil.ext.switches.nexus] save: "maybe" is neither true nor false`},
		"extension":        {"[extensions]\nhaas.ext.auth.databse =\nhaas.ext.auth.null =\nhaas.ext.network_allocators.null =\n", "haas.cfg:2: [extensions] haas.ext.auth.databse: unknown key; did you mean haas.ext.auth.database?"},
		"foreign module":   {"[extensions]\nacme.switch =\nhil.ext.auth.null =\nhil.ext.network_allocators.null =\n", "haas.cfg:2: [extensions] acme.switch: unknown extension; Python modules are not loaded, drivers are programs in the directory of [plugins] dir"},
		"keystone":         {"[extensions]\nhaas.ext.auth.keystone =\nhaas.ext.network_allocators.null =\n", "haas.cfg:2: [extensions] haas.ext.auth.keystone: is not supported; use haas.ext.auth.database"},
		"keystone section": {"[hil.ext.auth.keystone]\npassword = x\n", "haas.cfg:1: [hil.ext.auth.keystone]: keystone is not supported; remove the section and use haas.ext.auth.database"},
		"mock auth":        {"[extensions]\nhil.ext.auth.mock =\nhil.ext.network_allocators.null =\n", "haas.cfg:2: [extensions] hil.ext.auth.mock: was for the predecessor's own tests; use haas.ext.auth.database"},
		"no auth":          {"[extensions]\nhaas.ext.network_allocators.null =\n", "haas.cfg:1: [extensions]: names no authentication backend; add one of haas.ext.auth.database = and haas.ext.auth.null ="},
		"no allocator":     {"[extensions]\nhaas.ext.auth.null =\n", "haas.cfg:1: [extensions]: names no network allocator; add one of haas.ext.network_allocators.vlan_pool = and haas.ext.network_allocators.null ="},
		"two backends":     {"[extensions]\nhaas.ext.network_allocators.null =\nhaas.ext.auth.null =\nhaas.ext.auth.database =\n", "haas.cfg:3: [extensions] haas.ext.auth.null: is a second authentication backend beside haas.ext.auth.database; keep one of them"},
		"pool without vlans": {"[extensions]\nhaas.ext.auth.null =\nhaas.ext.network_allocators.vlan_pool =\n",
			"haas.cfg:3: [extensions] haas.ext.network_allocators.vlan_pool: needs its VLANs; write [haas.ext.network_allocators.vlan_pool] and below it vlans = 14,35-40"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("haas.cfg", []byte(c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestEveryMistakeIsListed(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("haas.cfg", []byte("[general]\nlog_levl = INFO\n[database]\nurl = x\n"))
	if n := strings.Count(err.Error(), "did you mean"); n != 2 {
		t.Errorf("%d mistakes in %v, want 2", n, err)
	}
	if e, ok := errors.AsType[*config.Error](err); !ok || e.Line != 2 || e.Key != "log_levl" {
		t.Errorf("first mistake is %+v", e)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "")
	if c.Auth.Backend != config.AuthDatabase || !c.Auth.RequireAuthentication {
		t.Errorf("auth is %+v", c.Auth)
	}
	if c.Network.Allocator != config.AllocatorVLANPool || c.Database.URI.Reveal() != "sqlite:///haas.db" {
		t.Errorf("network is %+v, database %s", c.Network, c.Database.URI)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "vlans: is missing") {
		t.Errorf("warnings are %q", c.Warnings)
	}
}

func TestGrammar(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "\ufeff# comment\n; comment\r\n[general] ; the first\r\nlog_level: debug # loud\n"+
		"[headnode]\nbase_imgs =\n  one,\n\n  # not this one\n  two,one\n[devel]\ndry_run =\ndebug = no\n"+
		"[switch-mock]\n Token = a=b:c#d\n Other = `\n")
	if c.General.LogLevel != hclog.Debug || !c.Devel.DryRun || c.Devel.Debug {
		t.Errorf("general is %+v, devel %+v", c.General, c.Devel)
	}
	if !slices.Equal(c.Headnode.BaseImages, []string{"one", "two"}) {
		t.Errorf("base_imgs are %q", c.Headnode.BaseImages)
	}
	if mock := c.Drivers["switch-mock"]; mock["Token"] != "a=b:c#d" || mock["Other"] != "`" {
		t.Errorf("switch-mock has %q", map[string]string(mock))
	}
}

func TestFabric(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "[network-daemon]\nsleep_time = 61.5\n[fabric]\nretries = 0\nlease = 20s\nlinger = 0\ncheck_interval = 0s\n")
	if c.Fabric.Poll != 61500*time.Millisecond || c.Fabric.Retries != 0 || c.Fabric.Lease != 20*time.Second || c.Fabric.Linger != 0 || c.Fabric.CheckInterval != 0 {
		t.Errorf("fabric is %+v", c.Fabric)
	}
	if !slices.ContainsFunc(c.Warnings, func(w string) bool { return strings.HasPrefix(w, "haas.cfg:2: [network-daemon] sleep_time") }) {
		t.Errorf("warnings are %q", c.Warnings)
	}
}

func TestPower(t *testing.T) {
	t.Parallel()
	if p := mustParse(t, "").Power; p.Interval != 2*time.Minute || p.Rate != 50 {
		t.Errorf("by default power is %+v", p)
	}
	if p := mustParse(t, "[power]\ninterval = 0\nrate = 1\n").Power; p.Interval != 0 || p.Rate != 1 {
		t.Errorf("power is %+v", p)
	}
}

func TestHeadnodeHosts(t *testing.T) {
	t.Parallel()
	got := mustParse(t, "[headnode]\nhosts = qemu+tls://hv1/system 64GiB,\n  qemu+tls://hv2/system, mock:c 1TiB, d 5MiB\n").Headnode.Hosts
	want := []config.HeadnodeHost{{URI: "qemu+tls://hv1/system", Capacity: 64 << 10}, {URI: "qemu+tls://hv2/system"}, {URI: "mock:c", Capacity: 1 << 20}, {URI: "d", Capacity: 5}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestHeadnodeDriver(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "http://schema.massopencloud.org/haas/v0/headnodes/mock",
		"[headnode]\nlibvirt_endpoint = qemu:///system\n":                       "http://schema.massopencloud.org/haas/v0/headnodes/libvirt",
		"[headnode]\nlibvirt_endpoint = qemu:///system\ndriver = http://own/\n": "http://own/",
		"[headnode]\nhosts = qemu:///system\n":                                  "http://schema.massopencloud.org/haas/v0/headnodes/libvirt",
		"[headnode]\nhosts = mock:a\ndriver = http://own/\n":                    "http://own/",
	} {
		if got := mustParse(t, text).Headnode.Driver; got != want {
			t.Errorf("%q gives driver %s, want %s", text, got, want)
		}
	}
}

// TestHeadnodeSettings wants the driver to be told what is written, and nothing else.
func TestHeadnodeSettings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]any{
		"[headnode]\nlibvirt_endpoint = qemu:///system\ntrunk_nic = em3\n": {"uri": "qemu:///system", "network": "bridges", "trunk_nic": "em3"},
		"[headnode]\nlibvirt_endpoint = qemu:///system\nnetwork = openvswitch\nbridge = br0\ndomain_type = qemu\npool = p\nmemory = 64\ncpus = 1\n": {
			"uri": "qemu:///system", "network": "openvswitch", "bridge": "br0", "domain_type": "qemu", "pool": "p", "memory": 64, "cpus": 1,
		},
	} {
		c := mustParse(t, text)
		if got := c.Headnode.Settings(); !c.Headnode.OnLibvirt() || !maps.Equal(got, want) {
			t.Errorf("%q gives %v, want %v", text, got, want)
		}
	}
}

func TestHeadnodeError(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "[headnode]\nlibvirt_endpoint = xen:///\n")
	for setting, want := range map[string]string{
		"uri":       "haas.cfg:2: [headnode] libvirt_endpoint: is wrong",
		"trunk_nic": "haas.cfg: [headnode] trunk_nic: is wrong",
		"timeout":   "haas.cfg: [headnode] timeout: is wrong",
	} {
		if got := c.HeadnodeError(setting, "is wrong").Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestHeadnodeErrorOfSeveralHosts(t *testing.T) {
	t.Parallel()
	got := mustParse(t, "[headnode]\nhosts = xen:///\n").HeadnodeError("uri", "is wrong").Error()
	if want := "haas.cfg:2: [headnode] hosts: is wrong"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUnusedHost(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "[headnode]\ntrunk_nic = em3\npool = p\nbridge = br0\n")
	for i, want := range []string{"haas.cfg:4: [headnode] bridge: is not used", "haas.cfg:3: [headnode] pool: is not used"} {
		if !strings.HasPrefix(c.Warnings[i+1], want) { // the first is about VLANs
			t.Errorf("warnings are %q, want %q", c.Warnings, want)
		}
	}
	if len(c.Warnings) != 3 {
		t.Errorf("warnings are %q", c.Warnings)
	}
}

func TestKeyGivenTwice(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "[database]\nuri = sqlite:///a\n[devel]\n[database]\nuri = sqlite:///b\n")
	if c.Database.URI != "sqlite:///b" {
		t.Errorf("the last uri lost: %s", c.Database.URI)
	}
	if want := "haas.cfg:2: [database] uri: is set again on line 5, which wins; remove one"; !slices.Contains(c.Warnings, want) {
		t.Errorf("warnings are %q", c.Warnings)
	}
}

func TestDriverSettings(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "[hil.ext.switches.dell]\nsave = False\n[switch-nexus]\nsave = later\n[haas.ext.switches.nexus]\nsave = on\n")
	if got := c.Drivers["switch-powerconnect"]["save"]; got != "false" {
		t.Errorf("powerconnect's save is %q", got)
	}
	if got := c.Drivers["switch-nexus"]["save"]; got != "later" {
		t.Errorf("nexus's own save lost against the predecessor's: %q", got)
	}
	for driver, want := range map[string]string{
		"switch-powerconnect": "haas.cfg:2: [hil.ext.switches.dell] save: no",
		"switch-nexus":        "haas.cfg:4: [switch-nexus] save: no",
		"switch-mock":         "haas.cfg: [switch-mock] save: no",
	} {
		if got := c.DriverError(driver, "save", "no").Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hil, haas := filepath.Join(dir, "hil.cfg"), filepath.Join(dir, "haas.cfg")
	write(t, hil, "")
	expect := func(getenv func(string) string, want string) {
		t.Helper()
		if got, err := config.Find(dir, getenv); err != nil || got != want {
			t.Errorf("found %s, %v, want %s", got, err, want)
		}
	}
	expect(noEnv, hil)
	write(t, haas, "")
	expect(noEnv, haas)
	expect(func(string) string { return "/elsewhere" }, "/elsewhere")
}

func TestFindNothing(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/etc/haas.cfg", "/etc/hil.cfg"} {
		if _, err := os.Stat(path); err == nil {
			t.Skip(path + " exists here")
		}
	}
	_, err := config.Find(t.TempDir(), noEnv)
	if !errors.Is(err, config.ErrNoFile) || !strings.Contains(err.Error(), "HAAS_CONFIG") {
		t.Errorf("got %v", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "haas.cfg")
	write(t, path, "[client]\nendpoint = http://file\n[database]\nuri = postgresql://haas:hush@db/haas\n")
	c, err := config.Load(path, func(name string) string { return map[string]string{"HAAS_ENDPOINT": "http://env"}[name] })
	if err != nil || c.Client.Endpoint != "http://env" {
		t.Fatalf("got %v, %v", c, err)
	}
	readable := func(w string) bool { return strings.Contains(w, "chmod o-r") }
	if !slices.ContainsFunc(c.Warnings, readable) {
		t.Errorf("no warning of a file everybody reads: %q", c.Warnings)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if c, err = config.Load(path, noEnv); err != nil || slices.ContainsFunc(c.Warnings, readable) {
		t.Errorf("warnings of a closed file are %q, %v", c.Warnings, err)
	}
}

func TestLoadNothing(t *testing.T) {
	t.Parallel()
	_, err := config.Load(filepath.Join(t.TempDir(), "none.cfg"), noEnv)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none.cfg") {
		t.Errorf("got %v", err)
	}
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// FuzzParse looks for a panic, and for a mistake without its file.
func FuzzParse(f *testing.F) {
	f.Add([]byte("[extensions]\nhaas.ext.auth.null =\n[switch-mock]\ndelay: 3s\n  more\n"))
	f.Add([]byte("[\n]\n=\n \n[a]b\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.Parse("haas.cfg", text)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v", c, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "haas.cfg:") {
			t.Fatalf("mistake without its file: %v", err)
		}
	})
}
