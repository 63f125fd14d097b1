package core_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
)

func TestHostnames(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"h1":                           "h1",
		"My Head_node.2":               "my-head-node-2",
		"-x-":                          "x",
		"ÄÖ":                           "headnode",
		strings.Repeat("a", 80):        strings.Repeat("a", 63),
		strings.Repeat("a", 62) + "..": strings.Repeat("a", 62),
	} {
		if got := core.Hostname(label); got != want {
			t.Errorf("%q became %q, want %q", label, got, want)
		}
	}
}
