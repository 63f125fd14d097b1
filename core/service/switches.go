package service

import (
	"context"
	"slices"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// SwitchRegister adds a switch, whose settings the driver of its type checks.
func (s *Service) SwitchRegister(ctx context.Context, sw string, settings DriverSettings) error {
	if err := auth.Check(ctx, "switch_register", auth.Nothing); err != nil {
		return err
	}
	if err := core.CheckLabel("switch", sw); err != nil {
		return err
	}
	if _, err := s.Store.Switch(ctx, sw); core.KindOf(err) != core.NotFound {
		return exists("switch", sw, err)
	}
	driver, err := s.Drivers.Switch(settings.Type)
	if err != nil {
		return unknownType("type", "switch", err)
	}
	encoded, err := checkSwitch(ctx, driver, sw, settings)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		return q.CreateSwitch(ctx, &core.Switch{Label: sw, Type: settings.Type, Settings: encoded})
	})
}

// checkSwitch has the driver check settings, and gives them as they are stored.
func checkSwitch(ctx context.Context, driver netswitch.Driver, sw string, d DriverSettings) (core.Settings, error) {
	settings, err := d.encode()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, checkDeadline)
	defer cancel()
	return settings, driverError("switch", driver.ValidateTarget(ctx, target(sw, d.Type, settings)))
}

// SwitchDelete removes a switch without ports.
func (s *Service) SwitchDelete(ctx context.Context, sw string) error {
	if err := auth.Check(ctx, "switch_delete", auth.Nothing); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		w, err := q.Switch(ctx, sw)
		if err != nil {
			return err
		}
		ports, err := q.PortLabels(ctx, w.ID)
		if err != nil {
			return err
		}
		if len(ports) > 0 {
			return core.Errorf(core.Blocked, "switch %s has %d ports; delete them first", sw, len(ports))
		}
		return q.DeleteSwitch(ctx, w.ID)
	})
}

// SwitchList lists the switches, sorted.
func (s *Service) SwitchList(ctx context.Context) ([]string, error) {
	if err := auth.Check(ctx, "switch_list", auth.Nothing); err != nil {
		return nil, err
	}
	return s.Store.SwitchLabels(ctx)
}

// SwitchShow tells of a switch, its ports, and how its lane is doing.
func (s *Service) SwitchShow(ctx context.Context, sw string) (Switch, error) {
	if err := auth.Check(ctx, "switch_show", auth.Nothing); err != nil {
		return Switch{}, err
	}
	w, err := s.Store.Switch(ctx, sw)
	if err != nil {
		return Switch{}, err
	}
	ports, err := s.Store.PortLabels(ctx, w.ID)
	if err != nil {
		return Switch{}, err
	}
	lane, err := s.Store.Lane(ctx, w.ID)
	if err != nil {
		return Switch{}, err
	}
	return Switch{
		Name: w.Label, Type: w.Type, Ports: ports, Capabilities: s.capabilities(w),
		UnsavedSince: lane.UnsavedSince, LastError: lane.LastError,
	}, nil
}

// capabilities are those of the switch's type, none while its driver is not loaded.
func (s *Service) capabilities(w core.Switch) []string {
	types := s.Drivers.Types(netswitch.Kind)
	at := slices.IndexFunc(types, func(t sdk.Type) bool { return t.URL == w.Type })
	if at < 0 {
		return []string{}
	}
	return append([]string{}, types[at].Capabilities...)
}
