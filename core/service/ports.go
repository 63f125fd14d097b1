package service

import (
	"context"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

// SwitchRegisterPort adds a port to a switch, if the driver knows such a name. Two spellings of one port are a Duplicate.
func (s *Service) SwitchRegisterPort(ctx context.Context, sw, port string) error {
	if err := auth.Check(ctx, "switch_register_port", auth.Nothing); err != nil {
		return err
	}
	if err := core.CheckPortLabel("port", port); err != nil {
		return err
	}
	w, err := s.Store.Switch(ctx, sw)
	if err != nil {
		return err
	}
	if _, err := s.Store.Port(ctx, w, port); core.KindOf(err) != core.NotFound {
		return exists("port", port, err)
	}
	name, err := s.deviceName(ctx, w, port)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		// The name was given by settings that may lead to another device by now.
		now, err := q.LockSwitch(ctx, sw)
		if err != nil {
			return err
		}
		if now != w {
			return core.Errorf(core.IllegalState, "the settings of switch %s have been changed meanwhile; try again", sw)
		}
		return q.CreatePort(ctx, core.Port{SwitchID: w.ID, Label: port, DeviceName: name})
	})
}

func (s *Service) deviceName(ctx context.Context, w core.Switch, port string) (string, error) {
	driver, err := s.Drivers.Switch(w.Type)
	if err != nil {
		return "", driverError("switch", err)
	}
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	name, err := driver.ValidatePort(ctx, target(w.Label, w.Type, w.Settings), port)
	return name, driverError("switch", err)
}

// SwitchDeletePort removes a port without a NIC. A port that may still carry a VLAN stays until the switch was seen to
// have cleared it; forced, it is forgotten all the same, for a switch that will never answer again.
func (s *Service) SwitchDeletePort(ctx context.Context, sw, port string, force bool) error {
	if err := auth.Check(ctx, "switch_delete_port", auth.Nothing); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		p, err := findPort(ctx, q, sw, port)
		if err != nil {
			return err
		}
		if err := disposable(ctx, q, p, force); err != nil {
			return err
		}
		return q.DeletePort(ctx, p.ID, force)
	})
}

func findPort(ctx context.Context, q store.Queries, sw, port string) (core.Port, error) {
	w, err := q.Switch(ctx, sw)
	if err != nil {
		return core.Port{}, err
	}
	return q.Port(ctx, w, port)
}

func disposable(ctx context.Context, q store.Queries, p core.Port, force bool) error {
	c, ok, err := q.Cable(ctx, p.ID)
	if err != nil {
		return err
	}
	if ok {
		return core.Errorf(core.Blocked, "port %s is connected to NIC %s of node %s; detach that first", p.Label, c.NIC, c.Node)
	}
	if force {
		return nil
	}
	return cleared(ctx, q, p)
}

// cleared refuses a port without a NIC that may still carry VLANs from before.
func cleared(ctx context.Context, q store.Queries, p core.Port) error {
	carried, err := q.PortVLANs(ctx, p.ID)
	if err != nil || len(carried[p.ID]) == 0 {
		return err
	}
	return core.Errorf(core.Blocked, "port %s may still carry VLANs %v; the server keeps trying to clear it. "+
		"If the switch is gone for good, delete the port with force", p.Label, carried[p.ID])
}

// PortShow tells what is connected to a port.
func (s *Service) PortShow(ctx context.Context, sw, port string) (Port, error) {
	if err := auth.Check(ctx, "port_show", auth.Nothing); err != nil {
		return Port{}, err
	}
	p, err := findPort(ctx, s.Store.Queries, sw, port)
	if err != nil {
		return Port{}, err
	}
	c, ok, err := s.Store.Cable(ctx, p.ID)
	if err != nil || !ok {
		return Port{}, err
	}
	attached, err := s.Store.AttachedTo(ctx, c.NICID)
	if err != nil {
		return Port{}, err
	}
	shown := Port{Node: c.Node, NIC: c.NIC, Networks: map[string]string{}}
	for _, a := range attached {
		shown.Networks[a.Channel] = a.Network.Label
	}
	return shown, nil
}

// PortConnectNIC registers the cable from a port to a NIC. From now on the port is the server's to keep closed, or on
// the networks of the NIC.
func (s *Service) PortConnectNIC(ctx context.Context, sw, port, node, nic string) error {
	if err := auth.Check(ctx, "port_connect_nic", auth.Nothing); err != nil {
		return err
	}
	err := s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		p, err := findPort(ctx, q, sw, port)
		if err != nil {
			return err
		}
		n, err := q.LockNode(ctx, node)
		if err != nil {
			return err
		}
		i, err := q.NIC(ctx, n, nic)
		if err != nil {
			return err
		}
		if i.PortID != 0 {
			return core.Errorf(core.Duplicate, "NIC %s of node %s is on a port already", nic, node)
		}
		if _, taken, err := q.Cable(ctx, p.ID); err != nil || taken {
			return exists("a NIC on port", port, err)
		}
		// The node may be in use already: what the port may carry for others must be gone before.
		if err := cleared(ctx, q, p); err != nil {
			return err
		}
		if err := q.SetNICPort(ctx, i.ID, p.ID); err != nil {
			return err
		}
		return q.WantPort(ctx, p.ID)
	})
	if err == nil {
		s.Wake()
	}
	return err
}

// PortDetachNIC removes the cable of a free node from a port, which stays closed.
func (s *Service) PortDetachNIC(ctx context.Context, sw, port string) error {
	if err := auth.Check(ctx, "port_detach_nic", auth.Nothing); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		_, c, err := cabled(ctx, q, sw, port)
		if err != nil {
			return err
		}
		if c.ProjectID != 0 {
			return core.Errorf(core.Blocked, "node %s is part of a project; detach it first", c.Node)
		}
		if err := idle(ctx, q, core.NIC{ID: c.NICID}, c.NIC); err != nil {
			return err
		}
		return q.SetNICPort(ctx, c.NICID, 0)
	})
}
