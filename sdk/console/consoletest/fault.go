package consoletest

import (
	"regexp"
	"slices"
	"sync"
	"time"
)

// Kind is a way in which devices break.
type Kind int

// The faults of connections; Nth counts connections.
const (
	// RefuseConnection resets it as soon as it is there.
	RefuseConnection Kind = iota + 1
	// SilentConnection never says anything.
	SilentConnection
	// ChangeBanner says Text instead of the login's banner.
	ChangeBanner
	// RejectLogin takes no password.
	RejectLogin
	// RefuseSession says that there is no session left (Text, if given) and closes.
	RefuseSession
	// HangSession negotiates options and then says nothing, as a device without a session left may.
	HangSession
)

// The faults of commands; Nth counts those that match On.
const (
	// DropBefore closes the connection when the line is entered; it has no effect.
	DropBefore Kind = iota + 100
	// DropDuring closes the connection in the middle of what a command waits for, as a save does. It has its effect all
	// the same if Finish is set.
	DropDuring
	// DropAfter closes the connection after the effect, before the answer.
	DropAfter
	// LoseCommand echoes the line and answers with the prompt, and nothing else happens.
	LoseCommand
	// LoseCharacter drops a typed character before the echo: the one with which the line typed so far matches On, or
	// without On the Nth.
	LoseCharacter
	// TruncateReply cuts the answer in the middle, and no prompt comes ever.
	TruncateReply
	// TruncateOutput cuts the output in the middle; the prompt comes.
	TruncateOutput
	// SlowReply waits for Delay more before the answer.
	SlowReply
	// GarbleReply overwrites every third character of the output.
	GarbleReply
	// LogInside puts log lines (Text, or the family's) in the middle of the output, LogBehind behind the prompt.
	LogInside
	LogBehind
	// ForcePager pages although paging is off.
	ForcePager
	// IgnoreConfig says nothing against a configuring command, and does nothing.
	IgnoreConfig
	// Rename changes the host name to Text when the command has been carried out.
	Rename
)

// Fault is something to break.
type Fault struct {
	Kind Kind
	// On is which commands it befalls: as they were typed, or as the device understood them. Nil is any.
	On *regexp.Regexp
	// Nth is which of them, counted from now; 0 and 1 are the next.
	Nth int
	// Always befalls that one and all that follow.
	Always bool
	// Text, Delay and Finish are what the kind says.
	Text   string
	Delay  time.Duration
	Finish bool
}

// Injection is a fault at work.
type Injection struct {
	fault  Fault
	faults *faults
	// The others are guarded by faults.mu.
	met, hits int
}

// Hits is how often it has befallen somebody.
func (i *Injection) Hits() int {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	return i.hits
}

// Remove mends it.
func (i *Injection) Remove() {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	i.faults.active = slices.DeleteFunc(i.faults.active, func(j *Injection) bool { return i == j })
}

// faults are those of a device.
type faults struct {
	mu     sync.Mutex
	active []*Injection
}

func (f *faults) inject(fault Fault) *Injection {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := &Injection{fault: fault, faults: f}
	f.active = append(f.active, i)
	return i
}

func (f *faults) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = nil
}

// strike tells which fault of a kind befalls what is described by any of texts; the youngest, if several do.
func (f *faults) strike(kind Kind, texts ...string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var struck *Injection
	for _, i := range f.active {
		if i.fault.Kind == kind && i.meets(texts) {
			struck = i
		}
	}
	if struck == nil {
		return Fault{}, false
	}
	return struck.fault, true
}

// meets counts a match, and reports whether it is one that is struck.
func (i *Injection) meets(texts []string) bool {
	if i.fault.On != nil && !slices.ContainsFunc(texts, i.fault.On.MatchString) {
		return false
	}
	i.met++
	due := max(i.fault.Nth, 1)
	if i.met < due || i.met > due && !i.fault.Always {
		return false
	}
	i.hits++
	return true
}
