// A program cannot be imported, so its tests are inside.

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
)

// newer is a configuration as firmware of the SG500's line prints it, older as that of the 3548's does.
const (
	newer = `vlan database
vlan 10,20-22
vlan 1511
exit
voice vlan oui-table add 0001e3 Siemens_AG_phone________
hostname console
username admin password encrypted d033e22ae348aeb5660fc2140aec35850c4da997 privilege 15
interface vlan 1
 ip address 192.168.2.1 255.255.255.0
 no ip address dhcp
!
interface vlan 10
 name "a tenant"
!
interface gigabitethernet1/0/1
 description "node 1 ! exit"
 spanning-tree portfast
 switchport mode trunk
 switchport trunk allowed vlan remove 1-9,11-19
 switchport trunk allowed vlan remove 23-4094
 switchport trunk native vlan 10
 !next command is internal.
 macro auto smartport dynamic_type switch
!
interface gigabitethernet1/0/2
 shutdown
 switchport mode trunk
 switchport trunk allowed vlan none
 switchport trunk native vlan none
!
interface gigabitethernet1/0/3
 switchport mode trunk
!
interface gigabitethernet1/0/4
 switchport mode trunk
 switchport trunk allowed vlan remove 1-9,11-4094
!
interface gigabitethernet1/0/5
 switchport mode general
 switchport general allowed vlan add 20 tagged
 switchport general allowed vlan add 10 untagged
 switchport general allowed vlan remove 1
 switchport general pvid 10
!
interface gigabitethernet1/0/6
 channel-group 1 mode auto
!
interface tengigabitethernet1/0/1
 switchport access vlan 20
!
interface tengigabitethernet1/0/2
 ip address 10.0.0.1 255.255.255.0
!
interface port-channel1
 switchport mode trunk
!
exit
ip default-gateway 192.168.2.254
`
	older = `interface range gi1/0/1-3
switchport mode trunk
exit
interface range gi1/0/1,gi1/0/3
switchport trunk allowed vlan add 10
switchport trunk allowed vlan add 20
switchport trunk native vlan none
exit
interface gi1/0/2
shutdown
exit
vlan database
vlan 10,20
exit
interface vlan 1
ip address 192.168.2.1 255.255.255.0
exit
interface gi1/0/4
switchport access vlan none
exit
interface gi1/0/5
switchport mode customer
switchport customer vlan 10
exit
`
)

func port(name string, mode cli.Mode, p cli.Port) cli.Port {
	p.Name, p.Mode = name, mode
	return p
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	all := cli.AllVLANs()
	for name, c := range map[string]struct {
		answers answers
		exist   cli.VLANs
		ports   []cli.Port
	}{
		"newer firmware": {answers{"show running-config": newer, "show interfaces status": status}, cli.VLANsOf(1, 10, 20, 21, 22, 1511), []cli.Port{
			port("gi1/0/1", cli.Trunk, cli.Port{Access: 1, Native: 10, Allowed: cli.VLANsOf(10, 20, 21, 22)}),
			port("gi1/0/2", cli.Trunk, cli.Port{Access: 1, Shut: true}),
			port("gi1/0/3", cli.Trunk, cli.Port{Access: 1, Native: 1, Allowed: all}),
			port("gi1/0/4", cli.Trunk, cli.Port{Access: 1, Native: 1, Allowed: cli.VLANsOf(10), Doubtful: true}),
			port("gi1/0/5", cli.OtherMode, cli.Port{Access: 1, Native: 10, Allowed: cli.VLANsOf(10, 20)}),
			port("gi1/0/6", cli.Access, cli.Port{Access: 1, Native: 1, Allowed: all, Foreign: "is a member of a port-channel"}),
			port("gi1/0/9", cli.Access, cli.Port{Access: 1, Native: 1, Allowed: all}),
			port("te1/0/1", cli.Access, cli.Port{Access: 20, Native: 1, Allowed: all}),
			port("te1/0/2", cli.Access, cli.Port{Access: 1, Native: 1, Allowed: all, Foreign: "is a routed port, not in layer-2 mode"}),
		}},
		"older firmware": {answers{
			"show running-config":                older,
			"show interfaces switchport gi1/0/1": switchport("gi1/0/1", " 10,20"),
			"show interfaces switchport gi1/0/2": switchport("gi1/0/2", " none"),
		}, cli.VLANsOf(1, 10, 20), []cli.Port{
			port("gi1/0/1", cli.Trunk, cli.Port{Access: 1, Allowed: cli.VLANsOf(10, 20)}),
			port("gi1/0/2", cli.Trunk, cli.Port{Access: 1, Native: 1, Doubtful: true, Shut: true}),
			port("gi1/0/3", cli.Trunk, cli.Port{Access: 1, Allowed: cli.VLANsOf(10, 20)}),
			port("gi1/0/4", cli.Access, cli.Port{Native: 1, Allowed: all}),
			port("gi1/0/5", cli.OtherMode, cli.Port{Access: 1, Native: 1, Allowed: all}),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var names []string
			for i := range c.ports {
				c.ports[i].Exist = c.exist
				names = append(names, c.ports[i].Name)
			}
			got, err := read(t.Context(), c.answers.run, names, cli.Settings{})
			if err != nil || !slices.Equal(got, c.ports) {
				t.Errorf("%v\n%+v, want\n%+v", err, got, c.ports)
			}
		})
	}
}

