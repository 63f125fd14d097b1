package servertest

import (
	"os"
	"regexp"
	"testing"
)

// Commands is the block of commands in a file of Markdown that a comment before it, which begins with a name, says is run by a
// test.
func Commands(t testing.TB, path, name string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	block := regexp.MustCompile("(?s)<!-- " + name + "[^\n]*-->\n```sh\n(.*?\n)```\n").FindSubmatch(text)
	if block == nil {
		t.Fatalf("%s has no block of commands after <!-- %s", path, name)
	}
	return string(block[1])
}
