package main

import (
	"regexp"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	typeURL = "http://schema.massopencloud.org/haas/v0/switches/powerconnect55xx"
	version = "1.0.0"
)

// powerconnect is the family.
func powerconnect() cli.Family {
	return cli.Family{
		Driver: "switch-powerconnect", Version: version,
		Type: typeURL, Title: "Dell PowerConnect 55xx",
		Capabilities: []string{netswitch.NativelessTrunk},
		Dialect:      dialect(),
		Port:         canonicalPort,
		Read:         read,
		Change:       change,
		Words:        words(),
		Saving:       saving(),
	}
}

// words are how a 55xx is configured. Whoever configures may lock the others out ("Configuration Database locked by
// another application"), so the configuration mode is left after each change.
func words() cli.Words {
	return cli.Words{
		Configure: "configure", End: "end", Exit: "exit", Do: "do ", Leave: true,
		CreateVLANs: func(list string) []string { return []string{"vlan database", "vlan " + list, "exit"} },
		ListWidth:   listWidth,
		Interface:   interfaceLine, InterfaceWidth: interfaceWidth,
		Shut: "shutdown", Open: "no shutdown",
		Harmless: regexp.MustCompile(`(?i)^VLAN .*already exists|^(?:warning|note|info)\b`),
	}
}

// saving is answered with one key: a line end after it would be an empty line of its own. The question is that of a
// 5524 ("Overwrite file [startup-config] ?[Yes/press any key for no]....") or that of newer firmware ("Overwrite file
// [startup-config].... (Y/N)[N] ?").
func saving() cli.Saving {
	return cli.Saving{
		Line:     "copy running-config startup-config",
		Question: regexp.MustCompile(`Overwrite file \[startup-config\][^\n]*(?:key for no\]\.*|\(Y/N\)(?:\[N\])? ?\?) *$`),
		Key:      "y",
		Done:     regexp.MustCompile(`(?im)^\s*(?:Copy succeeded|The copy operation was completed successfully)`),
		Busy:     regexp.MustCompile(`(?i)locked by another application|in progress|try (?:again )?later`),
	}
}
