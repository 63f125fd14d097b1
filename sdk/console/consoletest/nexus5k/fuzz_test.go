package nexus5k_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
)

// FuzzType types lines in all modes. Whatever they are, the switch stands, and what a port carries is allowed by its
// settings.
func FuzzType(f *testing.F) {
	f.Add("conf t\nint e1/1-2, ethernet 101/1/1\nsw mode tr\nsw tr allowed vlan 1-5,4094\nno vlan 1\nvlan 7\nname x\ndo show run | inc vlan")
	f.Add("configure terminal\ninterface port-channel 7\nswitchport trunk allowed vlan except 5\nend\nshow vlan id 9-4,")
	f.Add("show interface e1/1 - 4 , e1/2 switchport\nint e1/99999999999999999999-1\nint e,\n  | | \nint e1/4-1")
	f.Fuzz(func(t *testing.T, text string) {
		sw := nexus5k.New(consoletest.Options{Ports: 4})
		for _, mode := range [][]string{nil, {"configure terminal"}, {"configure terminal", "interface ethernet 1/1-2"}, {"configure terminal", "vlan 5"}} {
			lines := slices.Concat(mode, strings.Split(text, "\n"))
			for i := range lines {
				_ = sw.Type(lines[:i+1]...) // a refusal is an answer too
			}
		}
		for _, port := range sw.Ports() {
			real, configured := sw.Carried(port), sw.Configured(port)
			if real.Native != 0 && real.Native != configured.Native {
				t.Errorf("%s carries %v, configured %v", port, real, configured)
			}
			for _, id := range real.Tagged {
				if !slices.Contains(configured.Tagged, id) {
					t.Errorf("%s carries %v, configured %v", port, real, configured)
				}
			}
		}
	})
}
