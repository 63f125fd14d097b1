package powerconnect55

import (
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// valueColumn is where values of "show interfaces switchport" go on.
const valueColumn = len("Trunking VLANs Enabled: ")

// showCommands are those that change nothing; only exec mode has them.
func (s *Switch) showCommands() []consoletest.Command {
	return []consoletest.Command{
		{Line: "show running-config", Run: printing(func([]any) string { return s.render(s.current()) })},
		{Line: "show startup-config", Run: printing(func([]any) string { return s.render(&s.startup) })},
		{Line: "show running-config interface <port>", Run: s.eachPort(s.block)},
		{Line: "show interfaces switchport", Run: s.eachPort(s.switchportText)},
		{Line: "show interfaces switchport <port>", Run: s.eachPort(s.switchportText)},
		{Line: "show interfaces status", Run: printing(func([]any) string { return s.statusTable() })},
		{Line: "show vlan", Run: printing(func([]any) string { return s.vlanTable(s.running.created().IDs()) })},
		{Line: "show vlan tag <vlan>", Run: s.showVLAN},
		{Line: "show version", Run: printing(func([]any) string {
			return "SW version    4.1.0.19 ( date  04-Jan-2015 time  12:46:00 )\nBoot version    1.0.0.28\nHW version    00.00.02\n"
		})},
		{Line: "show system", Run: printing(func([]any) string {
			return "System Description:    PowerConnect 5548\nSystem Name:    " + s.Hostname() + "\n"
		})},
	}
}

func printing(text func(values []any) string) func(*consoletest.Call) error {
	return func(c *consoletest.Call) error { c.Print(text(c.Values)); return nil }
}

// eachPort prints a text of the port named, or of all.
func (s *Switch) eachPort(text func(*port) string) func(*consoletest.Call) error {
	return func(c *consoletest.Call) error {
		if len(c.Values) == 1 {
			c.Print(text(s.running.port(c.Values[0].([]string)[0])))
			return nil
		}
		for _, p := range s.running.ports {
			c.Print(text(p))
		}
		return nil
	}
}

func (s *Switch) showVLAN(c *consoletest.Call) error {
	id := c.Values[0].(int)
	if !s.running.exists(id) {
		return consoletest.RefusalError(notCreated)
	}
	c.Print(s.vlanTable([]int{id}))
	return nil
}

// switchportText is a port's part of "show interfaces switchport". It is just too long for a page.
func (s *Switch) switchportText(p *port) string {
	enabled, operation := "enable", "up"
	if p.routed {
		enabled = "disable"
	}
	if p.shut {
		operation = "down"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Name: %s\nSwitchport: %s\n", p.name, enabled)
	fmt.Fprintf(&b, "Administrative Mode: %s\nOperational Mode: %s\n", p.mode, operation)
	fmt.Fprintf(&b, "Access Mode VLAN: %s\nAccess Multicast TV VLAN: none\n", s.stated(p.access))
	fmt.Fprintf(&b, "Trunking Native Mode VLAN: %s\n", s.stated(p.native))
	fmt.Fprintf(&b, "Trunking VLANs Enabled: %s\n", s.enabled(p.allowed))
	fmt.Fprintf(&b, "General PVID: %d\nGeneral VLANs Enabled: %s\n", p.pvid, s.enabled(p.tagged.Or(p.untagged)))
	fmt.Fprintf(&b, "General Egress Tagged VLANs Enabled: %s\n", s.enabled(p.tagged))
	b.WriteString(switchportRest)
	return b.String()
}

const switchportRest = `General Forbidden VLANs: none
General Ingress Filtering: enabled
General Acceptable Frame Type: all
General GVRP status: disabled
Customer Mode VLAN: none
Private-vlan promiscuous-association primary VLAN: none
Private-vlan promiscuous-association Secondary VLANs Enabled: none
Private-vlan host-association primary VLAN: none
Private-vlan host-association Secondary VLANs Enabled: none
DVA: disable

Classification rules:

`

// stated is the VLAN of a field that has one.
func (s *Switch) stated(id int) string {
	if id == 0 || s.running.exists(id) {
		return orNone(id)
	}
	return orNone(id) + " (Inactive)"
}

// enabled are the VLANs of a field that has many: first the active ones, then on further lines the inactive ones, which
// are called so once at their end.
func (s *Switch) enabled(v consoletest.VLANs) string {
	if v == (consoletest.VLANs{}) {
		return "none"
	}
	var rows []string
	active, inactive := v.And(s.running.created()), v.Not(s.running.created())
	if active != (consoletest.VLANs{}) {
		rows = active.Lines(listWidth)
	}
	if inactive != (consoletest.VLANs{}) {
		rows = append(rows, inactive.Lines(listWidth)...)
		rows[len(rows)-1] += " (Inactive)"
	}
	return strings.Join(rows, "\n"+strings.Repeat(" ", valueColumn))
}
