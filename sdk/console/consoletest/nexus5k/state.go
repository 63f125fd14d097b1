package nexus5k

import (
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// state is a configuration.
type state struct {
	hostname string
	vlans    map[int]vlan
	ports    []*port
}

// vlan is a VLAN that was created.
type vlan struct {
	name            string
	suspended, shut bool
}

// port is an interface and its configuration; also what is idle in its mode.
type port struct {
	name, description string
	trunk             bool
	access, native    int
	allowed           consoletest.VLANs
	// spanning are lines about spanning tree, kept and without effect.
	spanning     []string
	shut, routed bool
	// group is the port channel it is a member of, 0 if none.
	group     int
	groupMode string
}

// every is every VLAN a trunk may carry.
var every = consoletest.VLANRange(1, lastVLAN)

// factory is the state of a switch out of the box.
func factory(hostname string, ports int) state {
	s := state{hostname: hostname, vlans: map[int]vlan{1: {name: "default"}}}
	for i := range ports {
		s.ports = append(s.ports, newPort(fmt.Sprintf("Ethernet1/%d", i+1)))
	}
	for i := range fexPorts {
		s.ports = append(s.ports, newPort(fmt.Sprintf("Ethernet101/1/%d", i+1)))
	}
	return s
}

func newPort(name string) *port {
	return &port{name: name, access: 1, native: 1, allowed: every}
}

// clone shares nothing with the original.
func (s *state) clone() state {
	c := state{hostname: s.hostname, vlans: map[int]vlan{}}
	for id, v := range s.vlans {
		c.vlans[id] = v
	}
	for _, p := range s.ports {
		q := *p
		q.spanning = append([]string(nil), p.spanning...)
		c.ports = append(c.ports, &q)
	}
	return c
}

// port finds one by its name, nil if there is none.
func (s *state) port(name string) *port {
	for _, p := range s.ports {
		if p.name == name {
			return p
		}
	}
	return nil
}

func channelName(group int) string { return fmt.Sprintf("port-channel%d", group) }

// channel reports whether the port is a port channel.
func (p *port) channel() bool { return strings.HasPrefix(p.name, "port-channel") }

// active are the VLANs that forward.
func (s *state) active() consoletest.VLANs {
	var v consoletest.VLANs
	for id, vlan := range s.vlans {
		if !vlan.suspended && !vlan.shut {
			v = v.With(id)
		}
	}
	return v
}

// carried is what a port lets through if alive are the VLANs that forward. A member of a port channel carries what the
// channel carries.
func (s *state) carried(name string, alive consoletest.VLANs) consoletest.Carried {
	p := s.port(name)
	if p == nil || p.shut || p.routed {
		return consoletest.Carried{}
	}
	if p.group != 0 {
		return s.carried(channelName(p.group), alive)
	}
	if !p.trunk {
		return consoletest.Carried{Native: only(p.access, alive)}
	}
	through := p.allowed.And(alive)
	return consoletest.Carried{
		Native: only(p.native, through),
		Tagged: through.Not(consoletest.SomeVLANs(p.native)).IDs(),
	}
}

// only is the VLAN if it is in the set, else 0.
func only(id int, set consoletest.VLANs) int {
	if set.Has(id) {
		return id
	}
	return 0
}
