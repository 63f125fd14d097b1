package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// The modes of a port. One without a mode is an access port if it has a tag, else a trunk.
const (
	trunk          = "trunk"
	access         = "access"
	nativeTagged   = "native-tagged"
	nativeUntagged = "native-untagged"
	tunnel         = "dot1q-tunnel"
)

// nowhere is the VLAN that closed ports are on. No network can have it, and protected keeps frames that arrive with its
// tag from one closed port to the next.
const nowhere = 4095

// vlanColumns are the columns of the table Port that decide about VLANs. They are always written together, so that
// nothing idle comes to life with a change of the mode.
type vlanColumns struct {
	Mode      ovsdb.Set[string] `json:"vlan_mode"`
	Tag       ovsdb.Set[int]    `json:"tag"`
	Trunks    ovsdb.Set[int]    `json:"trunks"`
	Customer  ovsdb.Set[int]    `json:"cvlans"`
	Protected bool              `json:"protected"`
}

// columnsOf are the columns of a wanted state. An empty set of trunks would be a trunk of all VLANs.
func columnsOf(want netswitch.PortState) vlanColumns {
	switch {
	case !want.Up:
		return vlanColumns{Mode: ovsdb.Set[string]{trunk}, Trunks: ovsdb.Set[int]{nowhere}, Protected: true}
	case len(want.Tagged) == 0:
		return vlanColumns{Mode: ovsdb.Set[string]{access}, Tag: ovsdb.Set[int]{want.Native}}
	case want.Native == 0:
		return vlanColumns{Mode: ovsdb.Set[string]{trunk}, Trunks: want.Tagged}
	default:
		return vlanColumns{Mode: ovsdb.Set[string]{nativeUntagged}, Tag: ovsdb.Set[int]{want.Native}, Trunks: want.Tagged}
	}
}

func (c vlanColumns) equal(d vlanColumns) bool {
	return slices.Equal(c.Mode, d.Mode) && slices.Equal(c.Tag, d.Tag) && slices.Equal(c.Trunks, d.Trunks) &&
		slices.Equal(c.Customer, d.Customer) && c.Protected == d.Protected
}

// words are the columns for ovs-vsctl.
func (c vlanColumns) words() string {
	return fmt.Sprintf("vlan_mode=%s tag=%s trunks=%s cvlans=%s protected=%t",
		wordsOf(c.Mode), wordsOf(c.Tag), wordsOf(c.Trunks), wordsOf(c.Customer), c.Protected)
}

func wordsOf[T any](set ovsdb.Set[T]) string {
	if len(set) == 0 {
		return "[]"
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(set), "[]"), " ", ",")
}

// mode is the mode in force.
func (c vlanColumns) mode() string {
	switch {
	case len(c.Mode) > 0:
		return c.Mode[0]
	case len(c.Tag) > 0:
		return access
	default:
		return trunk
	}
}

// state is what Open vSwitch carries with these columns. What the server never wants is told so that it equals nothing
// the server wants: VLAN 0 (untagged frames among themselves) and 4095 as tagged, and a native VLAN that is sent with
// its tag as native and tagged.
func (c vlanColumns) state(name string) netswitch.PortState {
	s := netswitch.PortState{Port: name, Up: true}
	native := 0
	if len(c.Tag) > 0 {
		native = c.Tag[0]
	}
	switch mode := c.mode(); {
	case mode == trunk && c.Protected && slices.Equal(c.Trunks, []int{nowhere}):
		return netswitch.Closed(name)
	case mode == trunk, native == 0 && (mode == nativeTagged || mode == nativeUntagged):
		s.Tagged = c.trunked()
	case mode == access && native != 0:
		s.Native = native
	case mode == access:
		s.Tagged = []int{0}
	case mode == nativeUntagged:
		s.Native, s.Tagged = native, without(c.trunked(), 0, native)
	case mode == nativeTagged:
		s.Native, s.Tagged = native, with(without(c.trunked(), 0), native)
	default: // a tunnel puts every frame into its one VLAN, with whatever tag it has
		s.Native, s.Tagged = native, []int{native}
	}
	return s
}

// trunked are the VLANs a trunk carries: all of them if none is named.
func (c vlanColumns) trunked() []int {
	if len(c.Trunks) > 0 {
		return c.Trunks
	}
	all := make([]int, nowhere+1)
	for i := range all {
		all[i] = i
	}
	return all
}

func without(vlans []int, some ...int) []int {
	return slices.DeleteFunc(slices.Clone(vlans), func(v int) bool { return slices.Contains(some, v) })
}

func with(vlans []int, one int) []int {
	vlans = append(vlans, one)
	slices.Sort(vlans)
	return slices.Compact(vlans)
}
