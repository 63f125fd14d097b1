// A program cannot be imported, so its tests are inside.

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// recorded is the form of an answer of a Nexus with 6.0(2)A1(1c).
const recorded = `
!Command: show running-config interface Ethernet1/17
!Time: Mon Dec  4 20:00:19 2017

version 6.0(2)A1(1c)

interface Ethernet1/17
  description shutdown of vlan 7 is near
  switchport mode trunk
  switchport trunk native vlan 18
  switchport trunk allowed vlan 18,20,23-24,29
  spanning-tree port type edge trunk

`

func section17(lines ...string) string {
	head, _, _ := strings.Cut(recorded, "  description")
	return head + strings.Join(append(lines, ""), "\n") + "\n"
}

func TestParseRunning(t *testing.T) {
	t.Parallel()
	all := cli.AllVLANs()
	for name, c := range map[string]struct {
		text string
		want cli.Port
	}{
		"recorded":    {recorded, cli.Port{Mode: cli.Trunk, Access: 1, Native: 18, Allowed: cli.VLANsOf(18, 20, 23, 24, 29)}},
		"factory":     {section17(), cli.Port{Access: 1, Native: 1, Allowed: all}},
		"fresh trunk": {section17("  switchport mode trunk"), cli.Port{Mode: cli.Trunk, Access: 1, Native: 1, Allowed: all}},
		"closed": {
			section17("  switchport mode trunk", "  switchport trunk native vlan 2222", "  switchport trunk allowed vlan none", "  shutdown"),
			cli.Port{Mode: cli.Trunk, Access: 1, Shut: true},
		},
		"dummy allowed": {
			section17("  switchport mode trunk", "  switchport trunk native vlan 2222", "  switchport trunk allowed vlan 5,2222"),
			cli.Port{Mode: cli.Trunk, Access: 1, Native: 2222, Allowed: cli.VLANsOf(5, 2222)},
		},
		"long list": {
			section17("  switchport mode trunk", "  switchport trunk allowed vlan 1-3,5", "  switchport trunk allowed vlan add 7", "  no shutdown"),
			cli.Port{Mode: cli.Trunk, Access: 1, Native: 1, Allowed: cli.VLANsOf(1, 2, 3, 5, 7)},
		},
		"access": {section17("  switchport access vlan 30"), cli.Port{Access: 30, Native: 1, Allowed: all}},
		"member": {
			section17("  switchport access vlan 30", "  channel-group 24 mode active"),
			cli.Port{Access: 30, Native: 1, Allowed: all, Foreign: "is a member of port-channel 24"},
		},
		"routed": {section17("  no switchport", "  ip address 1.1.1.1/30"), cli.Port{Mode: cli.OtherMode, Foreign: "is a routed port"}},
		"tunnel": {
			section17("  switchport mode dot1q-tunnel", "  switchport access vlan 9"),
			cli.Port{Mode: cli.OtherMode, Access: 9, Native: 9, Allowed: cli.VLANsOf(9)},
		},
		"fabric": {
			section17("  switchport mode fex-fabric", "  fex associate 101"),
			cli.Port{Mode: cli.OtherMode, Access: 1, Native: 1, Allowed: cli.VLANsOf(1), Foreign: "leads to a fabric extender"},
		},
		"voice": {
			section17("  switchport voice vlan 7"),
			cli.Port{Access: 1, Native: 1, Allowed: all, Foreign: `has the line "switchport voice vlan 7", which the server does not know`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want.Name = "Ethernet1/17"
			got, err := parseRunning(c.text, dummy)
			if err != nil || !slices.Equal(got, []cli.Port{c.want}) {
				t.Errorf("%+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

func TestParseRunningOfAllPorts(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(section17("  shutdown"), "\n") + `
interface port-channel24
  switchport access vlan 5

interface Ethernet1/2
interface Ethernet101/1/1
  shutdown

interface mgmt0
  ip address 10.0.0.1/24

`
	got, err := parseRunning(text, dummy)
	var names []string
	for _, p := range got {
		names = append(names, p.Name)
	}
	if err != nil || !slices.Equal(names, []string{"Ethernet1/17", "Ethernet1/2", "Ethernet101/1/1"}) {
		t.Errorf("%q, %v", names, err)
	}
}

// TestCutAnswersAreNotBelieved cuts an answer at every place: what is left is no port at all, or what was there.
func TestCutAnswersAreNotBelieved(t *testing.T) {
	t.Parallel()
	for i := range len(recorded) - 1 {
		if got, err := parseRunning(recorded[:i], dummy); err == nil && len(got) > 0 {
			t.Errorf("%q is believed: %+v", recorded[:i], got)
		}
	}
	head, body, _ := strings.Cut(recorded, "interface Ethernet1/17\n")
	body = "interface Ethernet1/17\n" + body
	for name, text := range map[string]string{
		"silence":       "",
		"no head":       body,
		"foreign lines": section17("banana"),
		"twice":         head + body + body,
		"bad list":      section17("  switchport trunk allowed vlan 5-"),
		"bad native":    section17("  switchport trunk native vlan 5,6"),
		"no native":     section17("  switchport trunk native vlan"),
	} {
		if got, err := parseRunning(text, dummy); err == nil {
			t.Errorf("%s is believed: %+v", name, got)
		}
	}
}

func FuzzParseRunning(f *testing.F) {
	f.Add(recorded)
	f.Add(section17("  switchport trunk allowed vlan 1-3", "  switchport trunk allowed vlan add 7"))
	f.Fuzz(func(t *testing.T, text string) {
		ports, err := parseRunning(text, dummy)
		if err != nil {
			return
		}
		for _, p := range ports {
			own, err := canonicalPort(p.Name)
			if err != nil || own != p.Name {
				t.Fatalf("port %q: %v", p.Name, err)
			}
			// Whatever the switch says, the port can be closed by lines that lead there.
			m := model{trunk: p.Mode == cli.Trunk, shut: p.Shut, access: max(p.Access, 1), native: max(p.Native, 1), allowed: p.Allowed}
			if m.native == 1 && p.Native == 0 {
				m.native = dummy
			}
			for _, line := range change(p, netswitch.Closed(p.Name), set) {
				if err := m.enter(line); err != nil {
					t.Fatal(err)
				}
			}
			if !m.carried().Empty() || !m.trunk || !m.allowed.Empty() || m.native != dummy {
				t.Fatalf("%+v is not closed: %+v", p, m)
			}
		}
	})
}
