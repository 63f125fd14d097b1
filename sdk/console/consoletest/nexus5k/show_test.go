package nexus5k_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
)

// TestShows compares outputs with recordings of devices (5548, 7.1(1)N1(1); show vlan and switchport of a 5k/6k).
func TestShows(t *testing.T) {
	t.Parallel()
	configuration := []string{
		"configure terminal", "vlan 18", "name blue", "vlan 20",
		"interface ethernet 1/1", "switchport mode trunk", "switchport trunk native vlan 2222", "switchport trunk allowed vlan 18,20",
		"interface ethernet 1/2", "switchport access vlan 18", "shutdown", "description to a machine",
	}
	for name, test := range map[string]struct{ line, want string }{
		"switchport": {"show interface ethernet 1/1 switchport", `Name: Ethernet1/1
  Switchport: Enabled
  Switchport Monitor: Not enabled 
  Switchport Block Multicast: Not enabled 
  Switchport Block Unicast: Not enabled 
  Operational Mode: trunk
  Access Mode VLAN: 1 (default)
  Trunking Native Mode VLAN: 2222 (Vlan not created)
  Trunking VLANs Allowed: 18,20
  Administrative private-vlan primary host-association: none
  Administrative private-vlan secondary host-association: none
  Administrative private-vlan primary mapping: none
  Administrative private-vlan secondary mapping: none
  Administrative private-vlan trunk native VLAN: none
  Administrative private-vlan trunk encapsulation: none
  Administrative private-vlan trunk normal VLANs: none
  Administrative private-vlan trunk private VLANs: none
  Operational private-vlan: none
  Virtual Ethernet Bridge Forwarding : Disabled
`},
		"vlan brief": {"show vlan brief", `
VLAN Name                             Status    Ports
---- -------------------------------- --------- -------------------------------
1    default                          active    Eth1/3, Eth101/1/1, Eth101/1/2
                                                Eth101/1/3, Eth101/1/4
18   blue                             active    Eth1/1, Eth1/2
20   VLAN0020                         active    Eth1/1
`},
		"status": {"show interface status | include Eth1", `Eth1/1        --                 connected trunk     full    10G     10Gbase-SR
Eth1/2        to a machine       disabled  18        full    10G     10Gbase-SR
Eth1/3        --                 connected 1         full    10G     10Gbase-SR
Eth101/1/1    --                 connected 1         full    10G     10Gbase-SR
Eth101/1/2    --                 connected 1         full    10G     10Gbase-SR
Eth101/1/3    --                 connected 1         full    10G     10Gbase-SR
Eth101/1/4    --                 connected 1         full    10G     10Gbase-SR
`},
		"brief": {"show interface brief | include Eth1/", `Eth1/1        2222    eth  trunk  up      none                     10G(D)    --
Eth1/2        18      eth  access down    Administratively down    10G(D)    --
Eth1/3        1       eth  access up      none                     10G(D)    --
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw := nexus5k.New(consoletest.Options{Hostname: "sw", Ports: 3})
			setUp(t, sw, configuration...)
			want := test.line + "\r\r\n" + strings.ReplaceAll(test.want, "\n", "\r\n") + "\rsw# "
			if got := open(t, sw).Enter(test.line, "sw# "); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestShowRunningInterface(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{Hostname: "sw"})
	setUp(t, sw, "configure terminal", "interface ethernet 1/17", "switchport mode trunk", "switchport trunk native vlan 18",
		"switchport trunk allowed vlan 18,20,23-24,29")
	got := open(t, sw).Enter("show running-config interface e1/17", "sw# ")
	head, rest, _ := strings.Cut(got, "!Time: ")
	if want := "show running-config interface e1/17\r\r\n\r\n!Command: show running-config interface Ethernet1/17\r\n"; head != want {
		t.Errorf("it begins with %q, want %q", head, want)
	}
	_, rest, _ = strings.Cut(rest, "\r\n")
	want := "\r\nversion 7.1(1)N1(1)\r\n\r\ninterface Ethernet1/17\r\n  switchport mode trunk\r\n" +
		"  switchport trunk native vlan 18\r\n  switchport trunk allowed vlan 18,20,23-24,29\r\n\r\n\rsw# "
	if rest != want {
		t.Errorf("it goes on with %q, want %q", rest, want)
	}
}

// TestWrappedLine shows that the echo of a long line is not what was typed, until the terminal is wide.
func TestWrappedLine(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{Hostname: "sw"})
	p := open(t, sw)
	p.Enter("terminal width 80", "# ")
	line := "show running-config interface ethernet 1/1, ethernet 1/2, ethernet 1/3, ethernet 1/4"
	if got := p.Enter(line, "sw# "); !strings.HasPrefix(got, line[:76]+" \r"+line[76:]+"\r\r\n") {
		t.Errorf("got %q", got[:120])
	}
}

// TestMonitor shows that log lines come only where they were asked for, behind the prompt, which is not repeated.
func TestMonitor(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{Hostname: "sw"})
	p := open(t, sw)
	p.Enter("terminal monitor", "# ")
	p.Enter("conf t", "# ")
	p.Enter("int e1/3", "# ")
	p.Type("shutdown\r")
	got := p.Until("(Administratively down)\r\n")
	if !strings.HasPrefix(got, "shutdown\r\r\n\rsw(config-if)# 2") || !strings.Contains(got, " sw %ETHPORT-5-IF_DOWN_CFG_CHANGE: Interface Ethernet1/3 is down(Config change)\r\n2") {
		t.Errorf("got %q", got)
	}
}
