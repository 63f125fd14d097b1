package headnode

import (
	"context"
	"io"
)

// The optional abilities of a Session are found by type assertion. A session in another process has the methods of all
// of them, and answers Unsupported where the driver's own session has not; so does a driver whose hosts differ.

// Consoler is a Session that can reach a machine's serial console.
type Consoler interface {
	// Console opens the serial line: bytes in both directions until it is closed, ctx ends or the machine stops. Refused if
	// the machine does not run, NotFound if there is none. Busy means that somebody else holds it; an opened console is
	// never taken from its holder.
	Console(ctx context.Context, id string) (io.ReadWriteCloser, error)
}

// ConsoleTaker is a Consoler that can take the console from its holder.
type ConsoleTaker interface {
	// TakeConsole is Console, but whoever holds the line loses it: it is for those who were told that the line is busy,
	// and want it nevertheless.
	TakeConsole(ctx context.Context, id string) (io.ReadWriteCloser, error)
}

// Screener is a Session that can reach a machine's screen, so that nobody else needs to.
type Screener interface {
	// Screen opens the screen: the bytes of the remote framebuffer protocol (RFC 6143), beginning with the machine's
	// version, until it is closed, ctx ends or the machine stops. It asks for no password: whoever is given the stream may
	// see the screen. Several may be open. Refused if the machine does not run, NotFound if there is none.
	Screen(ctx context.Context, id string) (io.ReadWriteCloser, error)
}

// Seeder is a Session that can give a machine something to find at its first boot. It is an ability, and not a part of Spec,
// so that no driver makes a machine and leaves the seed out.
type Seeder interface {
	// CreateSeeded is Create of a machine that finds a seed, as cloud-init's data source NoCloud describes it. Nobody but the
	// machine and its host's administrators can read the seed; it is gone with the machine. A machine with the same ID is
	// left as it is, its seed too.
	CreateSeeded(ctx context.Context, spec Spec, seed Seed) error
}

// Plugger is a Session that can plug a machine's network cards in elsewhere.
type Plugger interface {
	// Plug puts a card on a VLAN, 0 unplugs it, whether the machine runs or not, and for all its starts to come. A card
	// that stands there already stays as it is. NotFound if there is no such machine, or it has no such card.
	Plug(ctx context.Context, id string, nic NIC) error
}

// Roomer is a Session that can tell how much room its host has, so that one of several hosts can be chosen.
type Roomer interface {
	// Room tells what memory the host has for machines, and what a machine that is made from the image would need. An
	// unknown image is an Invalid error, one that no machine can be made from now a Refused one; an empty name asks of the
	// host alone.
	Room(ctx context.Context, image string) (Room, error)
}

// Room is memory in MiB.
type Room struct {
	// Total is what the machines that HaaS makes may have, all together.
	Total int64
	// Used is what those have that are there, whether they run or not.
	Used int64
	// Needed is what a machine that is made from the image has; 0 if that is not known, or no image was given.
	Needed int64
}
