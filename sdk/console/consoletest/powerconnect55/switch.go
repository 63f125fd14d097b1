// Package powerconnect55 simulates a Dell PowerConnect 5548: its command line over telnet and SSH, its VLANs and ports,
// and what the ports carry. No whole session of one was ever published; where the device is not known, the simulator does
// what is worst for a driver, or lets a Quirk say. It is not a model of forwarding, and not of the PowerConnect 62xx, 70xx
// and 80xx, which speak another language.
package powerconnect55

import (
	"slices"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// Quirk is a way in which firmware differs, or in which the device is not known.
type Quirk int

const (
	// NewerSaveQuestion asks "(Y/N)[N] ?" before a save.
	NewerSaveQuestion Quirk = iota + 1
	// FreshTrunkNative begins a trunk with its native VLAN alone instead of all, and prints what is added to that.
	FreshTrunkNative
	// PlainRangePrompt shows the prompt of one port for several.
	PlainRangePrompt
	// ExitEndsBlocks closes the blocks of the running configuration with "exit" instead of "!".
	ExitEndsBlocks
	// TrunkNeedsVLANs refuses VLANs that do not exist on trunks too, as the PowerConnect 54xx does.
	TrunkNeedsVLANs
	// Unprivileged lets every user begin at ">", also if no password is needed to get on.
	Unprivileged
)

// Switch is a simulated PowerConnect 5548.
type Switch struct {
	*consoletest.Device
	quirks []Quirk
	// The device's lock guards what follows.
	running, startup state
	// editor is the session that configured last; it keeps others out until it leaves configuration.
	editor *consoletest.Session
	// held keeps everybody out.
	held int
}

var _ consoletest.Switch = (*Switch)(nil)

// New makes a switch in factory state: every port is up, in access mode, in VLAN 1.
func New(o consoletest.Options, quirks ...Quirk) *Switch {
	s := &Switch{quirks: quirks}
	if o.Ports == 0 {
		o.Ports = 48
	}
	s.Device = consoletest.NewDevice(o, s.family())
	s.running = s.factory(o.Ports)
	s.startup = s.running.clone()
	return s
}

func (s *Switch) has(q Quirk) bool { return slices.Contains(s.quirks, q) }

// HoldLock keeps everybody from configuring, as another application does, until release is called.
func (s *Switch) HoldLock() (release func()) {
	s.View(func() { s.held++ })
	return func() { s.View(func() { s.held-- }) }
}

// Ports implements consoletest.Switch.
func (s *Switch) Ports() []string {
	var names []string
	s.View(func() {
		for _, p := range s.running.ports {
			if !p.channel() {
				names = append(names, p.name)
			}
		}
	})
	return names
}

// Carried implements consoletest.Switch. Untagged frames of a trunk get through if their VLAN is also among the allowed
// ones: whether the device needs that is not known, and a driver must not count on the contrary.
func (s *Switch) Carried(port string) (c consoletest.Carried) {
	s.View(func() { c = s.running.carried(port) })
	return c
}

// Configured implements consoletest.Switch. Here the VLAN of untagged frames counts even if it is not allowed: a driver
// must not count on that either.
func (s *Switch) Configured(port string) (c consoletest.Carried) {
	s.View(func() { c = s.running.configured(port) })
	return c
}

// RunningConfig implements consoletest.Switch.
func (s *Switch) RunningConfig() (text string) {
	s.View(func() { text = s.render(s.current()) })
	return text
}

// Saved implements consoletest.Switch.
func (s *Switch) Saved() (same bool) {
	s.View(func() { same = s.render(s.current()) == s.render(&s.startup) })
	return same
}

// current is the running state with the host name, which the device keeps.
func (s *Switch) current() *state {
	s.running.hostname = s.Hostname()
	return &s.running
}

// boot loads the startup configuration, and forgets who configured.
func (s *Switch) boot() {
	s.running, s.editor = s.startup.clone(), nil
	s.Rename(s.running.hostname)
}
