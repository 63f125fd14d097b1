package powerconnect55

import (
	"fmt"
	"strings"
)

// vlanTable is "show vlan".
func (s *Switch) vlanTable(ids []int) string {
	var b strings.Builder
	b.WriteString("\nVlan       Name                   Ports                Type     Authorization \n")
	b.WriteString("---- ----------------- --------------------------- ------------ ------------- \n")
	for _, id := range ids {
		name, kind := s.running.vlans[id], "permanent"
		if name == "" {
			name = fmt.Sprint(id)
		}
		if id == 1 {
			kind = "other"
		}
		rows := s.portsIn(id)
		fmt.Fprintf(&b, "%4d %17s %-27s %12s %13s \n", id, name, rows[0], kind, "Required")
		for _, row := range rows[1:] {
			fmt.Fprintf(&b, "%23s%s\n", "", row)
		}
	}
	return b.String() + "\n"
}

// portsIn are the ports of a VLAN in ranges, in rows of a table; all but the last end in a comma.
func (s *Switch) portsIn(id int) []string {
	var parts []string
	for i := 0; i < len(s.running.ports); i++ {
		first := s.running.ports[i]
		if !first.members().Has(id) || first.group != 0 {
			continue
		}
		kind, _ := cut(first.name)
		last := first
		for i+1 < len(s.running.ports) && inRange(s.running.ports[i+1], kind, id) {
			i++
			last = s.running.ports[i]
		}
		part := first.name
		if _, number := cut(last.name); last != first {
			part += "-" + number
		}
		parts = append(parts, part)
	}
	return rows(parts, 27)
}

func inRange(p *port, kind string, id int) bool {
	own, _ := cut(p.name)
	return own == kind && p.group == 0 && p.members().Has(id)
}

// cut separates a port's number from what is before it.
func cut(name string) (kind, number string) {
	i := strings.LastIndexAny(name, "/o") + 1
	return name[:i], name[i:]
}

func rows(parts []string, width int) []string {
	lines := []string{""}
	for i, part := range parts {
		if i < len(parts)-1 {
			part += ","
		}
		if last := &lines[len(lines)-1]; len(*last)+len(part) <= width {
			*last += part
			continue
		}
		lines = append(lines, part)
	}
	return lines
}

// statusTable is "show interfaces status".
func (s *Switch) statusTable() string {
	var b strings.Builder
	b.WriteString("                                             Flow Link          Back   Mdix\n")
	b.WriteString("Port     Type         Duplex  Speed Neg      ctrl State       Pressure Mode\n")
	b.WriteString("-------- ------------ ------  ----- -------- ---- ----------- -------- -------\n")
	for _, p := range s.running.ports {
		if p.channel() {
			continue
		}
		kind, speed, link := "1G-Copper", "1000", "Up"
		if strings.HasPrefix(p.name, "te") {
			kind, speed = "10G-Fiber", "10000"
		}
		if p.shut {
			link = "Down"
		}
		fmt.Fprintf(&b, "%-8s %-12s %-7s %-5s %-8s %-4s %-11s %-8s %-7s\n", p.name, kind, "Full", speed, "Enabled", "Off", link, "Disabled", "Off")
	}
	b.WriteString("\n                                          Flow    Link        \n")
	b.WriteString("Ch       Type    Duplex  Speed  Neg      control  State       \n")
	b.WriteString("-------- ------- ------  -----  -------- -------  ----------- \n")
	for i := range channels {
		fmt.Fprintf(&b, "%-8s    --     --      --      --       --    Not Present \n", channelName(i+1))
	}
	return b.String()
}
