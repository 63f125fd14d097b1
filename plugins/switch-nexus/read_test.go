// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// TestAnAnswerWithoutItsEndIsAskedForAgain believes two equal ones.
func TestAnAnswerWithoutItsEndIsAskedForAgain(t *testing.T) {
	t.Parallel()
	endless := strings.TrimSuffix(recorded, "\n")
	later := strings.Replace(endless, "20:00:19", "20:00:20", 1)
	cut, _, _ := strings.Cut(endless, "  switchport trunk native")
	for name, c := range map[string]struct {
		first, second string
		good          bool
	}{
		"a release that prints no empty line": {endless, later, true},
		"cut off once":                        {cut, recorded, true},
		"cut off, then not":                   {cut, endless, false},
		"cut off in two places":               {endless, cut, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := []string{c.first, c.second}
			run := func(context.Context, string) (string, error) {
				answer := answers[0]
				answers = answers[1:]
				return answer, nil
			}
			ports, err := read(t.Context(), run, []string{"Ethernet1/17"}, cli.Settings{DummyVLAN: dummy})
			if good := err == nil && len(ports) == 1 && ports[0].Native == 18; good != c.good {
				t.Errorf("%+v, %v", ports, err)
			}
		})
	}
}
