package powerconnect55

import (
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// changing is a command that configures: it is refused while somebody else does. The serial console is never kept out.
func (s *Switch) changing(line string, run func(*consoletest.Call) error) consoletest.Command {
	return consoletest.Command{Line: line, Config: true, Run: func(c *consoletest.Call) error {
		if c.Session.ID() == 0 {
			return run(c)
		}
		if s.held > 0 || s.editor != nil && s.editor != c.Session && configures(s.editor) {
			return consoletest.RefusalError(databaseBusy)
		}
		s.editor = c.Session
		return run(c)
	}}
}

// configures reports whether a session is still in configuration.
func configures(session *consoletest.Session) bool {
	return session.Mode() != exec && session.Mode() != user
}

// globalCommands are those of config mode only.
func (s *Switch) globalCommands() []consoletest.Command {
	return []consoletest.Command{
		{Line: "vlan database", Run: func(c *consoletest.Call) error { c.Enter(configVLAN, nil); return nil }},
		s.changing("vlan <vlans>", s.createVLANs),
		s.changing("no vlan <vlans>", s.deleteVLANs),
		s.changing("hostname <word>", func(c *consoletest.Call) error { s.Rename(c.Values[0].(string)); return nil }),
		s.changing("no hostname", func(*consoletest.Call) error { s.Rename("console"); return nil }),
	}
}

// vlanCommands are those of the VLAN database.
func (s *Switch) vlanCommands() []consoletest.Command {
	return []consoletest.Command{
		s.changing("vlan <vlans>", s.createVLANs),
		s.changing("no vlan <vlans>", s.deleteVLANs),
	}
}

func (s *Switch) createVLANs(c *consoletest.Call) error {
	for _, id := range c.Values[0].(consoletest.VLANs).IDs() {
		if !s.running.exists(id) {
			s.running.vlans[id] = ""
		}
	}
	return nil
}

// deleteVLANs deletes VLANs; ports that had one for untagged frames fall back to VLAN 1.
func (s *Switch) deleteVLANs(c *consoletest.Call) error {
	gone := c.Values[0].(consoletest.VLANs)
	if gone.Has(1) {
		return consoletest.RefusalError(defaultVLAN)
	}
	if gone.Not(s.running.created()) != (consoletest.VLANs{}) {
		return consoletest.RefusalError(notCreated)
	}
	for _, id := range gone.IDs() {
		delete(s.running.vlans, id)
	}
	for _, p := range s.running.ports {
		for _, vlan := range []*int{&p.access, &p.native, &p.pvid} {
			if gone.Has(*vlan) {
				*vlan = 1
			}
		}
		p.tagged, p.untagged = p.tagged.Not(gone), p.untagged.Not(gone)
	}
	return nil
}

// interfaceCommands lead to ports, from wherever one can go there.
func (s *Switch) interfaceCommands() []consoletest.Command {
	return []consoletest.Command{
		{Line: "interface <port>", Run: func(c *consoletest.Call) error { c.Enter(configIf, c.Values[0]); return nil }},
		{Line: "interface range <ports>", Run: func(c *consoletest.Call) error { c.Enter(configRange, c.Values[0]); return nil }},
		{Line: "interface vlan <vlan>", Run: func(c *consoletest.Call) error {
			if !s.running.exists(c.Values[0].(int)) {
				return consoletest.RefusalError(notCreated)
			}
			c.Enter(configIf, c.Values[0])
			return nil
		}},
	}
}

// nameVLAN names the VLAN whose interface is being configured.
func (s *Switch) nameVLAN(name func(values []any) string) func(*consoletest.Call) error {
	return func(c *consoletest.Call) error {
		id, ok := c.Session.Subject().(int)
		if !ok {
			return consoletest.RefusalError(unrecognized)
		}
		if s.running.exists(id) {
			s.running.vlans[id] = name(c.Values)
		}
		return nil
	}
}
