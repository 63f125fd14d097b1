package main

import (
	"slices"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// change brings one port to what is wanted, in one step: a port is never between two states.
type change struct {
	port port
	to   vlanColumns
}

// change is what a port needs to be as wanted, nil if it needs nothing.
func (b *bridge) change(want netswitch.PortState) (*change, *sdk.Error) {
	if err := checkState(want); err != nil {
		return nil, err
	}
	p, err := b.switchport(want.Port)
	if err != nil {
		return nil, err
	}
	to := columnsOf(want)
	if p.equal(to) {
		return nil, nil
	}
	return &change{port: p, to: to}, nil
}

// operation finds the row by its UUID: another port of the same name may have taken its place.
func (c *change) operation() ovsdb.Operation {
	return ovsdb.Update("Port", c.to, ovsdb.Is("_uuid", c.port.UUID))
}

func (c *change) words() string { return "ovs-vsctl set Port " + c.port.Name + " " + c.to.words() }

// checkState refuses what no port of Open vSwitch can be.
func checkState(want netswitch.PortState) *sdk.Error {
	vlans := want.VLANs()
	switch {
	case want.Native != 0 && outOfRange(want.Native), slices.ContainsFunc(want.Tagged, outOfRange):
		return wrong(sdk.Invalid, want.Port, "a VLAN id is from 1 to 4094")
	case !ascending(vlans):
		return wrong(sdk.Invalid, want.Port, "tagged VLANs are ascending, each once, without the native one")
	case want.Up && len(vlans) == 0:
		return wrong(sdk.Invalid, want.Port, "a port that carries no VLAN is closed")
	case !want.Up && len(vlans) > 0:
		return wrong(sdk.Unsupported, want.Port, "Open vSwitch cannot shut down a port that keeps its VLANs; close it")
	default:
		return nil
	}
}

func outOfRange(vlan int) bool { return vlan < 1 || vlan > 4094 }

func ascending(vlans []int) bool {
	return slices.IsSorted(vlans) && len(slices.Compact(slices.Clone(vlans))) == len(vlans)
}

func wrong(code sdk.Code, port, text string) *sdk.Error {
	return &sdk.Error{Code: code, Text: "port " + port + ": " + text}
}
