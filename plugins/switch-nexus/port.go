package main

import (
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// parsing is a port of which some lines are read.
type parsing struct {
	cli.Port
	listed bool // the trunk's VLANs are listed: they are not all
}

// parsePort reads a port's lines. What is not printed is as the factory has it: access to VLAN 1, a trunk with all
// VLANs and native VLAN 1, and up.
func parsePort(s section, dummy int) (cli.Port, error) {
	p := parsing{Port: cli.Port{Name: s.name, Access: 1, Native: 1, Allowed: cli.AllVLANs()}}
	for _, line := range s.lines {
		if err := p.take(line); err != nil {
			return cli.Port{}, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	port := p.Port
	switch {
	case port.Mode == cli.OtherMode:
		// What the other modes carry is not told here; something that is never wanted stands for it.
		port.Native, port.Allowed = port.Access, cli.VLANsOf(port.Access)
	case port.Native == dummy && !port.Allowed.Has(dummy):
		port.Native = 0
	}
	return port, nil
}

// take reads one line. Most lines of a port are not about VLANs.
func (p *parsing) take(line string) (err error) {
	command, argument := cli.CutLine(line, commands)
	switch command {
	case shutdown:
		p.Shut = true
	case noShutdown:
		p.Shut = false
	case "switchport mode":
		p.mode(argument)
	case "switchport access vlan":
		p.Access, err = one(argument)
	case "switchport trunk native vlan":
		p.Native, err = one(argument)
	case "switchport trunk allowed vlan":
		err = p.allow(argument)
	case "channel-group":
		group, _, _ := strings.Cut(argument, " ")
		p.foreign("is a member of port-channel " + group)
	case "no switchport":
		p.Mode, p.Access = cli.OtherMode, 0
		p.foreign("is a routed port")
	case "fex associate":
		p.foreign("leads to a fabric extender")
	case "switchport monitor":
		p.foreign("is the destination of a monitor session")
	case "inherit port-profile":
		p.foreign("inherits port-profile " + argument + ", which is not printed with it")
	default:
		p.other(line)
	}
	return err
}

// commands are those that take reads, with the longest first where one begins with another.
var commands = []string{
	"switchport trunk allowed vlan", "switchport trunk native vlan", "switchport access vlan", "switchport mode",
	"switchport monitor", "channel-group", "inherit port-profile", "fex associate", "no switchport", noShutdown, shutdown,
}

func (p *parsing) mode(mode string) {
	switch mode {
	case "access":
		p.Mode = cli.Access
	case "trunk":
		p.Mode = cli.Trunk
	case "fex-fabric":
		p.Mode = cli.OtherMode
		p.foreign("leads to a fabric extender")
	default:
		p.Mode = cli.OtherMode
	}
}

// allow reads a trunk's list; a long one goes on with "add".
func (p *parsing) allow(list string) error {
	before := p.Allowed
	if !p.listed {
		before, p.listed = cli.VLANs{}, true
	}
	list = strings.TrimPrefix(list, "add ")
	if list == "none" {
		p.Allowed = before
		return nil
	}
	vlans, err := cli.ParseVLANs(list)
	p.Allowed = before.Plus(vlans)
	return err
}

// indent is what stands between a description and the next line, if its end looked like a log line and was taken out.
const indent = "   "

// other is suspicious of lines that put the port on VLANs in ways this driver does not know.
func (p *parsing) other(line string) {
	if strings.HasPrefix(line, "description ") && strings.Contains(line, indent) {
		p.foreign("has a description that hides another line; give it one without the date and the form of a log line")
	}
	if strings.HasPrefix(line, "switchport ") && strings.Contains(line, "vlan") {
		p.foreign(fmt.Sprintf("has the line %q, which the server does not know", line))
	}
}

func (p *parsing) foreign(why string) {
	if p.Foreign == "" {
		p.Foreign = why
	}
}

// one reads a single VLAN.
func one(text string) (int, error) {
	vlans, err := cli.ParseVLANs(text)
	ids := vlans.IDs()
	if err != nil || len(ids) != 1 {
		return 0, fmt.Errorf("%q is no VLAN", text)
	}
	return ids[0], nil
}
