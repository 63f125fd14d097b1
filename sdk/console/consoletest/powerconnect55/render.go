package powerconnect55

import (
	"fmt"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// listWidth is how long a list of VLANs gets before it goes on in another line.
const listWidth = 50

// render is a configuration as the device prints it. Ports with nothing but defaults are not in it.
func (s *Switch) render(f *state) string {
	var b strings.Builder
	if created := f.created().Not(consoletest.SomeVLANs(1)); created != (consoletest.VLANs{}) {
		b.WriteString("vlan database\n")
		for _, list := range created.Lines(listWidth) {
			fmt.Fprintf(&b, " vlan %s\n", list)
		}
		b.WriteString("exit\n")
	}
	if f.hostname != "console" {
		fmt.Fprintf(&b, "hostname %s\n", f.hostname)
	}
	b.WriteString("username admin password encrypted ! privilege 15\n!\n")
	for _, id := range f.created().IDs() {
		if name := f.vlans[id]; name != "" {
			fmt.Fprintf(&b, "interface vlan %d\n name %s\n%s\n", id, name, s.blockEnd())
		}
	}
	for _, p := range f.ports {
		if len(s.lines(p)) > 0 {
			b.WriteString(s.block(p))
		}
	}
	return b.String()
}

func (s *Switch) blockEnd() string {
	if s.has(ExitEndsBlocks) {
		return "exit"
	}
	return "!"
}

// block is the part of one port.
func (s *Switch) block(p *port) string {
	var b strings.Builder
	fmt.Fprintf(&b, "interface %s\n", long(p.name))
	for _, line := range s.lines(p) {
		fmt.Fprintf(&b, " %s\n", line)
	}
	return b.String() + s.blockEnd() + "\n"
}

// lines are a port's settings that are not the default.
func (s *Switch) lines(p *port) []string {
	var lines []string
	if p.description != "" {
		lines = append(lines, "description "+quoted(p.description))
	}
	if p.group != 0 {
		lines = append(lines, fmt.Sprintf("channel-group %d mode %s", p.group, p.groupMode))
	}
	lines = slices.Concat(lines, p.modeLines(), s.trunkLines(p), p.generalLines())
	if p.shut {
		lines = append(lines, "shutdown")
	}
	return lines
}

func quoted(text string) string {
	if strings.Contains(text, " ") {
		return `"` + text + `"`
	}
	return text
}

func (p *port) modeLines() []string {
	var lines []string
	if p.routed {
		lines = append(lines, "no switchport")
	}
	if p.mode != access {
		lines = append(lines, "switchport mode "+p.mode.String())
	}
	if p.access != 1 {
		lines = append(lines, "switchport access vlan "+orNone(p.access))
	}
	return lines
}

// trunkLines tell a trunk's VLANs as what differs from a fresh one.
func (s *Switch) trunkLines(p *port) []string {
	const allowed = "switchport trunk allowed vlan "
	var lines []string
	if p.native != 1 {
		lines = append(lines, "switchport trunk native vlan "+orNone(p.native))
	}
	if p.allowed == (consoletest.VLANs{}) {
		return append(lines, allowed+"none")
	}
	fresh := s.freshTrunk()
	lines = append(lines, listed(allowed+"remove ", fresh.Not(p.allowed))...)
	return append(lines, listed(allowed+"add ", p.allowed.Not(fresh))...)
}

func (p *port) generalLines() []string {
	const allowed = "switchport general allowed vlan "
	fresh := consoletest.SomeVLANs(1)
	var lines []string
	lines = append(lines, listed(allowed+"remove ", fresh.Not(p.untagged.Or(p.tagged)))...)
	for _, list := range p.tagged.Lines(listWidth) {
		if list != "" {
			lines = append(lines, allowed+"add "+list+" tagged")
		}
	}
	for _, list := range p.untagged.Not(fresh).Lines(listWidth) {
		if list != "" {
			lines = append(lines, allowed+"add "+list+" untagged")
		}
	}
	if p.pvid != 1 {
		lines = append(lines, fmt.Sprintf("switchport general pvid %d", p.pvid))
	}
	return lines
}

// listed is a line for each part of a long list, none for an empty one.
func listed(line string, v consoletest.VLANs) []string {
	if v == (consoletest.VLANs{}) {
		return nil
	}
	lines := v.Lines(listWidth)
	for i := range lines {
		lines[i] = line + lines[i]
	}
	return lines
}

func orNone(id int) string {
	if id == 0 {
		return "none"
	}
	return fmt.Sprint(id)
}
