package powerconnect55

import (
	"slices"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// portCommands are those of config-if mode.
func (s *Switch) portCommands() []consoletest.Command {
	return slices.Concat(s.modeCommands(), s.trunkCommands(), s.generalCommands(), s.otherPortCommands())
}

// modeCommands are about the mode and the access VLAN.
func (s *Switch) modeCommands() []consoletest.Command {
	to := func(m mode) func(*port, []any) error { return func(p *port, _ []any) error { p.mode = m; return nil } }
	put := func(id int) func(*port, []any) error {
		return func(p *port, _ []any) error { p.access = id; return nil }
	}
	return []consoletest.Command{
		s.switchport("switchport mode access", to(access)),
		s.switchport("switchport mode trunk", to(trunk)),
		s.switchport("switchport mode general", to(general)),
		s.switchport("no switchport mode", to(access)),
		s.switchport("switchport access vlan <vlan>", func(p *port, v []any) error {
			return s.ifCreated(v[0].(int), func() { p.access = v[0].(int) })
		}),
		s.switchport("switchport access vlan none", put(0)),
		s.switchport("no switchport access vlan", put(1)),
	}
}

// trunkCommands are about native and allowed VLANs. A bare list is none of them.
func (s *Switch) trunkCommands() []consoletest.Command {
	set := func(line string, allowed func(now, given consoletest.VLANs) consoletest.VLANs) consoletest.Command {
		return s.switchport(line, func(p *port, v []any) error {
			var given consoletest.VLANs
			if len(v) > 0 {
				given = v[0].(consoletest.VLANs)
			}
			if s.has(TrunkNeedsVLANs) && given.Not(s.running.created()) != (consoletest.VLANs{}) {
				return consoletest.RefusalError(notCreated)
			}
			p.allowed = allowed(p.allowed, given)
			return nil
		})
	}
	native := func(id int) func(*port, []any) error {
		return func(p *port, _ []any) error { p.native = id; return nil }
	}
	return []consoletest.Command{
		set("switchport trunk allowed vlan add <vlans>", consoletest.VLANs.Or),
		set("switchport trunk allowed vlan remove <vlans>", consoletest.VLANs.Not),
		set("switchport trunk allowed vlan except <vlans>", func(_, v consoletest.VLANs) consoletest.VLANs { return every.Not(v) }),
		set("switchport trunk allowed vlan none", func(_, _ consoletest.VLANs) consoletest.VLANs { return consoletest.VLANs{} }),
		set("switchport trunk allowed vlan all", func(_, _ consoletest.VLANs) consoletest.VLANs { return every }),
		s.switchport("switchport trunk native vlan <vlan>", func(p *port, v []any) error {
			if s.has(TrunkNeedsVLANs) && !s.running.exists(v[0].(int)) {
				return consoletest.RefusalError(notCreated)
			}
			p.native = v[0].(int)
			return nil
		}),
		s.switchport("switchport trunk native vlan none", native(0)),
		s.switchport("no switchport trunk native vlan", native(1)),
	}
}

// generalCommands are about ports on which everything is set one by one.
func (s *Switch) generalCommands() []consoletest.Command {
	add := func(tagged bool) func(*port, []any) error {
		return func(p *port, v []any) error {
			given := v[0].(consoletest.VLANs)
			if given.Not(s.running.created()) != (consoletest.VLANs{}) {
				return consoletest.RefusalError(notCreated)
			}
			p.tagged, p.untagged = p.tagged.Not(given), p.untagged.Not(given)
			if tagged {
				p.tagged = p.tagged.Or(given)
			} else {
				p.untagged = p.untagged.Or(given)
			}
			return nil
		}
	}
	return []consoletest.Command{
		s.switchport("switchport general allowed vlan add <vlans>", add(true)),
		s.switchport("switchport general allowed vlan add <vlans> tagged", add(true)),
		s.switchport("switchport general allowed vlan add <vlans> untagged", add(false)),
		s.switchport("switchport general allowed vlan remove <vlans>", func(p *port, v []any) error {
			given := v[0].(consoletest.VLANs)
			p.tagged, p.untagged = p.tagged.Not(given), p.untagged.Not(given)
			return nil
		}),
		s.switchport("switchport general pvid <vlan>", func(p *port, v []any) error {
			return s.ifCreated(v[0].(int), func() { p.pvid = v[0].(int) })
		}),
		s.switchport("no switchport general pvid", func(p *port, _ []any) error { p.pvid = 1; return nil }),
	}
}

// otherPortCommands are about everything else.
func (s *Switch) otherPortCommands() []consoletest.Command {
	join := func(mode string) func(*port, []any) error {
		return func(p *port, v []any) error {
			if p.channel() {
				return consoletest.RefusalError(badValue)
			}
			p.group, p.groupMode = v[0].(int), mode
			return nil
		}
	}
	return []consoletest.Command{
		s.onPorts("switchport", func(p *port, _ []any) error { p.routed = false; return nil }),
		s.onPorts("no switchport", func(p *port, _ []any) error { p.routed = true; return nil }),
		s.onPorts("shutdown", func(p *port, _ []any) error { p.shut = true; return nil }),
		s.onPorts("no shutdown", func(p *port, _ []any) error { p.shut = false; return nil }),
		s.onPorts("description <description>", func(p *port, v []any) error { p.description = v[0].(string); return nil }),
		s.onPorts("no description", func(p *port, _ []any) error { p.description = ""; return nil }),
		s.onPorts("channel-group <group> mode on", join("on")),
		s.onPorts("channel-group <group> mode auto", join("auto")),
		s.onPorts("no channel-group", func(p *port, _ []any) error { p.group = 0; return nil }),
		s.changing("name <name>", s.nameVLAN(func(values []any) string { return values[0].(string) })),
		s.changing("no name", s.nameVLAN(func([]any) string { return "" })),
	}
}

// ifCreated makes a change if a VLAN exists.
func (s *Switch) ifCreated(id int, change func()) error {
	if !s.running.exists(id) {
		return consoletest.RefusalError(notCreated)
	}
	change()
	return nil
}

// switchport is a command about the VLANs of ports, which members of a port channel and routed ports refuse.
func (s *Switch) switchport(line string, change func(*port, []any) error) consoletest.Command {
	return s.onPorts(line, func(p *port, values []any) error {
		if p.group != 0 || p.routed {
			return consoletest.RefusalError(notLayer2)
		}
		return change(p, values)
	})
}

// onPorts is a command for each chosen port: one that refuses does not keep the others from being changed. The words of
// the refusal do not say which it was.
func (s *Switch) onPorts(line string, change func(*port, []any) error) consoletest.Command {
	return s.changing(line, func(c *consoletest.Call) error {
		names, ok := c.Session.Subject().([]string)
		if !ok {
			return consoletest.RefusalError(unrecognized)
		}
		var refused error
		for _, name := range names {
			if err := change(s.running.port(name), c.Values); refused == nil {
				refused = err
			}
		}
		return refused
	})
}
