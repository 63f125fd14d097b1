package cli

import (
	"context"
	"regexp"

	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// Family is a kind of switches with a command line: who they are, and what only they say.
type Family struct {
	// Driver and Version are the driver's own: "switch-nexus", "1.0.0".
	Driver, Version string
	// Type and Title name the family: its type URL, and words for people.
	Type, Title string
	// Capabilities are those of netswitch.
	Capabilities []string
	// NeedsDummy says that a trunk of the family always has a native VLAN, so that the setting dummy_vlan is needed: one
	// that does not exist on the switch stands for none.
	NeedsDummy bool
	// Reserved are the VLANs that the device keeps for itself; no port is put on them.
	Reserved VLANs
	// Dialect is how the family talks.
	Dialect console.Dialect
	// Port is the device's own name for a spelling of a port; the error is Invalid.
	Port func(spelling string) (string, error)
	// Read asks the running configuration, with one command if that can be, about some ports or, given none, about all,
	// and gives them in the device's order. Those that the device does not have are left out. Anything but a whole answer
	// of a known form is an error: silence is no closed port.
	Read func(ctx context.Context, run Run, ports []string, set Settings) ([]Port, error)
	// Change are the lines, typed with the port entered, that bring it from what it is to exactly what is wanted; none if
	// it is there. Between two of them the port carries no VLAN that is neither its old nor its wanted one, each may be
	// entered again, and the first may be entered again after any other. It must not depend on the port's name: ports with
	// equal lines are configured together.
	Change func(from Port, want netswitch.PortState, set Settings) []string
	// Words are the lines around them.
	Words Words
	// Saving is how the running configuration is saved.
	Saving Saving
}

// Run enters one line where shows are understood, and gives what the device printed.
type Run func(ctx context.Context, line string) (string, error)

// Words are a family's lines for getting to its ports.
type Words struct {
	// Configure enters the configuration mode from exec mode, End leaves it from anywhere, Exit leaves one level.
	Configure, End, Exit string
	// Do goes before an exec line in a configuration mode: "do ", or nothing if the device needs nothing.
	Do string
	// Leave says that the configuration mode must be left after each change, because others wait for it.
	Leave bool
	// CreateVLANs are the lines that make the VLANs of a list exist, from any configuration mode. A list has at most
	// ListWidth characters.
	CreateVLANs func(list string) []string
	ListWidth   int
	// VLANMode is the prompt's mode behind CreateVLANs, if that tells that the VLANs exist; empty if it does not.
	VLANMode string
	// Interface is the line that configures all of ports at once from then on. The prompt's mode then begins with
	// "config-if". Ports are put together as long as it has at most InterfaceWidth characters.
	Interface      func(ports []string) string
	InterfaceWidth int
	// Shut is the line that closes a port at once, and Open the one that opens it; Change has it last.
	Shut, Open string
	// Harmless matches whole lines that the device may print after a line that it did; any other words are a refusal. It
	// may be nil.
	Harmless *regexp.Regexp
}

// Saving is how a family saves its running configuration.
type Saving struct {
	// Line saves; if Question appears, Key is pressed. Question may be nil.
	Line     string
	Question *regexp.Regexp
	Key      string
	// Done matches the words of success, and Failed those of a failure in spite of them; it may be nil. Any other answer is
	// a failure too, which is worth repeating if Busy matches it.
	Done, Failed, Busy *regexp.Regexp
}
