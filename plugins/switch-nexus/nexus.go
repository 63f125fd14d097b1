package main

import (
	"regexp"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/switches/nexus"
	version = "1.0.0"
	// listWidth and interfaceWidth keep every line well below the terminal's width, behind the longest prompt.
	listWidth      = 200
	interfaceWidth = 240
)

// nexus is the family.
func nexus() cli.Family {
	return cli.Family{
		Driver: "switch-nexus", Version: version,
		Type: typeURL, Title: "Cisco Nexus 5000",
		Capabilities: []string{netswitch.NativelessTrunk},
		NeedsDummy:   true,
		Reserved:     reserved(),
		Dialect:      dialect(),
		Port:         canonicalPort,
		Read:         read,
		Change:       change,
		Words: cli.Words{
			Configure: "configure terminal", End: "end", Exit: "exit",
			CreateVLANs: func(list string) []string { return []string{"vlan " + list} }, ListWidth: listWidth, VLANMode: "config-vlan",
			Interface: enterPorts, InterfaceWidth: interfaceWidth,
			Shut: shutdown, Open: noShutdown,
			Harmless: regexp.MustCompile(`(?i)^(?:warning|note|info)\b`),
		},
		Saving: cli.Saving{
			Line:   "copy running-config startup-config",
			Done:   regexp.MustCompile(`(?i)copy complete|\b100%`),
			Failed: regexp.MustCompile(`(?i)\b(?:fail(?:ed|ure)?|errors?|unable|not saved|abort(?:ed)?)\b`),
			Busy:   regexp.MustCompile(`(?i)` + busyWords),
		},
	}
}

// reserved are the VLANs that every Nexus 5000 keeps for itself. Newer releases keep all from 3968 on; what they refuse
// beyond these is refused in their own words.
func reserved() cli.VLANs {
	v := cli.VLANsOf(4094)
	for id := 3968; id <= 4047; id++ {
		v = v.Plus(cli.VLANsOf(id))
	}
	return v
}
