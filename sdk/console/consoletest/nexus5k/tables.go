package nexus5k

import (
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// rule is the line that tables of interfaces begin with.
var rule = strings.Repeat("-", 80) + "\n"

// statusTable is "show interface status".
func (s *Switch) statusTable() string {
	var b strings.Builder
	b.WriteString("\n" + rule)
	b.WriteString("Port          Name               Status    Vlan      Duplex  Speed   Type\n" + rule)
	b.WriteString("mgmt0         --                 connected routed    full    1000    --\n")
	for _, p := range s.running.ports {
		status := "connected"
		if p.shut {
			status = "disabled"
		}
		name := p.description
		if name == "" {
			name = "--"
		}
		fmt.Fprintf(&b, "%-14s%-19s%-10s%-10s%-8s%-8s%s\n", short(p.name), name[:min(len(name), 18)], status, p.vlanColumn(), "full", "10G", "10Gbase-SR")
	}
	return b.String()
}

// briefTable is "show interface brief".
func (s *Switch) briefTable() string {
	var b strings.Builder
	b.WriteString("\n" + rule)
	b.WriteString("Ethernet      VLAN    Type Mode   Status  Reason                   Speed     Port\n")
	b.WriteString("Interface                                                                    Ch #\n" + rule)
	for _, p := range s.running.ports {
		if p.channel() {
			continue
		}
		status, reason := "up", "none"
		if p.shut {
			status, reason = "down", "Administratively down"
		}
		group := "--"
		if p.group != 0 {
			group = fmt.Sprint(p.group)
		}
		fmt.Fprintf(&b, "%-14s%-8s%-5s%-7s%-8s%-25s%-10s%s\n", short(p.name), p.vlanNumber(), "eth", p.modeColumn(), status, reason, "10G(D)", group)
	}
	b.WriteString("\n" + rule + "Port   VRF          Status IP Address                              Speed    MTU\n" + rule)
	b.WriteString("mgmt0  --           up     192.0.2.10                              1000     1500\n")
	return b.String()
}

func (p *port) modeColumn() string {
	switch {
	case p.routed:
		return "routed"
	case p.trunk:
		return "trunk"
	}
	return "access"
}

func (p *port) vlanColumn() string {
	if p.routed || p.trunk {
		return p.modeColumn()
	}
	return fmt.Sprint(p.access)
}

func (p *port) vlanNumber() string {
	switch {
	case p.routed:
		return "--"
	case p.trunk:
		return fmt.Sprint(p.native)
	}
	return fmt.Sprint(p.access)
}

// vlanTable is the first part of "show vlan".
func (s *Switch) vlanTable(ids []int) string {
	var b strings.Builder
	b.WriteString("\nVLAN Name                             Status    Ports\n")
	b.WriteString("---- -------------------------------- --------- -------------------------------\n")
	for _, id := range ids {
		v := s.running.vlans[id]
		rows := wrapped(s.portsIn(id), 31)
		fmt.Fprintf(&b, "%-4d %-32s %-9s %s\n", id, v.called(id), v.status(), rows[0])
		for _, row := range rows[1:] {
			fmt.Fprintf(&b, "%48s%s\n", "", row)
		}
	}
	return b.String()
}

// portsIn are the ports that a VLAN is listed with.
func (s *Switch) portsIn(id int) []string {
	var names []string
	for _, p := range s.running.ports {
		if p.routed || p.group != 0 {
			continue
		}
		if p.trunk && p.allowed.Has(id) || !p.trunk && p.access == id {
			names = append(names, short(p.name))
		}
	}
	return names
}

// wrapped puts names into rows of at most width characters, without a comma at their ends.
func wrapped(names []string, width int) []string {
	rows := []string{""}
	for _, name := range names {
		last := &rows[len(rows)-1]
		switch {
		case *last == "":
			*last = name
		case len(*last)+2+len(name) > width:
			rows = append(rows, name)
		default:
			*last += ", " + name
		}
	}
	return rows
}

// vlanTypes is the second part of "show vlan".
func vlanTypes(ids []int) string {
	var b strings.Builder
	b.WriteString("\nVLAN Type         Vlan-mode\n---- -----        ----------\n")
	for _, id := range ids {
		fmt.Fprintf(&b, "%-4d enet         CE     \n", id)
	}
	return b.String()
}

// vlanRest is the last part of "show vlan".
const vlanRest = "\nRemote SPAN VLANs\n-------------------------------------------------------------------------------\n\n" +
	"Primary  Secondary  Type             Ports\n-------  ---------  ---------------  -------------------------------------------\n\n"

// showVLANs is "show vlan id", which refuses VLANs that do not exist.
func (s *Switch) showVLANs(c *consoletest.Call) error {
	var ids []int
	for _, id := range c.Values[0].(consoletest.VLANs).IDs() {
		if _, ok := s.running.vlans[id]; !ok {
			return consoletest.Refuse("VLAN %d not found in current VLAN database", id)
		}
		ids = append(ids, id)
	}
	c.Print(s.vlanTable(ids) + vlanTypes(ids) + vlanRest)
	return nil
}
