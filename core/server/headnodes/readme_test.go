package headnodes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestReadme runs what README.md says of headnodes.
func TestReadme(t *testing.T) {
	t.Parallel()
	const readme = "../../../README.md"
	commands := servertest.Commands(t, readme, "headnode")
	text, err := os.ReadFile(readme)
	must(t, err)
	image := regexp.MustCompile(`base_imgs = (\S+)\n`).FindSubmatch(text)
	if image == nil {
		t.Fatal("README.md has no base_imgs")
	}
	h := newIdleHost(t)
	h.AddDisk(t, filepath.Join(h.Dir(), "pool", pool, string(image[1])), "1M")
	s := h.serve(t, map[string]string{"base_imgs": string(image[1]), "memory": "16"})

	home := t.TempDir()
	must(t, os.Mkdir(filepath.Join(home, ".ssh"), 0o700))
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann\n"
	must(t, os.WriteFile(filepath.Join(home, ".ssh", "id_ed25519.pub"), []byte(key), 0o600))
	cmd := exec.CommandContext(t.Context(), "bash", "-xeuo", "pipefail", "-c", commands)
	cmd.Env = append(os.Environ(), "HOME="+home, "PATH="+filepath.Dir(servertest.Program(t))+":"+os.Getenv("PATH"),
		"HAAS_ENDPOINT="+s.URL, "HAAS_USERNAME=root", "HAAS_PASSWORD=secret")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for _, want := range []string{string(image[1]) + "  1.0 MiB", "eth0  guests", "ok "} {
		if !strings.Contains(string(said), want) {
			t.Errorf("the commands did not show %q:\n%s", want, said)
		}
	}
	s.root.OK(t, "DELETE", "/v0/headnode/scope", "")
	h.isEmpty(t)
}
