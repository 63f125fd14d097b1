package main

import (
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// plan is what a command-line switch would be sent to bring the ports from what they are to what is wanted.
func plan(dev *device, want []netswitch.PortState) []string {
	lines := []string{}
	for _, w := range want {
		if !dev.read(w.Port).Equal(w) {
			lines = append(lines, portLines(w)...)
		}
	}
	return lines
}

// portLines closes the port first, so that no VLAN but the old and the wanted ones is ever carried.
func portLines(w netswitch.PortState) []string {
	lines := []string{"interface " + w.Port, "shutdown"}
	if w.Native != 0 {
		lines = append(lines, fmt.Sprintf("switchport native vlan %d", w.Native))
	} else {
		lines = append(lines, "no switchport native vlan")
	}
	if len(w.Tagged) > 0 {
		lines = append(lines, "switchport tagged vlan "+strings.Trim(strings.ReplaceAll(fmt.Sprint(w.Tagged), " ", ","), "[]"))
	} else {
		lines = append(lines, "no switchport tagged vlan")
	}
	if w.Up {
		lines = append(lines, "no shutdown")
	}
	return lines
}
