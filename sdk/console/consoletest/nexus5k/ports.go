package nexus5k

import (
	"errors"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// chooseInterfaces enters the mode of one interface or of several. A port channel is made by being configured.
func (s *Switch) chooseInterfaces(c *consoletest.Call) error {
	names := c.Values[0].([]string)
	for _, name := range names {
		if s.running.port(name) == nil {
			s.running.ports = append(s.running.ports, newPort(name))
		}
	}
	mode := configIf
	if len(names) > 1 {
		mode = configRange
	}
	c.Enter(mode, names)
	return nil
}

// portCommands are those of config-if mode.
func (s *Switch) portCommands() []consoletest.Command {
	return slices.Concat(s.accessCommands(), s.trunkCommands(), s.otherPortCommands())
}

// accessCommands are about the mode and the access VLAN.
func (s *Switch) accessCommands() []consoletest.Command {
	return []consoletest.Command{
		s.switchport("switchport mode access", func(p *port, _ []any) { p.trunk = false }),
		s.switchport("switchport mode trunk", func(p *port, _ []any) { p.trunk = true }),
		s.switchport("no switchport mode", func(p *port, _ []any) { p.trunk = false }),
		s.switchport("switchport access vlan <vlan>", func(p *port, v []any) { p.access = v[0].(int) }),
		s.switchport("no switchport access vlan", func(p *port, _ []any) { p.access = 1 }),
		s.switchport("no switchport access vlan <vlan>", func(p *port, _ []any) { p.access = 1 }),
	}
}

// trunkCommands are about native and allowed VLANs.
func (s *Switch) trunkCommands() []consoletest.Command {
	set := func(line string, allowed func(now, given consoletest.VLANs) consoletest.VLANs) consoletest.Command {
		return s.switchport(line, func(p *port, v []any) {
			var given consoletest.VLANs
			if len(v) > 0 {
				given = v[0].(consoletest.VLANs)
			}
			p.allowed = allowed(p.allowed, given)
		})
	}
	all := func(_, _ consoletest.VLANs) consoletest.VLANs { return every }
	return []consoletest.Command{
		s.switchport("switchport trunk native vlan <vlan>", func(p *port, v []any) { p.native = v[0].(int) }),
		s.switchport("no switchport trunk native vlan", func(p *port, _ []any) { p.native = 1 }),
		s.switchport("no switchport trunk native vlan <vlan>", func(p *port, _ []any) { p.native = 1 }),
		set("switchport trunk allowed vlan <vlans>", func(_, v consoletest.VLANs) consoletest.VLANs { return v }),
		set("switchport trunk allowed vlan add <vlans>", consoletest.VLANs.Or),
		set("switchport trunk allowed vlan remove <vlans>", consoletest.VLANs.Not),
		set("switchport trunk allowed vlan except <vlans>", func(_, v consoletest.VLANs) consoletest.VLANs { return every.Not(v) }),
		set("switchport trunk allowed vlan none", func(_, _ consoletest.VLANs) consoletest.VLANs { return consoletest.VLANs{} }),
		set("switchport trunk allowed vlan all", all),
		set("no switchport trunk allowed vlan", all),
		set("no switchport trunk allowed vlan <vlans>", all),
	}
}

// otherPortCommands are about everything else.
func (s *Switch) otherPortCommands() []consoletest.Command {
	return []consoletest.Command{
		s.onPorts("switchport", func(p *port, _ []any) error { p.routed = false; return nil }),
		s.onPorts("no switchport", func(p *port, _ []any) error { p.routed = true; return nil }),
		s.onPorts("shutdown", func(p *port, _ []any) error { s.shut(p, true); return nil }),
		s.onPorts("no shutdown", func(p *port, _ []any) error { s.shut(p, false); return nil }),
		s.onPorts("description <description>", func(p *port, v []any) error { p.description = v[0].(string); return nil }),
		s.onPorts("no description", func(p *port, _ []any) error { p.description = ""; return nil }),
		s.onPorts("spanning-tree <text>", func(p *port, v []any) error {
			line := "spanning-tree " + v[0].(string)
			if !slices.Contains(p.spanning, line) {
				p.spanning = append(p.spanning, line)
			}
			return nil
		}),
		s.onPorts("no spanning-tree <text>", func(p *port, v []any) error {
			words := "spanning-tree " + v[0].(string)
			p.spanning = slices.DeleteFunc(p.spanning, func(line string) bool { return strings.HasPrefix(line, words) })
			return nil
		}),
		s.onPorts("channel-group <group>", s.join("on")),
		s.onPorts("channel-group <group> mode on", s.join("on")),
		s.onPorts("channel-group <group> mode active", s.join("active")),
		s.onPorts("no channel-group", func(p *port, _ []any) error { p.group = 0; return nil }),
		s.onPorts("no channel-group <group>", func(p *port, _ []any) error { p.group = 0; return nil }),
	}
}

// switchport is a command about the VLANs of ports, which members of a port channel and routed ports refuse.
func (s *Switch) switchport(line string, change func(*port, []any)) consoletest.Command {
	return s.onPorts(line, func(p *port, values []any) error {
		if p.group != 0 {
			return consoletest.Refuse(memberPort, p.name, channelName(p.group))
		}
		if p.routed {
			return consoletest.Refuse(routedPort, p.name)
		}
		change(p, values)
		return nil
	})
}

// onPorts is a command for each chosen port: one that refuses does not keep the others from being changed.
func (s *Switch) onPorts(line string, change func(*port, []any) error) consoletest.Command {
	return consoletest.Command{Line: line, Config: true, Run: func(c *consoletest.Call) error {
		var refusals []error
		for _, name := range c.Session.Subject().([]string) {
			if p := s.running.port(name); p != nil {
				refusals = append(refusals, change(p, c.Values))
			}
		}
		return errors.Join(refusals...)
	}}
}

// join makes ports members of a channel. The first member gives it its settings.
func (s *Switch) join(mode string) func(*port, []any) error {
	return func(p *port, values []any) error {
		group := values[0].(int)
		if p.channel() {
			return consoletest.Refuse(routedPort, p.name)
		}
		if s.running.port(channelName(group)) == nil {
			channel := *p
			channel.name, channel.description, channel.group = channelName(group), "", 0
			s.running.ports = append(s.running.ports, &channel)
		}
		p.group, p.groupMode = group, mode
		return nil
	}
}

// shut brings a port down or up, and tells those who watch.
func (s *Switch) shut(p *port, down bool) {
	if p.shut == down {
		return
	}
	p.shut = down
	if down {
		s.Notify(s.logged("%ETHPORT-5-IF_DOWN_CFG_CHANGE: Interface " + p.name + " is down(Config change)"))
		s.Notify(s.logged("%ETHPORT-5-IF_DOWN_ADMIN_DOWN: Interface " + p.name + " is down (Administratively down)"))
		return
	}
	s.Notify(s.logged("%ETHPORT-5-IF_ADMIN_UP: Interface " + p.name + " is admin up ."))
	mode := "access"
	if p.trunk {
		mode = "trunk"
	}
	s.Notify(s.logged("%ETHPORT-5-IF_UP: Interface " + p.name + " is up in mode " + mode))
}
