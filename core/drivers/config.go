package drivers

import (
	"cmp"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Config is what a Manager needs to know.
type Config struct {
	// Dir is the plugin directory. It may appear later.
	Dir string
	// RunDir is where the sockets of the drivers are, and may be shared by several servers. Its path is short, since
	// that of a socket may have 107 bytes. Empty means a folder of its own among the temporary ones.
	RunDir string
	// Sections are the settings of each driver, by its name; they come from haas.cfg.
	Sections map[string]map[string]string
	// Locate makes an error of what a driver says of a key of its section: where the key stands. It may be nil.
	Locate func(driver, key, text string) error
	// Log takes what the manager and the drivers have to say.
	Log hclog.Logger
	// Timing replaces the defaults where it is not zero.
	Timing Timing
}

// Timing is how patient a Manager is. A zero means the default.
type Timing struct {
	// Start is how long a driver may take to come up, its configuration included. Default 10 s.
	Start time.Duration
	// Ping is how often a driver is asked whether it lives, and how long it may take to answer. Default 10 s: a
	// process that died is noticed at once and without being asked; this is for one that hangs.
	Ping time.Duration
	// Wait is how long a call waits for a driver that is being relaunched. Default 5 s.
	Wait time.Duration
	// Drain is how long a replaced driver may go on with the calls it has. Default 30 s, the time a switch may take.
	Drain time.Duration
	// Backoff is the pause before a relaunch, doubled with each quick death in a row. Default 50 ms.
	Backoff time.Duration
	// Quick is the life below which a driver that served no call died quickly. Default 5 s.
	Quick time.Duration
	// Breaker is how many quick deaths in a row make a driver broken. Default 5.
	Breaker int
	// Slow is the pause before a broken driver is tried again. Default 15 s.
	Slow time.Duration
	// Rescan is how often the directory is read without having been told to. Default 30 s.
	Rescan time.Duration
	// Settle is how long the directory must be quiet before it is read, so that a file being copied is not
	// launched by half. Default 200 ms.
	Settle time.Duration
}

func (t Timing) withDefaults() Timing {
	return Timing{
		Start:   cmp.Or(t.Start, 10*time.Second),
		Ping:    cmp.Or(t.Ping, 10*time.Second),
		Wait:    cmp.Or(t.Wait, 5*time.Second),
		Drain:   cmp.Or(t.Drain, 30*time.Second),
		Backoff: cmp.Or(t.Backoff, 50*time.Millisecond),
		Quick:   cmp.Or(t.Quick, 5*time.Second),
		Breaker: cmp.Or(t.Breaker, 5),
		Slow:    cmp.Or(t.Slow, 15*time.Second),
		Rescan:  cmp.Or(t.Rescan, 30*time.Second),
		Settle:  cmp.Or(t.Settle, 200*time.Millisecond),
	}
}
