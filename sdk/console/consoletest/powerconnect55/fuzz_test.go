package powerconnect55_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

// FuzzType types lines in all modes. Whatever they are, the switch stands, and what a port carries is allowed by its
// settings.
func FuzzType(f *testing.F) {
	f.Add("conf\nint range gi1/0/1-2,te1/0/1\nsw mode tr\nsw tr allowed vlan add 1-5,4094\nno vlan 7\nvlan 7\nname x\ndo show run")
	f.Add("interface po7\nswitchport trunk allowed vlan except 5\nend\nshow vlan tag 9\nwrite")
	f.Add("sw mode general\nsw general pvid 5\nsw general allowed vlan add 5 tagged\ninterface vlan 5\nname \"\ndescription \"")
	f.Fuzz(func(t *testing.T, text string) {
		sw := powerconnect55.New(consoletest.Options{Ports: 4})
		for _, mode := range [][]string{nil, {"configure"}, {"configure", "interface range gi1/0/1-2"}, {"configure", "vlan database", "vlan 5"}} {
			lines := slices.Concat(mode, strings.Split(text, "\n"))
			for i := range lines {
				_ = sw.Type(lines[:i+1]...) // a refusal is an answer too
			}
		}
		for _, port := range sw.Ports() {
			real, configured := sw.Carried(port), sw.Configured(port)
			most := append([]int{0, configured.Native}, configured.Tagged...)
			for _, id := range append(real.Tagged, real.Native) {
				if !slices.Contains(most, id) {
					t.Errorf("%s carries %v, configured %v", port, real, configured)
				}
			}
		}
	})
}
