// Package nexus5k simulates a Cisco Nexus 5548: its command line over telnet and SSH, its VLANs and ports, and what the
// ports carry. It is as strict as the device where that is known (7.1(1)N1(1), 7.3(13)N1(1)) and unpleasant where it is
// not. It is not a model of forwarding: spanning tree, port channels' hashing and everything above VLANs are left out.
package nexus5k

import (
	"fmt"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// Quirk is a way in which releases differ, or in which the device is not known well enough.
type Quirk int

const (
	// LateRefusals makes VLANs, and refuses them, when their mode is left instead of at once.
	LateRefusals Quirk = iota + 1
	// NewerRelease reserves the VLANs from 3968 to 4094 and says one line more about a save.
	NewerRelease
)

// Switch is a simulated Nexus 5548.
type Switch struct {
	*consoletest.Device
	late, newer bool
	// The device's lock guards what follows.
	running, startup state
}

var _ consoletest.Switch = (*Switch)(nil)

// fexPorts is how many ports the fabric extender 101 has.
const fexPorts = 4

// New makes a switch in factory state: every port is up, in access mode, in VLAN 1.
func New(o consoletest.Options, quirks ...Quirk) *Switch {
	s := &Switch{}
	for _, q := range quirks {
		s.late = s.late || q == LateRefusals
		s.newer = s.newer || q == NewerRelease
	}
	if o.Ports == 0 {
		o.Ports = 48
	}
	s.Device = consoletest.NewDevice(o, s.family())
	s.running = factory(s.Options().Hostname, o.Ports)
	s.startup = s.running.clone()
	return s
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

// Carried implements consoletest.Switch.
func (s *Switch) Carried(port string) (c consoletest.Carried) {
	s.View(func() { c = s.running.carried(port, s.running.active()) })
	return c
}

// Configured implements consoletest.Switch.
func (s *Switch) Configured(port string) (c consoletest.Carried) {
	s.View(func() { c = s.running.carried(port, every) })
	return c
}

// RunningConfig implements consoletest.Switch.
func (s *Switch) RunningConfig() (text string) {
	s.View(func() { text = s.heading("show running-config") + s.current().render() })
	return text
}

// Saved implements consoletest.Switch.
func (s *Switch) Saved() (same bool) {
	s.View(func() { same = s.current().render() == s.startup.render() })
	return same
}

// current is the running state with the host name, which the device keeps.
func (s *Switch) current() *state {
	s.running.hostname = s.Hostname()
	return &s.running
}

// boot loads the startup configuration.
func (s *Switch) boot() {
	s.running = s.startup.clone()
	s.Rename(s.running.hostname)
}

// heading is what comes before a configuration.
func (s *Switch) heading(command string) string {
	return fmt.Sprintf("\n!Command: %s\n!Time: %s\n\nversion %s\n", command, now(), release)
}
