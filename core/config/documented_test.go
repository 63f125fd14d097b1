// This test is inside the package to see the schema, which nobody outside needs.
package config

import (
	"os"
	"strings"
	"testing"
)

// TestEveryKeyIsDocumented wants each key of HaaS's own in the full example, set or commented out.
func TestEveryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../configs/haas.cfg")
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range schema() {
		if name == "extensions" || strings.HasPrefix(name, "hil.") || strings.Contains(name, ".switches.") {
			continue
		}
		_, after, found := strings.Cut(string(text), "\n["+name+"]\n")
		if !found {
			t.Errorf("no [%s] in configs/haas.cfg", name)
		}
		body, _, _ := strings.Cut(after, "\n[")
		for key := range keys {
			if !strings.Contains("\n"+body, "\n"+key+" =") && !strings.Contains(body, "\n# "+key+" =") {
				t.Errorf("no %s under [%s] in configs/haas.cfg", key, name)
			}
		}
	}
}

// TestCommentedExamplesLoad loads the full example with every comment that is a key switched on.
func TestCommentedExamplesLoad(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../configs/haas.cfg")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		key, _, isKey := strings.Cut(strings.TrimPrefix(line, "# "), " =")
		if isKey && !strings.Contains(key, " ") || strings.HasPrefix(line, "# [") {
			lines[i] = strings.TrimPrefix(line, "# ")
		}
	}
	c, err := Parse("haas.cfg", []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if c.Drivers["switch-nexus"]["save"] != "true" || c.Maintenance.Project == "" {
		t.Errorf("the comments were not switched on: %+v", c.Maintenance)
	}
}
