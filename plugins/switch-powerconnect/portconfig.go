package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
)

// portConfig is a port as its lines in the running configuration describe it.
type portConfig struct {
	cli.Port
	// trunk are the changes to what a fresh trunk lets through; they matter also while the port is in another mode.
	trunk       []listChange
	trunkNative int
	// general is what the general mode lets through.
	general       cli.VLANs
	generalNative int
	// unknown says that the port is in a mode of which nothing is known.
	unknown bool
}

// factoryPort is a port without lines: up, on VLAN 1.
func factoryPort(name string) *portConfig {
	return &portConfig{
		Port:        cli.Port{Name: name, Mode: cli.Access, Access: 1},
		trunkNative: 1, general: cli.VLANsOf(1), generalNative: 1,
	}
}

// parsePort reads a port's lines. A line on VLANs that it does not understand is an error, for it cannot say what the
// port carries; other lines are not for this driver.
func parsePort(name string, lines []string) (*portConfig, error) {
	p := factoryPort(name)
	for _, line := range lines {
		if err := p.take(line); err != nil {
			return nil, fmt.Errorf("port %s: %q in the running configuration: %w", name, line, err)
		}
	}
	p.settle()
	return p, nil
}

var (
	// anyLine is what lines begin with, vlanLine what those on VLANs look like to their end.
	anyLine  = regexp.MustCompile(`^[a-z][a-z0-9-]*(?: |$)`)
	vlanLine = regexp.MustCompile(`^switchport(?: [A-Za-z0-9,/-]+)+$`)
)

// isGarbled reports whether a line has characters where no configuration has them, or quotes that do not end: with what
// looked like a log line in a description, the end of its line was taken out, and the next line stands in its place.
func isGarbled(line string) bool {
	return !anyLine.MatchString(line) || strings.Count(line, `"`)%2 != 0 || strings.HasPrefix(line, "switchport") && !vlanLine.MatchString(line)
}

// take is one line. Order matters only among those of one list.
func (p *portConfig) take(line string) (err error) {
	if isGarbled(line) {
		return errors.New("it is garbled")
	}
	key, value := cli.CutLine(line, keys)
	switch key {
	case "shutdown":
		p.Shut = true
	case "channel-group":
		p.Foreign = "is a member of a port-channel"
	case "ip address", "no switchport":
		p.Foreign = "is a routed port, not in layer-2 mode"
	case "switchport mode":
		p.takeMode(value)
	case "switchport access vlan":
		p.Access, err = vlanOrNone(value)
	case "switchport trunk native vlan":
		p.trunkNative, err = vlanOrNone(value)
	case "switchport trunk allowed vlan":
		var c listChange
		c, err = parseChange(value)
		p.trunk = append(p.trunk, c)
	case "switchport general pvid":
		p.generalNative, err = vlanOrNone(value)
	case "switchport general allowed vlan":
		var c listChange
		c, err = parseChange(value)
		p.general = c.apply(p.general)
	default:
		p.other(line)
	}
	return err
}

// memberships are lines, beside those that count, that put a port of the modes which the server makes on VLANs: those by
// which the machine itself chooses (GVRP, a voice VLAN by its MAC address), a RADIUS server, or multicast from elsewhere.
var memberships = regexp.MustCompile(`^(?:gvrp enable|voice vlan enable|dot1x .*vlan.*|` +
	`switchport access multicast-tv vlan .*|switchport default-vlan tagged)$`)

// other leaves a port alone that gets VLANs in ways this driver does not know.
func (p *portConfig) other(line string) {
	if memberships.MatchString(line) && p.Foreign == "" {
		p.Foreign = fmt.Sprintf("has the line %q, which puts it on other VLANs", line)
	}
}

// keys are the beginnings of the lines that count.
var keys = []string{
	"shutdown", "channel-group", "ip address", "no switchport", "switchport mode", "switchport access vlan",
	"switchport trunk native vlan", "switchport trunk allowed vlan", "switchport general pvid", "switchport general allowed vlan",
}

func (p *portConfig) takeMode(mode string) {
	switch mode {
	case "access":
		p.Mode = cli.Access
	case "trunk":
		p.Mode = cli.Trunk
	case "general":
		p.Mode = cli.OtherMode
	default:
		p.Mode, p.unknown = cli.OtherMode, true
	}
}

// settle puts the lists of the port's mode in force. Of a trunk's, and of a mode that is not known, the worst is said: what
// a trunk lets through is for those to say who know the firmware's habit.
func (p *portConfig) settle() {
	p.Allowed, p.Native = cli.AllVLANs(), p.trunkNative
	switch {
	case p.unknown:
		p.Native = 1
	case p.Mode == cli.OtherMode:
		p.Allowed, p.Native = p.general, p.generalNative
	}
}

func vlanOrNone(text string) (int, error) {
	if text == "none" {
		return 0, nil
	}
	id, err := strconv.Atoi(text)
	if err != nil || !cli.AllVLANs().Has(id) {
		return 0, fmt.Errorf("%q is no VLAN", text)
	}
	return id, nil
}
