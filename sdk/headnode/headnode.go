// Package headnode is the headnode contract: virtual machines that stand on the same VLANs as the nodes of a project.
// Both ends of its wire lie beside it.
package headnode

import (
	"context"

	"github.com/CCI-MOC/haas/sdk"
)

// Driver serves every host of its types. Its methods may be called concurrently, and every one may be repeated.
type Driver interface {
	// Info says who the driver is. It touches no host.
	Info(ctx context.Context) (sdk.Info, error)
	// ValidateTarget checks a host's settings without reaching for it; the error is Invalid, with Fields.
	ValidateTarget(ctx context.Context, target sdk.Target) error
	// Open reaches for the host; ctx is for that, and the session outlives it. The session's calls may be concurrent
	// for different machines.
	Open(ctx context.Context, target sdk.Target) (Session, error)
}

// Session is a conversation with one host of virtual machines.
type Session interface {
	// Images are the base images machines can be made from, sorted by name.
	Images(ctx context.Context) ([]Image, error)
	// Create makes a machine, powered off. It is all or nothing. A machine with the same ID is left as it is.
	Create(ctx context.Context, spec Spec) error
	// Start powers the machine on; one that runs stays as it is. NotFound if there is none.
	Start(ctx context.Context, id string) error
	// Stop cuts the machine's power. Refused if it does not run, NotFound if there is none.
	Stop(ctx context.Context, id string) error
	// Delete stops the machine and removes it with all its storage. Deleting what is absent is a success.
	Delete(ctx context.Context, id string) error
	// State is what the machine does now. NotFound if there is none.
	State(ctx context.Context, id string) (State, error)
	// Close ends the session. It is called once.
	Close() error
}

// Image is a base image.
type Image struct {
	Name        string
	Description string
	// Size is how many bytes the disks of a machine that is made from it can hold, all together; 0 if that is not known.
	Size int64
	// Checksum is what the image's content is known by, with the name of the sum: "sha256:" and the sum in hexadecimal
	// digits. Empty if that is not known.
	Checksum string
}

// Spec is a machine to be made.
type Spec struct {
	// ID names the machine on its host, and is unique for ever: "headnode-<uuid>".
	ID string
	// Image is the name of the base image. An unknown one is an Invalid error.
	Image string
	// NICs are the machine's network cards, in order.
	NICs []NIC
}

// NIC is a network card of a machine.
type NIC struct {
	Label string
	// VLAN is the network it stands on, 1 to 4094; 0 leaves it unplugged.
	VLAN int
}

// State is what a machine does now.
type State struct {
	Running bool
	// VNCPort is the TCP port of the machine's screen on its host, 0 if there is none.
	VNCPort int
}
