package nexus5k

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// listWidth is how long a list of VLANs gets before it goes on in another line.
const listWidth = 60

// render is the configuration as the device prints it, without what it begins with.
func (s *state) render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "hostname %s\n\nfeature telnet\nfeature lacp\n\n", s.hostname)
	b.WriteString("username admin password 5 ! role network-admin\nno password strength-check\n\n")
	s.renderVLANs(&b)
	b.WriteString("vrf context management\n\n")
	for _, p := range s.printed() {
		b.WriteString("\n" + p.render())
	}
	b.WriteString("\ninterface mgmt0\n  ip address 192.0.2.10/24\nline console\nline vty\n")
	return b.String()
}

// printed are the ports in the order of the configuration: port channels first.
func (s *state) printed() []*port {
	channels, others := []*port{}, []*port{}
	for _, p := range s.ports {
		if p.channel() {
			channels = append(channels, p)
		} else {
			others = append(others, p)
		}
	}
	return append(channels, others...)
}

func (s *state) renderVLANs(b *strings.Builder) {
	ids := slices.Sorted(maps.Keys(s.vlans))
	for _, list := range consoletest.SomeVLANs(ids...).Lines(listWidth) {
		fmt.Fprintf(b, "vlan %s\n", list)
	}
	for _, id := range ids {
		v := s.vlans[id]
		if id == 1 || v == (vlan{}) {
			continue
		}
		fmt.Fprintf(b, "vlan %d\n", id)
		for _, line := range v.render() {
			fmt.Fprintf(b, "  %s\n", line)
		}
	}
}

func (v vlan) render() []string {
	var lines []string
	if v.name != "" {
		lines = append(lines, "name "+v.name)
	}
	if v.suspended {
		lines = append(lines, "state suspend")
	}
	if v.shut {
		lines = append(lines, "shutdown")
	}
	return lines
}

// render is an interface's block. Defaults are not printed.
func (p *port) render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "interface %s\n", p.name)
	for _, line := range slices.Concat(p.generalLines(), p.switchportLines(), p.spanning, p.memberLines()) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	return b.String()
}

func (p *port) generalLines() []string {
	var lines []string
	if p.shut {
		lines = append(lines, "shutdown")
	}
	if p.description != "" {
		lines = append(lines, "description "+p.description)
	}
	return lines
}

// switchportLines are those about VLANs; also of what is idle in the port's mode.
func (p *port) switchportLines() []string {
	if p.routed {
		return []string{"no switchport"}
	}
	var lines []string
	if p.trunk {
		lines = append(lines, "switchport mode trunk")
	}
	if p.access != 1 {
		lines = append(lines, fmt.Sprintf("switchport access vlan %d", p.access))
	}
	if p.native != 1 {
		lines = append(lines, fmt.Sprintf("switchport trunk native vlan %d", p.native))
	}
	return append(lines, p.allowedLines()...)
}

func (p *port) allowedLines() []string {
	const line = "switchport trunk allowed vlan "
	switch p.allowed {
	case every:
		return nil
	case consoletest.VLANs{}:
		return []string{line + "none"}
	}
	lists := p.allowed.Lines(listWidth)
	lines := []string{line + lists[0]}
	for _, list := range lists[1:] {
		lines = append(lines, line+"add "+list)
	}
	return lines
}

func (p *port) memberLines() []string {
	switch {
	case p.group == 0:
		return nil
	case p.groupMode == "on":
		return []string{fmt.Sprintf("channel-group %d", p.group)}
	}
	return []string{fmt.Sprintf("channel-group %d mode %s", p.group, p.groupMode)}
}
