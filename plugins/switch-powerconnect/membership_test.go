// A program cannot be imported, so its tests are inside.

package main

import (
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestLinesThatPutAPortOnVLANsInOtherWays: such a port must not be taken for one on just its own VLANs, and is left alone.
// With GVRP the machine itself chooses; with a voice VLAN it does so by its MAC address.
func TestLinesThatPutAPortOnVLANsInOtherWays(t *testing.T) {
	t.Parallel()
	trunk := []string{
		"switchport mode trunk", "switchport trunk allowed vlan none", "switchport trunk native vlan none",
		"switchport trunk allowed vlan add 20",
	}
	access := []string{"switchport access vlan 20"}
	for line, foreign := range map[string]bool{
		"gvrp enable":                              true,
		"voice vlan enable":                        true,
		"dot1x guest-vlan enable":                  true,
		"dot1x radius-attributes vlan":             true,
		"switchport access multicast-tv vlan 30":   true,
		"switchport default-vlan tagged":           true,
		"switchport general allowed vlan add 30":   false, // idle in these modes
		"switchport general map macs-group 1 vlan": false,
		"switchport customer vlan 30":              false,
		"switchport forbidden vlan add 30":         false,
		`description "voice vlan enable"`:          false,
		"spanning-tree portfast":                   false,
		"gvrp vlan-creation-forbid":                false,
	} {
		for _, lines := range [][]string{trunk, access} {
			p, err := parsePort("gi1/0/1", append(lines[:len(lines):len(lines)], line))
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			p.Allowed, _ = p.under(freshNone)
			want := netswitch.PortState{Port: "gi1/0/1", Tagged: []int{20}, Up: true}
			if len(lines) == 1 {
				want = netswitch.PortState{Port: "gi1/0/1", Native: 20, Up: true}
			}
			if asWanted := p.State().Equal(want); (p.Foreign != "") != foreign || asWanted == foreign {
				t.Errorf("with %q the port is %+v (foreign: %q)", line, p.State(), p.Foreign)
			}
		}
	}
}

// TestANativeVLANThatTheTrunkDoesNotLetThrough is what stays behind when one of the two lines is lost that take a network
// off, or put it on. Whether its untagged frames go anywhere is not known of a 55xx, so the port is neither on it nor off.
func TestANativeVLANThatTheTrunkDoesNotLetThrough(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, consoletest.Telnet, personality{})
	err := sw.Type("configure", "interface gi1/0/1", "switchport mode trunk", "switchport trunk allowed vlan none",
		"switchport trunk allowed vlan add 20", "switchport trunk native vlan 30")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, target)
	got, err := s.Read(t.Context(), []string{"gi1/0/1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []netswitch.PortState{up(0, 20), up(30, 20)} {
		if got[0].Equal(want) {
			t.Errorf("the port reads as %+v", want)
		}
		results, err := s.Apply(t.Context(), []netswitch.PortState{want})
		if err != nil || results[0].Err != nil {
			t.Fatal(err, results)
		}
		if now, err := s.Read(t.Context(), []string{"gi1/0/1"}); err != nil || !now[0].Equal(want) {
			t.Errorf("the port reads as %+v after %+v was applied: %v", now, want, err)
		}
	}
}
