// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestADescriptionThatLooksLikeALogLine: what looks like a log line is taken out of the answer, and then the next line
// stands behind what is left of the description. It must not be missed unnoticed: here the port is a trunk.
func TestADescriptionThatLooksLikeALogLine(t *testing.T) {
	t.Parallel()
	if dialect().Noise.FindString("  description x 2021 Jul  5 17:27:50 sw %ETHPORT-5-IF_UP: of old") == "" {
		t.Fatal("this does not look like a log line")
	}
	for _, left := range []string{"  description x   switchport mode trunk", "  description   switchport mode trunk"} {
		ports, err := parseRunning(section17(left, "  switchport access vlan 10", "  switchport trunk allowed vlan 20"), 2222)
		if err != nil {
			t.Fatal(err)
		}
		want := netswitch.PortState{Port: "Ethernet1/17", Native: 10, Up: true}
		if p := ports[0]; p.State().Equal(want) || p.Foreign == "" {
			t.Errorf("%q: a trunk of VLAN 20 is read as %+v", left, p.State())
		}
	}
}
