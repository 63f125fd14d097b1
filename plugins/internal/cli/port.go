package cli

import (
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// Mode is what a switchport does with VLANs.
type Mode int

// The modes.
const (
	// Access carries one VLAN without tags.
	Access Mode = iota
	// Trunk carries tagged VLANs, and at most one without.
	Trunk
	// OtherMode is one the server never makes: it is configured anew as a trunk.
	OtherMode
)

// Port is the VLAN configuration of a switchport, as the running configuration has it. What is idle in its mode (the
// allowed VLANs of an access port) is told too, for it takes effect when the mode changes.
type Port struct {
	// Name is the device's name of the port.
	Name string
	Mode Mode
	// Access is the VLAN of an access port, 0 if none.
	Access int
	// Native is the VLAN of a trunk's untagged frames, 0 if they go nowhere, whether Allowed has it or not.
	Native int
	// Allowed are the VLANs a trunk lets through.
	Allowed VLANs
	// Shut says that the port is administratively down.
	Shut bool
	// Foreign is why the port must not be configured ("is a member of port-channel 24"), empty if it may be.
	Foreign string
}

// State is what the port carries, for the server. Untagged frames of a VLAN that the trunk does not let through go
// nowhere.
func (p Port) State() netswitch.PortState {
	s := netswitch.PortState{Port: p.Name, Up: !p.Shut}
	if p.Mode == Access {
		s.Native = p.Access
		return s
	}
	tagged := p.Allowed
	if p.Native != 0 && p.Allowed.Has(p.Native) {
		s.Native = p.Native
		tagged = tagged.Minus(VLANsOf(p.Native))
	}
	s.Tagged = tagged.IDs()
	return s
}
