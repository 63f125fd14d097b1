package nexus5k

import (
	"errors"
	"fmt"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// chosen are the VLANs of a session in config-vlan mode.
type chosen struct {
	ids consoletest.VLANs
	// name is one that was given before the VLAN was made.
	name string
}

// globalCommands are those of config mode, which are known in its sub-modes too and leave them.
func (s *Switch) globalCommands() []consoletest.Command {
	return []consoletest.Command{
		{Line: "vlan <vlans>", Config: true, Run: s.chooseVLANs},
		{Line: "no vlan <vlans>", Config: true, Run: s.deleteVLANs},
		{Line: "interface <interfaces>", Run: s.chooseInterfaces},
		{Line: "hostname|switchname <word>", Run: func(c *consoletest.Call) error {
			s.Rename(c.Values[0].(string))
			return nil
		}},
	}
}

// vlanCommands are those of config-vlan mode.
func (s *Switch) vlanCommands() []consoletest.Command {
	change := func(edit func(*vlan)) func(*consoletest.Call) error {
		return func(c *consoletest.Call) error {
			for _, id := range c.Session.Subject().(*chosen).ids.IDs() {
				if v, ok := s.running.vlans[id]; ok {
					edit(&v)
					s.running.vlans[id] = v
				}
			}
			return nil
		}
	}
	return []consoletest.Command{
		{Line: "name <name>", Config: true, Run: s.nameVLAN},
		{Line: "no name", Config: true, Run: change(func(v *vlan) { v.name = "" })},
		{Line: "state active", Config: true, Run: change(func(v *vlan) { v.suspended = false })},
		{Line: "state suspend", Config: true, Run: change(func(v *vlan) { v.suspended = true })},
		{Line: "shutdown", Config: true, Run: change(func(v *vlan) { v.shut = true })},
		{Line: "no shutdown", Config: true, Run: change(func(v *vlan) { v.shut = false })},
	}
}

// reserved are the VLANs that cannot be created.
func (s *Switch) reserved() consoletest.VLANs {
	if s.newer {
		return consoletest.VLANRange(3968, lastVLAN)
	}
	return consoletest.VLANRange(3968, 4047).With(lastVLAN)
}

// chooseVLANs enters config-vlan mode. The VLANs are made now or when it is left, as the release has it.
func (s *Switch) chooseVLANs(c *consoletest.Call) error {
	ids := c.Values[0].(consoletest.VLANs)
	if !s.late {
		if err := s.create(ids, ""); err != nil {
			return err
		}
	}
	c.Enter(configVLAN, &chosen{ids: ids})
	return nil
}

// leaveVLANs makes what was chosen, where it was not made at once. What can be made is made.
func (s *Switch) leaveVLANs(session *consoletest.Session) error {
	if !s.late {
		return nil
	}
	c := session.Subject().(*chosen)
	bad := c.ids.And(s.reserved())
	err := s.create(c.ids.Not(bad), c.name)
	if bad == (consoletest.VLANs{}) {
		return err
	}
	return errors.Join(err, consoletest.Refuse(reservedVLANs, bad))
}

// create makes VLANs that are not there yet, all or none.
func (s *Switch) create(ids consoletest.VLANs, name string) error {
	if bad := ids.And(s.reserved()); bad != (consoletest.VLANs{}) {
		return consoletest.Refuse(reservedVLANs, bad)
	}
	for _, id := range ids.IDs() {
		v := s.running.vlans[id]
		if name != "" {
			v.name = name
		}
		s.running.vlans[id] = v
	}
	return nil
}

func (s *Switch) deleteVLANs(c *consoletest.Call) error {
	ids := c.Values[0].(consoletest.VLANs)
	if ids.Has(1) {
		return consoletest.RefusalError(defaultVLAN)
	}
	var missing consoletest.VLANs
	for _, id := range ids.IDs() {
		if _, ok := s.running.vlans[id]; !ok {
			missing = missing.With(id)
		}
		delete(s.running.vlans, id)
	}
	if missing != (consoletest.VLANs{}) {
		return consoletest.Refuse(missingVLANs, missing)
	}
	return nil
}

func (s *Switch) nameVLAN(c *consoletest.Call) error {
	subject, name := c.Session.Subject().(*chosen), c.Values[0].(string)
	ids := subject.ids.IDs()
	if len(ids) != 1 {
		return consoletest.RefusalError(nameOfRange)
	}
	for id, v := range s.running.vlans {
		if id != ids[0] && v.called(id) == name {
			return consoletest.RefusalError(duplicateName)
		}
	}
	subject.name = name
	if v, ok := s.running.vlans[ids[0]]; ok {
		v.name = name
		s.running.vlans[ids[0]] = v
	}
	return nil
}

// called is the VLAN's name, which it has also if it was given none.
func (v vlan) called(id int) string {
	if v.name == "" {
		return fmt.Sprintf("VLAN%04d", id)
	}
	return v.name
}

// status is the VLAN's state in tables.
func (v vlan) status() string {
	switch {
	case v.suspended && v.shut:
		return "sus/lshut"
	case v.suspended:
		return "suspended"
	case v.shut:
		return "act/lshut"
	}
	return "active"
}
