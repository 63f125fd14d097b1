package server_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// workflowLimit is how long the commands may take on a busy machine; some of them wait for a switch.
const workflowLimit = 2 * time.Minute

// TestReadme runs the workflow of README.md as it stands, except for the address. A call that is refused ends it.
func TestReadme(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("CI") == "" {
		t.Skip("curl is not installed")
	}
	commands := servertest.Commands(t, "../../README.md", "workflow")
	site := newOpenSite(t)
	s := site.Start(t)
	printed := runScript(t, strings.ReplaceAll(commands, "http://127.0.0.1:5000", s.URL))

	for _, want := range []string{`"lab"`, `"head"`, `"power_status":"on"`, "login:"} {
		if !strings.Contains(printed, want) {
			t.Errorf("the commands did not show %s:\n%s", want, printed)
		}
	}
	anybody := s.As("", "")
	for path, want := range map[string][]string{"/v0/projects": {}, "/v0/nodes/free": {"node-09"}} {
		if got := anybody.OK(t, "GET", path, "").List(t); !reflect.DeepEqual(got, want) {
			t.Errorf("afterwards %s is %v, want %v", path, got, want)
		}
	}
	if got := anybody.OK(t, "GET", "/v0/networks", "").JSON(t); len(got) != 0 {
		t.Errorf("afterwards the networks are %v", got)
	}
	if got := site.Device(t, "sw-09").Running["gi1/0/9"]; got.Up || got.Native != 0 {
		t.Errorf("afterwards the port is %+v", got)
	}
}

// newOpenSite is a site where everybody is an administrator, as in the README.
func newOpenSite(t *testing.T) *servertest.Site {
	t.Helper()
	site := servertest.NewSite(t, "", nil)
	text, err := os.ReadFile(site.Config)
	if err != nil {
		t.Fatal(err)
	}
	site.Write(t, strings.Replace(string(text), "haas.ext.auth.database", "haas.ext.auth.null", 1))
	return site
}

// runScript runs commands until the first that fails, which none must, and returns what they printed. To curl, an
// answer that says no is a failure; standard error shows after which command.
func runScript(t *testing.T, script string) string {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte("fail-with-body\nsilent\nshow-error\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	limit, stop := context.WithTimeout(t.Context(), workflowLimit)
	defer stop()
	cmd := exec.CommandContext(limit, "bash", "-xeuo", "pipefail", "-c", script)
	cmd.Env = append(os.Environ(), "CURL_HOME="+home, "NO_PROXY=127.0.0.1")
	cmd.WaitDelay = time.Second // a descendant that lives on keeps the output open
	var said, failed strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &failed
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, failed.String(), said.String())
	}
	return said.String()
}
