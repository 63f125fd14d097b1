package server_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// cwd is a folder in which haas is run.
type cwd struct {
	dir string
	env []string
}

func newCwd(t *testing.T) cwd {
	t.Helper()
	text, err := os.ReadFile(servertest.Program(t))
	noError(t, err)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "haas"), string(text), 0o755)
	return cwd{dir: dir, env: []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir}}
}

// shell runs a line as a user would type it.
func (c cwd) shell(t *testing.T, line string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env = c.dir, c.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// serve runs "haas serve PORT" until the test ends, and gives the port when it is ready.
func (c cwd) serve(t *testing.T) (port string) {
	t.Helper()
	port = freePort(t)
	var said bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(c.dir, "haas"), "serve", port)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
		if err := <-ended; err != nil || t.Failed() {
			t.Errorf("haas serve ended with %v and said\n%s", err, said.String())
		}
	})
	servertest.Eventually(t, "the server is ready", func() (bool, any) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("haas serve ended: %v", err)
		default:
		}
		got := exec.CommandContext(t.Context(), "curl", "-sf", "http://127.0.0.1:"+port+"/readyz").Run()
		return got == nil, got
	})
	return port
}

// freePort is one that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // it was only asked for its port
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// upstream is a haas.cfg as the predecessor's installation guide has it; only the last section is new.
const upstream = `
[general]
log_level = DEBUG

[auth]
require_authentication = True

[extensions]
haas.ext.auth.database =
haas.ext.network_allocators.vlan_pool =
haas.ext.switches.mock =
haas.ext.switches.nexus =
haas.ext.obm.mock =
haas.ext.obm.ipmi =

[haas.ext.network_allocators.vlan_pool]
vlans = 100-102, 205

[headnode]
trunk_nic = em3
base_imgs = base-headnode, img1

[client]
endpoint = http://127.0.0.1:5000/

[database]
uri = URI

[plugins]
dir = PLUGINS
`

// TestUpstreamConfig shows that the predecessor's file starts the program, in its folder or named by HAAS_CONFIG, and
// that its administrator's first steps work.
func TestUpstreamConfig(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		for _, named := range []bool{false, true} {
			c := newCwd(t)
			// Given by a relative name, SQLite's file is in the server's folder.
			if strings.HasPrefix(uri, "sqlite") {
				uri = "sqlite:///haas.db"
			}
			file := filepath.Join(c.dir, "haas.cfg")
			if named {
				file = filepath.Join(t.TempDir(), "site.cfg")
				c.env = append(c.env, "HAAS_CONFIG="+file)
			}
			write(t, file, strings.NewReplacer("URI", uri, "PLUGINS", servertest.Plugins(t)).Replace(upstream), 0o600)
			c.shell(t, "haas init_db && haas init_db")
			user := map[bool]string{false: "ann", true: "bob"}[named]
			c.shell(t, "haas create_admin_user "+user+" s3cret")
			port := c.serve(t)
			c.env = append(c.env, "HAAS_ENDPOINT=http://127.0.0.1:"+port, "HAAS_USERNAME="+user, "HAAS_PASSWORD=s3cret")
			c.shell(t, "haas project_create p-"+user+" && haas network_create_simple w-"+user+" p-"+user)
			if got := c.shell(t, "haas show_network w-"+user); !strings.Contains(got, "vlan/10") {
				t.Errorf("the network is %s", got)
			}
			if got := c.shell(t, "haas list_headnode_images"); !strings.Contains(got, "img1") {
				t.Errorf("the images are %s", got)
			}
		}
	})
}

// TestUserGuide runs the examples of the predecessor's user guide as they are printed, but for the port.
func TestUserGuide(t *testing.T) {
	t.Parallel()
	c := newCwd(t)
	write(t, filepath.Join(c.dir, "haas.cfg"), strings.NewReplacer(
		"auth.database", "auth.null", "URI", "sqlite:///haas.db", "PLUGINS", servertest.Plugins(t)).Replace(upstream)+
		"\n[obm-mock]\nalso = "+servertest.OBMIPMI+"\nstate_dir = mock\n[obm-ipmi]\ntype = "+servertest.OBMIPMILAN+"\n[switch-mock]\nstate_dir = mock\n[headnode-mock]\nstate_dir = mock\n", 0o600)
	port := c.serve(t)
	c.env = append(c.env, "HAAS_ENDPOINT=http://127.0.0.1:"+port)
	examples := `
curl -X PUT http://127.0.0.1:5000/switch/mockswitch01 -d '{"type": "http://schema.massopencloud.org/haas/v0/switches/mock", "hostname": "switchhost01", "username": "switchuser01", "password": "password1234"}'
haas switch_register mockswitch02 mock switchhost01 switchuser01 password1234
curl -X PUT http://127.0.0.1:5000/node/dummyNode01 -d '{"obm": {"type": "http://schema.massopencloud.org/haas/v0/obm/ipmi", "host": "ipmiHost4node-01", "user": "ipmiUser4node-01", "password": "ipmiPass4node-01"}}'
`
	at := func(line string) string { return strings.ReplaceAll(line, ":5000", ":"+port) }
	for line := range strings.Lines(strings.TrimSpace(examples)) {
		if said := c.shell(t, at(strings.Replace(line, "curl ", "curl -sS --fail-with-body ", 1))); strings.TrimSpace(said) != "" {
			t.Errorf("%s said %s", line, said)
		}
	}
	if got := c.shell(t, at("curl -sS http://127.0.0.1:5000/switches; curl -sS http://127.0.0.1:5000/node/all")); !strings.Contains(got, "mockswitch01") ||
		!strings.Contains(got, "mockswitch02") || !strings.Contains(got, "dummyNode01") {
		t.Errorf("registered are %s", got)
	}
	// The guide registers one node both ways.
	c.shell(t, at("curl -sS --fail-with-body -X delete http://127.0.0.1:5000/node/dummyNode01"))
	c.shell(t, "haas node_register ipmi dummyNode01 ipmiHost4node-01 ipmiUser4node-01 ipmiPass4node-01")
	c.shell(t, at("curl -sS --fail-with-body -X put http://127.0.0.1:5000/project/lower"))
	if got := c.shell(t, "haas list_nodes all && haas list_projects"); !strings.Contains(got, "dummyNode01") || !strings.Contains(got, "lower") {
		t.Errorf("registered are %s", got)
	}
}
