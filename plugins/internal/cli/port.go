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
	// Doubtful says that the port may carry more than its VLANs tell, or less.
	Doubtful bool
	// Shut says that the port is administratively down.
	Shut bool
	// Exist are VLANs that the switch was seen to have, so that nobody creates them again; it may have others.
	Exist VLANs
	// Foreign is why the port must not be configured ("is a member of port-channel 24"), empty if it may be.
	Foreign string
}

// State is what the port carries, for the server. Untagged frames of a VLAN that the trunk does not let through go
// nowhere. A port that is up, and doubtful, foreign or in a mode the server never makes, may carry more than its VLANs
// tell.
func (p Port) State() netswitch.PortState {
	s := p.vlans()
	if !p.Shut && (p.Foreign != "" || p.Mode == OtherMode || p.Doubtful) {
		s.Tagged = append([]int{netswitch.Unknown}, s.Tagged...)
	}
	return s
}

func (p Port) vlans() netswitch.PortState {
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

// hides reports whether the port, before it opens, has VLANs in store that are not wanted. Were the line lost that takes
// them away, opening the port would let them through.
func (p Port) hides(want netswitch.PortState) bool {
	stored := p.Allowed.Plus(VLANsOf(p.Native))
	return p.Mode != Trunk || p.Shut && !stored.Minus(VLANsOf(want.VLANs()...)).Empty()
}

// closed is the port as it is when it has been closed.
func (p Port) closed() Port {
	return Port{Name: p.Name, Mode: Trunk, Access: p.Access, Shut: true, Exist: p.Exist}
}

// isClosed reports whether nothing is in store that could be let through.
func (p Port) isClosed() bool { return p.Mode == Trunk && p.Shut && p.Native == 0 && p.Allowed.Empty() }
