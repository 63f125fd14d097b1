// Package netswitch is the switch contract: how the server asks a driver to put switchports on VLANs, and to say
// what they really carry. Both ends of its wire lie beside it. It is not for a device's language: that is the driver's.
//
// ("switch" is a Go keyword; everything a person sees says switch.)
package netswitch

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
)

// NativelessTrunk is the capability of a switch whose trunk port can carry tagged VLANs without a native one.
// Without it the server allows a tagged network only after a native one.
const NativelessTrunk = "nativeless-trunk-mode"

// Unknown stands among the tagged VLANs of a state that is read, for whatever else a port carries that VLANs do not tell: a
// port-channel's frames, copies of what others send. Such a state equals none that is wanted.
const Unknown = 0

// Driver serves every switch of its types. Its methods may be called concurrently, and every one may be repeated.
type Driver interface {
	// Info says who the driver is. It touches no device.
	Info(ctx context.Context) (sdk.Info, error)
	// ValidateTarget checks a switch's settings without reaching for it; the error is Invalid, with Fields.
	ValidateTarget(ctx context.Context, target sdk.Target) error
	// ValidatePort checks the spelling of a port and returns the device's own name for it, so that two spellings
	// of one port ("gi1/0/1", "GigabitEthernet 1/0/1") come out equal. It does not reach for the device; the
	// error is Invalid.
	ValidatePort(ctx context.Context, target sdk.Target, port string) (string, error)
	// Open reaches for the switch and logs in; ctx is for that, and the session outlives it. The session's calls come
	// one at a time.
	Open(ctx context.Context, target sdk.Target) (Session, error)
}

// Session is a logged-in conversation with one switch. Ports are named as ValidatePort returned them.
//
// A session whose method failed with Unavailable, Timeout or Internal is closed and not used again.
type Session interface {
	// Read says what the running configuration says now of each of ports, in the same order; never a memory of
	// what was sent. A port the device does not have is a NotFound error.
	Read(ctx context.Context, ports []string) ([]PortState, error)
	// Plan is the exact lines or calls Apply would send now for want, in order. Nothing is changed.
	Plan(ctx context.Context, want []PortState) ([]string, error)
	// Apply brings each port to exactly the wanted full state, in one visit, and returns one result per port in
	// the same order. One port's failure is in its result and does not stop the others; an error means that
	// nothing is known of any port. No port may carry, not even between two lines, a VLAN that is neither in
	// its old nor in its wanted state. Applying what is there already changes nothing.
	Apply(ctx context.Context, want []PortState) ([]PortResult, error)
	// Save makes the running configuration survive a reboot.
	Save(ctx context.Context) error
	// Close ends the session. It is called once.
	Close() error
}

// PortLister is a Session that can say which ports its switch has.
type PortLister interface {
	// ListPorts gives the device's names of its ports, in the device's order. It changes nothing.
	ListPorts(ctx context.Context) ([]string, error)
}

// Releaser is a Driver whose sessions stay open after Close, as those of a driver in another process do.
type Releaser interface {
	// Release closes the driver's sessions with the switch once they are unused; the next Open logs in anew. Releasing
	// a switch without sessions is a success.
	Release(ctx context.Context, target sdk.Target) error
}

// PortState is the whole VLAN state of one switchport. A port that carries no VLAN is closed: Up is false.
type PortState struct {
	// Port is the device's name of the port.
	Port string
	// Native is the VLAN of untagged frames, 1 to 4094; 0 if untagged frames go nowhere.
	Native int
	// Tagged are the VLANs carried with a tag, ascending, without Native; a state that is read may have Unknown in front.
	Tagged []int
	// Up says that the port is administratively up.
	Up bool
}

// PortResult is what became of one port of an Apply.
type PortResult struct {
	Port string
	// Err is nil if the device accepted all that was sent for the port.
	Err *sdk.Error
}

// Closed is the state of a port that carries nothing.
func Closed(port string) PortState { return PortState{Port: port} }

// VLANs are all VLANs of the state, ascending.
func (p PortState) VLANs() []int {
	all := make([]int, 0, len(p.Tagged)+1)
	placed := p.Native == 0
	for _, v := range p.Tagged {
		if !placed && p.Native < v {
			all, placed = append(all, p.Native), true
		}
		all = append(all, v)
	}
	if !placed {
		all = append(all, p.Native)
	}
	return all
}

// Equal reports whether two states are the same in everything that counts. A port that carries nothing and one
// that is shut down with leftovers are not equal: the leftovers would come back with the next "no shutdown".
func (p PortState) Equal(q PortState) bool {
	if p.Native != q.Native || p.Up != q.Up || len(p.Tagged) != len(q.Tagged) {
		return false
	}
	for i := range p.Tagged {
		if p.Tagged[i] != q.Tagged[i] {
			return false
		}
	}
	return true
}
