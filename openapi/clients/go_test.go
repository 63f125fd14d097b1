package clients_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const program = "github.com/CCI-MOC/haas/openapi/clients/go"

// TestGoCommitted walks the workflow with the client in openapi/client.
func TestGoCommitted(t *testing.T) {
	t.Parallel()
	site, s := start(t)
	binary := filepath.Join(t.TempDir(), "workflow")
	succeed(t, tool(t, ".", "go", "build", "-o", binary, program))
	walk(t, site, s, tool(t, ".", binary))
}

// TestGoFresh walks the workflow with a client that is generated from the description that a server gives.
func TestGoFresh(t *testing.T) {
	t.Parallel()
	generator := oapiCodegen(t)
	site, s := start(t)
	dir := t.TempDir()
	description := written(t, "openapi-3.0.json", s.As("", "").OK(t, "GET", "/openapi-3.0.json", "").Body)

	t.Run("as the committed one", func(t *testing.T) {
		fresh, binary := filepath.Join(dir, "fresh.go"), filepath.Join(dir, "workflow")
		succeed(t, generator("-config", settings(t, fresh), description))
		succeed(t, tool(t, ".", "go", "build", "-overlay", overlay(t, fresh), "-o", binary, program))
		walk(t, site, s, tool(t, ".", binary))
	})
	t.Run("without any setting", func(t *testing.T) {
		plain := filepath.Join(dir, "plain.go")
		succeed(t, generator("-package", "client", "-generate", "types,client", "-o", plain, description))
		succeed(t, tool(t, ".", "go", "build", "-overlay", overlay(t, plain), "github.com/CCI-MOC/haas/openapi/client"))
	})
}

// oapiCodegen is the generator in the version that openapi/openapi.go names. It runs in the folder openapi.
func oapiCodegen(t *testing.T) func(args ...string) *exec.Cmd {
	t.Helper()
	source, err := os.ReadFile("../openapi.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`go run (\S+/oapi-codegen@\S+)`).FindSubmatch(source)
	if named == nil {
		t.Fatal("openapi.go does not name the generator")
	}
	generator := func(args ...string) *exec.Cmd {
		return tool(t, "..", "go", append([]string{"run", string(named[1])}, args...)...)
	}
	if out, err := generator("-version").CombinedOutput(); err != nil {
		t.Logf("%s", out)
		absent(t, "oapi-codegen cannot be had")
	}
	return generator
}

// settings is a file with those of the committed client, except that the code goes elsewhere.
func settings(t *testing.T, output string) string {
	t.Helper()
	committed, err := os.ReadFile("../client.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const there = "output: client/client.gen.go\n"
	if strings.Count(string(committed), there) != 1 {
		t.Fatalf("client.yaml has no line %q", there)
	}
	return written(t, "client.yaml", strings.Replace(string(committed), there, "output: "+output+"\n", 1))
}

// overlay is a file that tells the compiler to take source in place of the committed client.
func overlay(t *testing.T, source string) string {
	t.Helper()
	committed, err := filepath.Abs("../client/client.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {committed: source}})
	if err != nil {
		t.Fatal(err)
	}
	return written(t, "overlay.json", string(text))
}
