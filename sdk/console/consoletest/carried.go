package consoletest

import (
	"net"
	"slices"
)

// Carried is what a switchport lets through.
type Carried struct {
	// Native is the VLAN of untagged frames, 0 if they go nowhere.
	Native int
	// Tagged are the VLANs carried with a tag, ascending, without Native.
	Tagged []int
}

// Nothing reports whether no frame gets through.
func (c Carried) Nothing() bool { return c.Native == 0 && len(c.Tagged) == 0 }

// Equal reports whether both let the same through.
func (c Carried) Equal(d Carried) bool {
	return c.Native == d.Native && slices.Equal(c.Tagged, d.Tagged)
}

// Switch is what tests ask of a simulated switch of any family. Its methods may be called at any time, also from a hook.
type Switch interface {
	// Serve answers connections over a transport ("telnet" or "ssh") until Close or until the listener is closed.
	Serve(l net.Listener, transport string) error
	// Start serves on a free port of the loopback until the test ends, and returns the address.
	Start(t TB, transport string) string
	// Close drops all sessions and waits for the end of everything.
	Close() error

	// Ports are the switch's ports as it names them, in its order.
	Ports() []string
	// Carried is what a port lets through this instant.
	Carried(port string) Carried
	// Configured is what the port's settings alone let through, whether the VLANs exist or not: what it would carry as
	// soon as somebody created them. A port that is shut carries nothing here either.
	Configured(port string) Carried
	// RunningConfig is what "show running-config" prints.
	RunningConfig() string
	// Saved reports whether a reboot would change nothing.
	Saved() bool

	// Type is another administrator at the serial console: each line is carried out in turn, from exec mode. The error
	// is the first refusal.
	Type(lines ...string) error
	// OnCommand adds a hook that is called after each command of any session took effect and before its answer is sent.
	// A hook that types meets its own lines there, from session 0.
	OnCommand(hook func(Typed))
	// Reboot drops all sessions and loads the startup configuration. Hooks meet it as the line "reload" of session 0.
	Reboot()
	// SetHostname changes the prompts from the next one on.
	SetHostname(name string)
	// Inject breaks something.
	Inject(f Fault) *Injection
	// Heal mends all that Inject broke.
	Heal()

	// Sessions is how many sessions there are, MostSessions how many there ever were at once, Logins how many there were
	// in all, Commands how many lines were entered in all of them.
	Sessions() int
	MostSessions() int
	Logins() int
	Commands() int
	// History are the last lines entered, oldest first, at most 10000.
	History() []Typed
}

// TB is what Start needs of a test.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Typed is a line that was entered.
type Typed struct {
	// Session counts from 1; 0 is the serial console.
	Session int
	// Mode is the one in which it was entered.
	Mode string
	// Line is what the device understood it to be, with words in full ("switchport mode trunk"); Raw is what was typed.
	Line, Raw string
	// Refused are the device's words if it did not do it.
	Refused string
}
