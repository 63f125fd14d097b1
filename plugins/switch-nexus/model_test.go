// A program cannot be imported, so its tests are inside.

package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// dummy is the VLAN that stands for none in tests.
const dummy = 2222

// model is a port of a Nexus as far as the lines of this driver go.
type model struct {
	trunk, shut    bool
	access, native int
	allowed        cli.VLANs
}

// enter does one line.
func (m *model) enter(line string) error {
	command, argument := cli.CutLine(line, commands)
	switch command {
	case shutdown:
		m.shut = true
	case noShutdown:
		m.shut = false
	case "switchport mode":
		m.trunk = argument == "trunk"
	case "switchport trunk native vlan":
		id, err := strconv.Atoi(argument)
		m.native = id
		return err
	case "switchport trunk allowed vlan":
		return m.allow(argument)
	default:
		return fmt.Errorf("%q is not known", line)
	}
	return nil
}

func (m *model) allow(argument string) error {
	verb, list, _ := strings.Cut(argument, " ")
	if verb == "none" {
		m.allowed = cli.VLANs{}
		return nil
	}
	vlans, err := cli.ParseVLANs(list)
	if verb == "add" {
		m.allowed = m.allowed.Plus(vlans)
	} else {
		m.allowed = m.allowed.Minus(vlans)
	}
	if !vlans.Minus(reserved()).Empty() && vlans.Minus(reserved()) != vlans {
		err = fmt.Errorf("%q names reserved VLANs", argument)
	}
	return err
}

// carried are the VLANs that the port lets through this instant.
func (m *model) carried() cli.VLANs {
	switch {
	case m.shut:
		return cli.VLANs{}
	case m.trunk:
		return m.allowed
	default:
		return cli.VLANsOf(m.access)
	}
}

// running is the port as its running configuration shows it.
func (m *model) running() string {
	lines := []string{"interface Ethernet1/1"}
	if m.trunk {
		lines = append(lines, modeTrunk)
	}
	if m.access != 1 {
		lines = append(lines, fmt.Sprintf("switchport access vlan %d", m.access))
	}
	if m.native != 1 {
		lines = append(lines, fmt.Sprintf("%s%d", nativeVLAN, m.native))
	}
	lines = append(lines, m.allowedLines()...)
	if m.shut {
		lines = append(lines, shutdown)
	}
	head := "\n!Command: " + showPorts + " Ethernet1/1\n!Time: Mon Dec  4 20:00:19 2017\n\nversion 7.3(13)N1(1)\n\n"
	return head + strings.Join(lines, "\n  ") + "\n\n"
}

func (m *model) allowedLines() []string {
	if m.allowed == cli.AllVLANs() {
		return nil
	}
	if m.allowed.Empty() {
		return []string{allowed + "none"}
	}
	var lines []string
	for i, list := range m.allowed.Lists(60) {
		if i > 0 {
			list = "add " + list
		}
		lines = append(lines, allowed+list)
	}
	return lines
}
