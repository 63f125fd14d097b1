// Package obm is the out-of-band management contract: power, boot device, console of a node, whatever runs on it, and what
// else some controllers can do. Both ends of its wire lie beside it.
package obm

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/sdk"
)

// Driver serves every controller (BMC) of its types. Its methods may be called concurrently, and every one may be repeated.
type Driver interface {
	// Info says who the driver is. It touches no device.
	Info(ctx context.Context) (sdk.Info, error)
	// ValidateTarget checks a controller's settings without reaching for it; the error is Invalid, with Fields.
	ValidateTarget(ctx context.Context, target sdk.Target) error
	// Open reaches for the controller and logs in; ctx is for that, and the session outlives it. The session's calls
	// come one at a time, consoles excepted.
	Open(ctx context.Context, target sdk.Target) (Session, error)
}

// Session is a logged-in conversation with one controller.
//
// A session whose method failed with Unavailable, Timeout or Internal is closed and not used again.
type Session interface {
	// PowerOn turns the node on; a node that is on stays as it is.
	PowerOn(ctx context.Context) error
	// PowerOff turns the node off at once; a node that is off stays as it is.
	PowerOff(ctx context.Context) error
	// PowerCycle makes the node boot from the network: next boot device PXE, then off and on, and a node that is
	// off is turned on. Forced, the processor is reset; else the power is cut and restored.
	PowerCycle(ctx context.Context, force bool) error
	// PowerStatus is the state of the node's power. PowerUnknown is an honest answer.
	PowerStatus(ctx context.Context) (Power, error)
	// SetBootDevice chooses what the node boots from, until it is changed again. BootNone clears the choice.
	SetBootDevice(ctx context.Context, dev BootDevice) error
	// Close ends the session. It is called once, after its consoles are closed.
	Close() error
}

// Consoler is the optional ability of a Session to reach the node's serial console.
type Consoler interface {
	// Console opens the serial line: bytes in both directions until it is closed or ctx ends. Busy means that
	// somebody else holds it; an opened console is never taken from its holder.
	Console(ctx context.Context) (io.ReadWriteCloser, error)
}

// Power is the state of a node's power.
type Power int

// The states of power.
const (
	PowerUnknown Power = iota
	PowerOff
	PowerOn
)

// String is "on", "off" or "unknown".
func (p Power) String() string {
	switch p {
	case PowerOn:
		return "on"
	case PowerOff:
		return "off"
	default:
		return "unknown"
	}
}

// BootDevice is what a node boots from.
type BootDevice string

// The boot devices.
const (
	BootNone BootDevice = "none"
	BootDisk BootDevice = "disk"
	BootPXE  BootDevice = "pxe"
)
