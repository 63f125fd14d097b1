package nexus5k

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// showCommands are those that change nothing.
func (s *Switch) showCommands() []consoletest.Command {
	printing := func(text func(values []any) string) func(*consoletest.Call) error {
		return func(c *consoletest.Call) error { c.Print(text(c.Values)); return nil }
	}
	return []consoletest.Command{
		{Line: "show running-config", Run: printing(func([]any) string {
			return s.heading("show running-config") + s.current().render()
		})},
		{Line: "show startup-config", Run: printing(func([]any) string {
			return s.heading("show startup-config") + s.startup.render()
		})},
		{Line: "show running-config interface", Run: s.showRunningInterfaces},
		{Line: "show running-config interface <existing>", Run: s.showRunningInterfaces},
		{Line: "show interface switchport", Run: s.showSwitchport},
		{Line: "show interface <existing> switchport", Run: s.showSwitchport},
		{Line: "show interface status", Run: printing(func([]any) string { return s.statusTable() })},
		{Line: "show interface brief", Run: printing(func([]any) string { return s.briefTable() })},
		{Line: "show vlan", Run: printing(func([]any) string {
			ids := slices.Sorted(maps.Keys(s.running.vlans))
			return s.vlanTable(ids) + vlanTypes(ids) + vlanRest
		})},
		{Line: "show vlan brief", Run: printing(func([]any) string {
			return s.vlanTable(slices.Sorted(maps.Keys(s.running.vlans)))
		})},
		{Line: "show vlan id <vlans>", Run: s.showVLANs},
		{Line: "show version", Run: printing(func([]any) string { return s.version() })},
		{Line: "show hostname|switchname", Run: printing(func([]any) string { return s.Hostname() + " \n" })},
	}
}

// chosenPorts are the ports named in a show command, or all.
func (s *Switch) chosenPorts(values []any) []*port {
	if len(values) == 0 {
		return s.running.printed()
	}
	var ports []*port
	for _, name := range values[0].([]string) {
		ports = append(ports, s.running.port(name))
	}
	return ports
}

func (s *Switch) showRunningInterfaces(c *consoletest.Call) error {
	command := "show running-config interface"
	if len(c.Values) > 0 {
		command += " " + strings.Join(c.Values[0].([]string), ",")
	}
	c.Print(s.heading(command))
	for _, p := range s.chosenPorts(c.Values) {
		c.Print("\n" + p.render())
	}
	c.Print("\n")
	return nil
}

func (s *Switch) showSwitchport(c *consoletest.Call) error {
	for _, p := range s.chosenPorts(c.Values) {
		c.Print(s.switchportText(p))
	}
	return nil
}

// switchportText is a port's part of "show interface switchport". Some values end in a blank, as on the device.
func (s *Switch) switchportText(p *port) string {
	enabled, mode := "Enabled", "access"
	switch {
	case p.routed:
		enabled, mode = "Disabled", "routed"
	case p.shut:
		mode = "down"
	case p.trunk:
		mode = "trunk"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Name: %s\n  Switchport: %s\n  Switchport Monitor: Not enabled \n", p.name, enabled)
	b.WriteString("  Switchport Block Multicast: Not enabled \n  Switchport Block Unicast: Not enabled \n")
	fmt.Fprintf(&b, "  Operational Mode: %s\n", mode)
	fmt.Fprintf(&b, "  Access Mode VLAN: %s\n  Trunking Native Mode VLAN: %s\n", s.named(p.access), s.named(p.native))
	fmt.Fprintf(&b, "  Trunking VLANs Allowed: %s\n", allowedText(p.allowed))
	for _, kind := range []string{
		"primary host-association", "secondary host-association", "primary mapping", "secondary mapping",
		"trunk native VLAN", "trunk encapsulation", "trunk normal VLANs", "trunk private VLANs",
	} {
		fmt.Fprintf(&b, "  Administrative private-vlan %s: none\n", kind)
	}
	b.WriteString("  Operational private-vlan: none\n  Virtual Ethernet Bridge Forwarding : Disabled\n")
	return b.String()
}

// named is a VLAN with what the device adds to it.
func (s *Switch) named(id int) string {
	v, ok := s.running.vlans[id]
	if !ok {
		return fmt.Sprintf("%d (Vlan not created)", id)
	}
	return fmt.Sprintf("%d (%s)", id, v.called(id))
}

// allowedText is a list that goes on in indented lines after a comma.
func allowedText(allowed consoletest.VLANs) string {
	if allowed == (consoletest.VLANs{}) {
		return "none"
	}
	return strings.Join(allowed.Lines(listWidth), ",\n    ")
}

func (s *Switch) version() string {
	return "Cisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n\n" +
		"Software\n  system:    version " + release + "\n\nHardware\n  cisco Nexus5548 Chassis (\"O2 32X10GE/Modular Supervisor\")\n\n" +
		"  Device name: " + s.Hostname() + "\n"
}
