package clients_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// offline is how npm says that it has no network.
var offline = regexp.MustCompile(`\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ENOTCACHED)\b`)

// TestTypeScript generates a client in TypeScript from the description that a server gives, compiles the program in
// the folder typescript with it, and walks the workflow.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			absent(t, name+" is not installed")
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("typescript")); err != nil {
		t.Fatal(err)
	}
	install(t, dir)
	site, s := start(t)
	succeed(t, tool(t, dir, "npm", "run", "generate", "--", s.URL+"/openapi-3.0.json"))
	succeed(t, tool(t, dir, "npm", "run", "build"))
	walk(t, site, s, tool(t, dir, "npm", "run", "--silent", "workflow"))
}

// install fetches the packages that package-lock.json names, from npm's cache if they are there.
func install(t *testing.T, dir string) {
	t.Helper()
	npm := tool(t, dir, "npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund")
	switch out, err := npm.CombinedOutput(); {
	case err != nil && offline.Match(out):
		t.Logf("%s", out)
		absent(t, "npm has no network")
	case err != nil:
		t.Fatalf("%v: %v\n%s", npm, err, out)
	}
}
