package consoletest

import (
	"crypto/ed25519"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
)

// remembered is how many lines a device's history has.
const remembered = 10000

// Device is a simulated device: a family's command line on connections. It is meant to be embedded in the type that has
// the state.
type Device struct {
	family  Family
	options Options
	modes   map[string]Mode
	grammar map[string]*node
	faults  faults

	// turn is held from a command's effect to the end of its hooks; depth is how many hooks are running.
	turn  sync.Mutex
	depth atomic.Int32

	// mu guards what follows, and the state of the type around the device.
	mu       sync.Mutex
	hostname string
	hostKey  ssh.Signer
	hooks    []func(Typed)
	history  []Typed
	sessions map[*Session]struct{}
	conns    map[net.Conn]struct{}
	listens  map[net.Listener]struct{}
	closed   bool
	// visits numbers the sessions; most, logins and commands count.
	visits, most, logins, commands int

	// done is closed by Close; running are all goroutines.
	done    chan struct{}
	running sync.WaitGroup
}

// NewDevice makes a device of a family. The family's Boot is not called: the state around the device begins as its maker
// made it.
func NewDevice(o Options, f Family) *Device {
	f.Words = f.Words.completed()
	f.EmptyLead = either(f.EmptyLead, f.Lead)
	d := &Device{
		family: f, options: o.completed(&f),
		modes: map[string]Mode{}, grammar: map[string]*node{},
		sessions: map[*Session]struct{}{}, conns: map[net.Conn]struct{}{}, listens: map[net.Listener]struct{}{},
		done: make(chan struct{}),
	}
	d.hostname = d.options.Hostname
	d.NewHostKey()
	kinds := withKinds(f.Arguments)
	for _, m := range f.Modes {
		d.modes[m.Name] = m
		d.grammar[m.Name] = d.compile(m, kinds)
	}
	return d
}

// compile makes the grammar of a mode: what exec mode lends it, then its own, which counts.
func (d *Device) compile(m Mode, kinds map[string]Argument) *node {
	root := &node{}
	lent := d.modes[""].Commands
	if !m.Exec {
		lent = nil
	}
	for _, commands := range [][]Command{lent, m.Commands} {
		for i := range commands {
			root.add(strings.Fields(commands[i].Line), &commands[i], kinds)
		}
	}
	return root
}

// View calls look with the device locked, for the type around it to look at its own state.
func (d *Device) View(look func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	look()
}

// Options are those the device was made with, completed by the family's.
func (d *Device) Options() Options { return d.options }

// Hostname is the name in the prompt. It is for commands, which run with the device locked.
func (d *Device) Hostname() string { return d.hostname }

// Rename changes the host name. It is for commands, which run with the device locked.
func (d *Device) Rename(name string) { d.hostname = name }

// SetHostname changes the prompts from the next one on.
func (d *Device) SetHostname(name string) { d.View(func() { d.hostname = name }) }

// OnCommand adds a hook that is called after each command of any session took effect and before its answer is sent.
// A hook that types meets its own lines there, from session 0.
func (d *Device) OnCommand(hook func(Typed)) {
	d.View(func() { d.hooks = append(d.hooks[:len(d.hooks):len(d.hooks)], hook) })
}

// Inject breaks something.
func (d *Device) Inject(f Fault) *Injection { return d.faults.inject(f) }

// Heal mends all that Inject broke.
func (d *Device) Heal() { d.faults.heal() }

// Sessions is how many sessions there are.
func (d *Device) Sessions() int { return d.count(func() int { return len(d.sessions) }) }

// MostSessions is how many sessions there ever were at once.
func (d *Device) MostSessions() int { return d.count(func() int { return d.most }) }

// Logins is how many sessions there were in all.
func (d *Device) Logins() int { return d.count(func() int { return d.logins }) }

// Commands is how many lines were entered in all sessions.
func (d *Device) Commands() int { return d.count(func() int { return d.commands }) }

// count reads a counter.
func (d *Device) count(counter func() int) (n int) {
	d.View(func() { n = counter() })
	return n
}

// History are the last lines entered, oldest first, at most 10000.
func (d *Device) History() []Typed {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Typed(nil), d.history...)
}

// NewHostKey changes the key with which the device proves itself over SSH.
func (d *Device) NewHostKey() {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err) // the system's source of chance never fails
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		panic(err) // it takes every ed25519 key
	}
	d.View(func() { d.hostKey = signer })
}

// HostKey is the key with which the device proves itself over SSH.
func (d *Device) HostKey() ssh.PublicKey {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hostKey.PublicKey()
}

// Reboot drops all sessions and loads the startup configuration. Hooks meet it as the line "reload" of session 0.
func (d *Device) Reboot() {
	defer d.takeTurn()()
	d.View(func() {
		if d.family.Boot != nil {
			d.family.Boot()
		}
		for s := range d.sessions {
			s.dead = true
		}
		for c := range d.conns {
			_ = c.Close() // nobody waits for what was not said yet
		}
	})
	d.finish(&run{typed: Typed{Line: "reload", Raw: "reload"}})
}

// takeTurn waits until no command of another session is between its effect and the end of its hooks. A hook need not
// wait for itself.
func (d *Device) takeTurn() (giveBack func()) {
	if d.depth.Load() > 0 {
		return func() {}
	}
	d.turn.Lock()
	return d.turn.Unlock
}

// Notify writes a log line to every session that asked for them, where the cursor is. It is for commands, which run with
// the device locked.
func (d *Device) Notify(line string) {
	for s := range d.sessions {
		if s.Monitor {
			s.notify(line)
		}
	}
}
