// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestAPortWithAProfileIsLeftAlone: what it inherits is not printed with it, so its own lines do not say what it carries.
func TestAPortWithAProfileIsLeftAlone(t *testing.T) {
	t.Parallel()
	ports, err := parseRunning(section17("  inherit port-profile hosts", "  switchport mode trunk",
		"  switchport trunk native vlan 2222", "  switchport trunk allowed vlan 20"), 2222)
	if err != nil || len(ports) != 1 {
		t.Fatal(ports, err)
	}
	want := netswitch.PortState{Port: "Ethernet1/17", Tagged: []int{20}, Up: true}
	if p := ports[0]; p.Foreign == "" || p.State().Equal(want) {
		t.Errorf("%+v, foreign: %q", p.State(), p.Foreign)
	}
}
