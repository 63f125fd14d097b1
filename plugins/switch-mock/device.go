package main

import (
	"maps"
	"slices"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// device is a mock switch as its file has it. A port that is not in a configuration is closed.
type device struct {
	Hostname string          `json:"hostname"`
	Running  map[string]port `json:"running"`
	Saved    map[string]port `json:"saved"`
	// Visits counts the calls of Apply, Saves those of Save; those refused and those that crashed are in.
	Visits uint64 `json:"visits"`
	Saves  uint64 `json:"saves"`
}

// port is the configuration of one switchport.
type port struct {
	Native int   `json:"native"`
	Tagged []int `json:"tagged"`
	Up     bool  `json:"up"`
}

func newDevice(host string) *device {
	return &device{Hostname: host, Running: map[string]port{}, Saved: map[string]port{}}
}

// read is the running state of a port.
func (d *device) read(name string) netswitch.PortState {
	p := d.Running[name]
	return netswitch.PortState{Port: name, Native: p.Native, Tagged: p.Tagged, Up: p.Up}
}

// set puts a port into the running configuration.
func (d *device) set(want netswitch.PortState) {
	d.Running[want.Port] = port{Native: want.Native, Tagged: append([]int{}, want.Tagged...), Up: want.Up}
}

// save copies the running configuration to the one that survives a reboot.
func (d *device) save() { d.Saved = maps.Clone(d.Running) }

// checkState refuses what no switch would take.
func checkState(want netswitch.PortState) *sdk.Error {
	tagged := want.Tagged
	if want.Native < 0 || want.Native > 4094 || slices.ContainsFunc(tagged, outOfRange) {
		return invalid(want.Port, "a VLAN id is from 1 to 4094")
	}
	if !ascending(tagged) || slices.Contains(tagged, want.Native) {
		return invalid(want.Port, "tagged VLANs are ascending, each once, without the native one")
	}
	if want.Up && len(want.VLANs()) == 0 {
		return invalid(want.Port, "a port that carries no VLAN is closed")
	}
	return nil
}

func outOfRange(vlan int) bool { return vlan < 1 || vlan > 4094 }

func ascending(vlans []int) bool {
	for i := 1; i < len(vlans); i++ {
		if vlans[i-1] >= vlans[i] {
			return false
		}
	}
	return true
}

func invalid(port, text string) *sdk.Error {
	return &sdk.Error{Code: sdk.Invalid, Text: "port " + port + ": " + text}
}