// TestACutConfigurationIsNoConfiguration cuts at each character: what is left is refused, or says of no port that it
// carries less than it does, or is silent on it.
func TestACutConfigurationIsNoConfiguration(t *testing.T) {
	t.Parallel()
	whole, err := parseConfig(newer)
	if err != nil {
		t.Fatal(err)
	}
	for n := range newer {
		cut, err := parseConfig(newer[:n])
		if err != nil {
			continue
		}
		for name, lines := range cut.blocks {
			if strings.Join(lines, "\n") != strings.Join(whole.blocks[name], "\n") {
				t.Errorf("cut after %q: port %s has the lines %q", newer[max(0, n-20):n], name, lines)
			}
		}
	}
}

func TestStrangeConfigurationsAreErrors(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                    "",
		"a block that is not closed": "interface gi1/0/1\n switchport mode trunk\ninterface gi1/0/2\n!\n",
		"the last one is not closed": "interface gi1/0/1\n switchport mode trunk\n",
		"a header that was lost":     "interface vlan 1\n!\n switchport mode trunk\n!\n",
		"a header that is garbled":   "interface gi1/0~5\n switchport mode trunk\n!\n",
		"a range that is none":       "interface range gi1/0/4-1\n!\n",
		"VLANs that are none":        "vlan database\nvlan 10,9x\nexit\ninterface vlan 1\n!\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c, err := parseConfig(text); err == nil {
				t.Errorf("%+v", c)
			}
		})
	}
	for _, line := range []string{
		"switchport trunk allowed vlan", "switchport trunk allowed vlan add", "switchport trunk allowed vlan add x",
		"switchport trunk allowed vlan swap 10 20", "switchport trunk native vlan 5000", "switchport access vlan",
		"switchport general pvid no", "sw#tch#or# m#de#tr#nk", "switchport m~de trunk", "s~utdown",
	} {
		if p, err := parsePort("gi1/0/1", []string{line}); err == nil {
			t.Errorf("%q: %+v", line, p)
		}
	}
}

func TestParseEnabled(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]cli.VLANs{
		" 1511\n                            1512 (Inactive)":               cli.VLANsOf(1511, 1512),
		" 10,20\n                            30-31,40\n     50 (Inactive)": cli.VLANsOf(10, 20, 30, 31, 40, 50),
		" 3 (Inactive)":                   cli.VLANsOf(3),
		" none":                           {},
		" 1-4094":                         cli.AllVLANs(),
		" 1\n          2-4094 (Inactive)": cli.AllVLANs(),
	} {
		if got, err := parseEnabled("gi1/0/5", switchport("gi1/0/5", value)); err != nil || got != want {
			t.Errorf("%q: %s, %v", value, got, err)
		}
	}
	whole := switchport("gi1/0/5", " 1511")
	for _, text := range []string{
		"", switchport("gi1/0/6", " 1511"), switchport("gi1/0/5", " 15x1"), whole[:len(whole)-10],
		strings.Replace(whole, "Trunking VLANs Enabled", "Tr#nk#ng#VL#Ns#En#bl#d", 1),
	} {
		if got, err := parseEnabled("gi1/0/5", text); err == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// switchport is what "show interfaces switchport" says of a port.
func switchport(name, enabled string) string {
	return "Name: " + name + `
Switchport: enable
Administrative Mode: trunk
Operational Mode: up
Access Mode VLAN: 1
Access Multicast TV VLAN: none
Trunking Native Mode VLAN: none
Trunking VLANs Enabled:` + enabled + `
General PVID: 1
General VLANs Enabled: none
Protected: Disabled

Classification rules:
`
}

func TestParseStatus(t *testing.T) {
	t.Parallel()
	const text = `
                                             Flow Link          Back   Mdix
Port     Type         Duplex  Speed Neg      ctrl State       Pressure Mode
-------- ------------ ------  ----- -------- ---- ----------- -------- -------
gi1/0/1  1G-Copper    Full    1000  Enabled  Off  Up          Disabled Off
gi1/0/2  1G-Copper      --      --     --     --  Down           --     --
te1/0/1  10G-Fiber      --      --     --     --  Down           --     --

                                          Flow    Link
Ch       Type    Duplex  Speed  Neg      control  State
-------- ------- ------  -----  -------- -------  -----------
Po1         --     --      --      --       --    Not Present
`
	ports, err := parseStatus(text)
	if err != nil || strings.Join(ports, " ") != "gi1/0/1 gi1/0/2 te1/0/1" {
		t.Errorf("%q, %v", ports, err)
	}
	for _, cut := range []string{"", before(text, "gi1/0/1"), before(text, "te1/0/1")} {
		if ports, err := parseStatus(cut); err == nil {
			t.Errorf("%q from %q", ports, cut)
		}
	}
}

// before is a text cut off.
func before(text, mark string) string {
	cut, _, _ := strings.Cut(text, mark)
	return cut
}

func FuzzParsers(f *testing.F) {
	f.Add(newer)
	f.Add(older)
	f.Add(switchport("gi1/0/5", " 1511\n  1512 (Inactive)"))
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = parseStatus(text)
		_, _ = parseEnabled("gi1/0/5", text)
		c, err := parseConfig(text)
		if err != nil {
			return
		}
		for name, lines := range c.blocks {
			if own, err := canonicalPort(name); err != nil || own != name {
				t.Errorf("port %q, %v", name, err)
			}
			if _, err := parsePort(name, lines); err != nil && sdk.CodeOf(unclear(err)) != sdk.Internal {
				t.Error(err)
			}
		}
	})
}
