package consoletest

import (
	"time"

	"github.com/hashicorp/go-hclog"
)

// Options are what is told to a simulated device of any family. The zero value is a quick device with the family's
// factory settings, and the login admin, admin.
type Options struct {
	// Hostname is the family's own if empty.
	Hostname string
	// Username and Password log in; both are "admin" if empty. Enable is the password for privilege; if it is empty, the
	// user has privilege from the start.
	Username, Password, Enable string
	// Ports is how many ports the device has, of the plain kind; 0 is the family's own number.
	Ports int
	// Sessions is how many sessions there may be at once; 0 is the family's own number.
	Sessions int
	// Full is what happens to one more.
	Full Fullness
	// Latency is how long a command takes, Login how long the device thinks about a password, Save how long it writes its
	// startup configuration.
	Latency, Login, Save time.Duration
	// SaveOutlives lets a save end well although its session went away; it is not known what devices do.
	SaveOutlives bool
	// Idle is how long a session may be silent; 0 is for ever.
	Idle time.Duration
	// LineLimit is how many characters of a line are taken, the others only ring the bell; 0 is any number.
	LineLimit int
	// Log says who came and what they typed, at debug level; never a password.
	Log hclog.Logger
}

// Fullness is what a device without a free session does with a newcomer.
type Fullness int

// The ways to turn a newcomer away.
const (
	// FullWords tells why, and closes.
	FullWords Fullness = iota
	// FullCloses closes at once.
	FullCloses
	// FullHangs says nothing for ever.
	FullHangs
)

// completed fills in what everybody leaves out.
func (o Options) completed(f *Family) Options {
	o.Hostname = either(o.Hostname, f.Hostname)
	o.Username = either(o.Username, "admin")
	o.Password = either(o.Password, "admin")
	o.Sessions = either(o.Sessions, f.Sessions)
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	return o
}

// either is the first that says something.
func either[T comparable](said, otherwise T) T {
	var nothing T
	if said == nothing {
		return otherwise
	}
	return said
}
