// Package clients uses the API as other people do: from Swagger UI in a browser, and with clients that were generated
// from its description, in Go and in TypeScript. The folders are programs to begin with.
package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

const user, password = "root", "roots-password"

func TestMain(m *testing.M) { servertest.Main(m) }

// start runs a server with an administrator.
func start(t *testing.T) (*servertest.Site, *servertest.Server) {
	t.Helper()
	site := servertest.NewSite(t, "", nil)
	site.CreateAdmin(t, user, password)
	return site, site.Start(t)
}

// written is a file with the text, in a folder of its own.
func written(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// absent ends a test that needs a program which is not here, or which needs the network.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s; .ci/setup installs what the tests need", what)
	}
	t.Skipf("%s; .ci/setup installs what the tests need", what)
}

// tool is a program that is run in a folder.
func tool(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second // a descendant that lives on keeps the output open
	return cmd
}

// succeed runs a program, which must succeed, and returns what it printed.
func succeed(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var said, failed strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &failed
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd, err, said.String(), failed.String())
	}
	return said.String()
}

// steps are what the programs print.
var steps = []string{
	"register the node", "register its NIC", "register a switch", "register its port", "cable the NIC to the port",
	"create a project", "reserve the node", "create a network", "plan the connection", "connect the NIC to the network", "check the switch", "show the node",
	"create a headnode", "give it a NIC", "connect it to the network", "start it",
	"cycle the node's power", "ask for the power", "watch the console",
	"delete the headnode", "detach the NIC from the network", "release the node", "delete the network", "delete the project",
	"unplug the NIC", "delete the port", "delete the switch", "delete the NIC", "delete the node",
}

// walk runs a program that walks the workflow against a server of its own, and looks at what it leaves behind.
func walk(t *testing.T, site *servertest.Site, s *servertest.Server, program *exec.Cmd) {
	t.Helper()
	program.Env = append(os.Environ(), "HAAS_ENDPOINT="+s.URL, "HAAS_USERNAME="+user, "HAAS_PASSWORD="+password)
	if got := strings.Split(strings.TrimSpace(succeed(t, program)), "\n"); !reflect.DeepEqual(got, steps) {
		t.Errorf("the program did\n%q\nwant\n%q", got, steps)
	}
	admin := s.As(user, password)
	for _, path := range []string{"/v0/nodes/all", "/v0/switches", "/v0/projects"} {
		if left := admin.OK(t, "GET", path, "").List(t); len(left) != 0 {
			t.Errorf("%s: %q are left behind", path, left)
		}
	}
	switch port := site.Device(t, "sw-08").Running["gi1/0/8"]; {
	case site.Device(t, "sw-08").Visits == 0:
		t.Error("the switch was never visited")
	case port.Up || port.Native != 0:
		t.Errorf("the port was left as %+v", port)
	}
}
