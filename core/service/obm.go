package service

import (
	"context"
	"errors"
	"slices"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// NodeSetOBM switches out-of-band calls on or off. Off, consoles are closed and calls are refused.
func (s *Service) NodeSetOBM(ctx context.Context, node string, enabled bool) error {
	n, c, err := s.setOBM(ctx, node, enabled)
	if err != nil {
		return err
	}
	if enabled {
		s.powerWanted(ctx, n)
		return nil
	}
	s.Consoles.Hang(c, console.End{Reason: "out-of-band management of node " + node + " was disabled"})
	return s.Store.CloseConsole(ctx, c, barred.Milliseconds())
}

func (s *Service) setOBM(ctx context.Context, node string, enabled bool) (n core.Node, c core.Console, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if n, err = q.LockNode(ctx, node); err != nil {
			return err
		}
		if err := auth.Check(ctx, "node_set_obm", auth.Of(n.ProjectID)); err != nil {
			return err
		}
		if c, err = q.Console(ctx, n.ID); err != nil {
			return err
		}
		return q.SetNodeOBM(ctx, n.ID, enabled)
	})
	return n, c, err
}

// NodePowerOn turns a node on.
func (s *Service) NodePowerOn(ctx context.Context, node string) error {
	return s.power(ctx, node, obm.Session.PowerOn)
}

// NodePowerOff turns a node off.
func (s *Service) NodePowerOff(ctx context.Context, node string) error {
	return s.power(ctx, node, obm.Session.PowerOff)
}

// NodePowerCycle restarts a node into network boot; one that is off is turned on.
func (s *Service) NodePowerCycle(ctx context.Context, node string, force bool) error {
	return s.power(ctx, node, func(o obm.Session, ctx context.Context) error { return o.PowerCycle(ctx, force) })
}

func (s *Service) power(ctx context.Context, node string, do func(obm.Session, context.Context) error) error {
	n, err := s.reachable(ctx, "node_power", node)
	if err != nil {
		return err
	}
	return s.powerOf(ctx, n, do)
}

// powerOf is power for a node that is reachable.
func (s *Service) powerOf(ctx context.Context, n core.Node, do func(obm.Session, context.Context) error) error {
	if s.DryRun {
		return nil
	}
	defer s.powerWanted(ctx, n) // also after a failure: what came of it is not known
	return s.atController(ctx, "node_power", n, func(ctx context.Context, o obm.Session) error { return do(o, ctx) })
}

// NodePowerStatus is "on", "off" or "unknown".
func (s *Service) NodePowerStatus(ctx context.Context, node string) (string, error) {
	status := obm.PowerUnknown
	err := s.outOfBand(ctx, "node_power", node, func(ctx context.Context, o obm.Session) (err error) {
		status, err = o.PowerStatus(ctx)
		return err
	})
	return status.String(), err
}

// bootDevices are what a node can boot from.
var bootDevices = []obm.BootDevice{obm.BootDisk, obm.BootPXE, obm.BootNone}

// NodeSetBootDevice chooses what a node boots from, "disk", "pxe" or "none": always, or only the next time.
func (s *Service) NodeSetBootDevice(ctx context.Context, node, dev string, once bool) error {
	if !slices.Contains(bootDevices, obm.BootDevice(dev)) {
		return core.FieldErrorf(core.BadArgument, "bootdev", "must be one of %v", bootDevices)
	}
	return s.outOfBand(ctx, "node_boot_device", node, func(ctx context.Context, o obm.Session) error {
		if once {
			return setNextBootDevice(ctx, o, obm.BootDevice(dev))
		}
		return o.SetBootDevice(ctx, obm.BootDevice(dev))
	})
}

// ownedNode finds a node that the caller may make the call on: of the own project, or as an administrator.
func (s *Service) ownedNode(ctx context.Context, call auth.Call, node string) (core.Node, error) {
	n, err := s.Store.Node(ctx, node)
	if err != nil {
		return core.Node{}, err
	}
	return n, auth.Check(ctx, call, auth.Of(n.ProjectID))
}

// reachable is ownedNode for calls that go to the node's controller.
func (s *Service) reachable(ctx context.Context, call auth.Call, node string) (core.Node, error) {
	n, err := s.ownedNode(ctx, call, node)
	if err == nil && !n.OBMEnabled {
		err = disabled(node)
	}
	return n, err
}

func disabled(node string) error {
	return core.Errorf(core.Blocked, "out-of-band management of node %s is disabled; enable it first", node)
}

// outOfBand runs a call against the node's controller.
func (s *Service) outOfBand(ctx context.Context, call auth.Call, node string, do func(context.Context, obm.Session) error) error {
	n, err := s.reachable(ctx, call, node)
	if err != nil || s.DryRun {
		return err
	}
	return s.atController(ctx, call, n, do)
}

// atController runs a call against the controller of a node that was found reachable. On this server the node does not
// change hands meanwhile; if it has since it was found, the call is not made.
func (s *Service) atController(ctx context.Context, call auth.Call, n core.Node, do func(context.Context, obm.Session) error) error {
	end, err := s.calls.begin(n.Label)
	if err != nil {
		return err
	}
	defer end()
	ctx, cancel := context.WithTimeout(ctx, deviceDeadline)
	defer cancel()
	o, err := openOBM(ctx, s.Drivers, n)
	if err != nil {
		return driverError("obm", err)
	}
	// Opening may have taken its time, and other servers do not wait for it.
	if err = s.unchanged(ctx, call, n); err == nil {
		err = do(ctx, o)
	}
	return driverError("obm", errors.Join(err, o.Close()))
}

// unchanged refuses a call on a node that was found reachable, if it is not any more, or not the same owner's.
func (s *Service) unchanged(ctx context.Context, call auth.Call, n core.Node) error {
	now, err := s.reachable(ctx, call, n.Label)
	if err == nil && (now.ID != n.ID || now.ProjectID != n.ProjectID) {
		err = core.Errorf(core.Blocked, "node %s has just changed hands; try again", n.Label)
	}
	return err
}

// openOBM opens a session with a node's controller.
func openOBM(ctx context.Context, d Drivers, n core.Node) (obm.Session, error) {
	driver, err := d.OBM(n.OBMType)
	if err != nil {
		return nil, err
	}
	return driver.Open(ctx, target(n.Label, n.OBMType, n.OBMSettings))
}
