package main

import (
	"strconv"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// unknownVLAN is the native VLAN of a port nobody has asked about: another than every wanted one.
const unknownVLAN = -1

// listWidth is what a line leaves for a list of VLANs behind a prompt with a long host name, see longestHost.
const listWidth = 12

// change are the lines, typed with the port entered, that bring it from what it is to exactly what is wanted; none if it
// is there. A closing port is shut before anything else and an opening one opened after everything else, and between
// two lines the port carries no VLAN that is neither its old nor its wanted one.
func change(from cli.Port, want netswitch.PortState, _ cli.Settings) []string {
	if from.Mode == cli.Access && want.Up && from.State().Equal(want) {
		return nil
	}
	var lines []string
	if !from.Shut && (!want.Up || from.Mode != cli.Trunk) {
		lines, from.Shut = append(lines, "shutdown"), true
	}
	if from.Mode != cli.Trunk {
		lines, from = append(lines, becomeTrunk()...), freshTrunk()
	}
	lines = append(lines, trunkLines(from, want)...)
	if from.Shut && want.Up {
		lines = append(lines, "no shutdown")
	}
	return lines
}

// becomeTrunk empties the trunk that lies idle behind another mode before it begins to count. The port is shut meanwhile.
func becomeTrunk() []string {
	return []string{allowed("none"), native(0), "switchport mode trunk"}
}

// freshTrunk is a shut port that has just become a trunk. What was set while it lay idle may not have stayed, so the
// worst is assumed, and it is emptied again.
func freshTrunk() cli.Port {
	return cli.Port{Mode: cli.Trunk, Native: unknownVLAN, Allowed: cli.AllVLANs(), Shut: true}
}

// trunkLines bring a trunk's VLANs to what is wanted: untagged frames lose their old VLAN while it is still there, so
// that the device has no reason to choose another, then goes what is not wanted, and then comes the rest. The native
// VLAN must be among the allowed, or untagged frames go nowhere.
func trunkLines(from cli.Port, want netswitch.PortState) []string {
	var lines []string
	if from.Native != want.Native && from.Native != 0 {
		lines = append(lines, native(0))
	}
	wanted := cli.VLANsOf(want.VLANs()...)
	kept, removes := removeLines(from, wanted)
	lines = append(lines, removes...)
	for _, list := range wanted.Minus(kept).Lists(listWidth) {
		lines = append(lines, allowed("add "+list))
	}
	if from.Native != want.Native && want.Native != 0 {
		lines = append(lines, native(want.Native))
	}
	return lines
}

// allowed is the line that changes what a trunk lets through. The short word leaves more room for the list.
func allowed(change string) string { return "sw trunk allowed vlan " + change }

// native is the line for the VLAN of untagged frames, 0 for none.
func native(vlan int) string {
	if vlan == 0 {
		return "switchport trunk native vlan none"
	}
	return "switchport trunk native vlan " + strconv.Itoa(vlan)
}

// removeLines take off what is not wanted, and say what is left. A shut port carries nothing that could be interrupted, so
// there one line takes off everything. So it does on a trunk that lets all VLANs through: what such a device means by
// all may be more than it says, and only "none" ends that.
func removeLines(from cli.Port, wanted cli.VLANs) (kept cli.VLANs, lines []string) {
	unwanted := from.Allowed.Minus(wanted)
	kept = from.Allowed.Minus(unwanted)
	if unwanted.Empty() {
		return kept, nil
	}
	if from.Shut || kept.Empty() || from.Allowed == cli.AllVLANs() {
		return cli.VLANs{}, []string{allowed("none")}
	}
	for _, list := range unwanted.Lists(listWidth) {
		lines = append(lines, allowed("remove "+list))
	}
	return kept, lines
}
