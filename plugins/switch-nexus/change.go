package main

import (
	"strconv"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// The lines for a port.
const (
	shutdown   = "shutdown"
	noShutdown = "no shutdown"
	modeTrunk  = "switchport mode trunk"
	nativeVLAN = "switchport trunk native vlan "
	allowed    = "switchport trunk allowed vlan "
)

// change are the lines that make a port a trunk with exactly the wanted VLANs. What is not wanted goes first and what is
// wanted comes last, with the native VLAN between them, so that the port never carries anything else; a closing port is
// shut before anything is done, and one that opens is opened when all is done.
func change(from cli.Port, want netswitch.PortState, set cli.Settings) []string {
	var lines []string
	if !from.Shut && !want.Up {
		lines = append(lines, shutdown)
	}
	if from.Mode == cli.Trunk {
		lines = append(lines, trunkLines(from, want, set)...)
	} else {
		lines = append(lines, becomeTrunk(want, set)...)
	}
	if from.Shut && want.Up {
		lines = append(lines, noShutdown)
	}
	return lines
}

// becomeTrunk prepares the trunk while it lies idle behind another mode.
func becomeTrunk(want netswitch.PortState, set cli.Settings) []string {
	lines := []string{allowed + "none", native(want, set)}
	lines = append(lines, listLines("add ", cli.VLANsOf(want.VLANs()...))...)
	return append(lines, modeTrunk)
}

func trunkLines(from cli.Port, want netswitch.PortState, set cli.Settings) []string {
	wanted := cli.VLANsOf(want.VLANs()...)
	kept, lines := removeLines(from, wanted)
	if from.Native != want.Native {
		lines = append(lines, native(want, set))
	}
	return append(lines, listLines("add ", wanted.Minus(kept))...)
}

// removeLines take away what is not wanted, and say what is left. "none" is one line where nothing wanted is interrupted by
// it, and the only way if there are VLANs that the switch does not let anybody name, as on a trunk with all VLANs.
func removeLines(from cli.Port, wanted cli.VLANs) (kept cli.VLANs, lines []string) {
	unwanted := from.Allowed.Minus(wanted)
	kept = from.Allowed.Minus(unwanted)
	switch {
	case unwanted.Empty():
		return kept, nil
	case from.Shut || kept.Empty() || unwanted.Minus(reserved()) != unwanted:
		return cli.VLANs{}, []string{allowed + "none"}
	default:
		return kept, listLines("remove ", unwanted)
	}
}

func listLines(verb string, vlans cli.VLANs) []string {
	var lines []string
	for _, list := range vlans.Lists(listWidth) {
		lines = append(lines, allowed+verb+list)
	}
	return lines
}

// native is the line for the native VLAN. A trunk always has one; the dummy does not exist, so it stands for none.
func native(want netswitch.PortState, set cli.Settings) string {
	if want.Native == 0 {
		return nativeVLAN + strconv.Itoa(set.DummyVLAN)
	}
	return nativeVLAN + strconv.Itoa(want.Native)
}
