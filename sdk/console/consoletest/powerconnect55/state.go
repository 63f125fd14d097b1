package powerconnect55

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// mode is what a port does with VLANs.
type mode int

const (
	access mode = iota
	trunk
	general
)

func (m mode) String() string { return [...]string{"access", "trunk", "general"}[m] }

// state is a configuration.
type state struct {
	hostname string
	// vlans are the names of the VLANs that were created, empty where they have none.
	vlans map[int]string
	ports []*port
}

// port is an interface and its configuration; also what is idle in its mode. A VLAN of 0 is "none".
type port struct {
	name, description string
	mode              mode
	access, native    int
	allowed           consoletest.VLANs
	pvid              int
	tagged, untagged  consoletest.VLANs
	shut, routed      bool
	// group is the port channel it is a member of, 0 if none.
	group     int
	groupMode string
}

// every is every VLAN there may be.
var every = consoletest.VLANRange(1, lastVLAN)

// factory is the state of a switch out of the box.
func (s *Switch) factory(ports int) state {
	f := state{hostname: s.Options().Hostname, vlans: map[int]string{1: ""}}
	for i := range ports {
		f.ports = append(f.ports, s.newPort(fmt.Sprintf("gi1/0/%d", i+1)))
	}
	for i := range fastPorts {
		f.ports = append(f.ports, s.newPort(fmt.Sprintf("te1/0/%d", i+1)))
	}
	for i := range channels {
		f.ports = append(f.ports, s.newPort(channelName(i+1)))
	}
	return f
}

func (s *Switch) newPort(name string) *port {
	one := consoletest.SomeVLANs(1)
	return &port{name: name, access: 1, native: 1, allowed: s.freshTrunk(), pvid: 1, untagged: one}
}

// freshTrunk is what a trunk allows before it is told anything.
func (s *Switch) freshTrunk() consoletest.VLANs {
	if s.has(FreshTrunkNative) {
		return consoletest.SomeVLANs(1)
	}
	return every
}

// clone shares nothing with the original.
func (s *state) clone() state {
	c := state{hostname: s.hostname, vlans: maps.Clone(s.vlans)}
	for _, p := range s.ports {
		q := *p
		c.ports = append(c.ports, &q)
	}
	return c
}

// port finds one by its name, nil if there is none.
func (s *state) port(name string) *port {
	i := slices.IndexFunc(s.ports, func(p *port) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return s.ports[i]
}

func channelName(group int) string { return fmt.Sprintf("Po%d", group) }

// channel reports whether the port is a port channel.
func (p *port) channel() bool { return strings.HasPrefix(p.name, "Po") }

// exists reports whether a VLAN was created.
func (s *state) exists(id int) bool {
	_, ok := s.vlans[id]
	return ok
}

// created are the VLANs that were created.
func (s *state) created() consoletest.VLANs {
	return consoletest.SomeVLANs(slices.Collect(maps.Keys(s.vlans))...)
}

// source is the port whose settings count for a port: the channel's for a member; nil if nothing gets through.
func (s *state) source(name string) *port {
	p := s.port(name)
	if p == nil || p.shut || p.routed {
		return nil
	}
	if p.group != 0 {
		return s.source(channelName(p.group))
	}
	return p
}

// carried is what a port lets through.
func (s *state) carried(name string) consoletest.Carried {
	p := s.source(name)
	if p == nil {
		return consoletest.Carried{}
	}
	native, members := p.untaggedVLAN(), p.members().And(s.created())
	if !members.Has(native) {
		native = 0
	}
	return consoletest.Carried{Native: native, Tagged: without(members, native)}
}

// configured is what a port's settings could let through at most.
func (s *state) configured(name string) consoletest.Carried {
	p := s.source(name)
	if p == nil {
		return consoletest.Carried{}
	}
	native := p.untaggedVLAN()
	return consoletest.Carried{Native: native, Tagged: without(p.members(), native)}
}

// untaggedVLAN is the one that untagged frames are put into.
func (p *port) untaggedVLAN() int {
	return [...]int{access: p.access, trunk: p.native, general: p.pvid}[p.mode]
}

// members are the VLANs that the port is in, tagged or not.
func (p *port) members() consoletest.VLANs {
	switch p.mode {
	case trunk:
		return p.allowed
	case general:
		return p.tagged.Or(p.untagged)
	}
	return oneVLAN(p.access)
}

// oneVLAN is the set of one VLAN, or of none.
func oneVLAN(id int) consoletest.VLANs {
	if id == 0 {
		return consoletest.VLANs{}
	}
	return consoletest.SomeVLANs(id)
}

func without(v consoletest.VLANs, id int) []int { return v.Not(consoletest.SomeVLANs(id)).IDs() }
