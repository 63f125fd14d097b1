package service

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

// SwitchUpdate changes settings of a switch: those that are given replace the registered ones, null removes one, and the
// others stay. The ports must be the same ones for the driver as before. What failed with the old settings is tried again
// at once, and every port that the server keeps is held against the switch.
func (s *Service) SwitchUpdate(ctx context.Context, sw string, changes DriverSettings) error {
	if err := auth.Check(ctx, "switch_update", auth.Nothing); err != nil {
		return err
	}
	old, err := s.Store.Switch(ctx, sw)
	if err != nil {
		return err
	}
	changed, err := s.changedSwitch(ctx, old, changes)
	if err != nil {
		return err
	}
	ports, err := s.keptPorts(ctx, changed)
	if err != nil {
		return err
	}
	err = s.Store.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if err := q.UpdateSwitch(ctx, old, changed.Settings); err != nil {
			return err
		}
		now, err := q.PortLabels(ctx, old.ID)
		if err == nil && !slices.Equal(now, ports) {
			err = core.Errorf(core.IllegalState, "ports of switch %s have been registered or deleted meanwhile; try again", sw)
		}
		return err
	})
	if err == nil {
		s.Wake()
	}
	return err
}

// changedSwitch is a switch with changed settings, which its driver has checked.
func (s *Service) changedSwitch(ctx context.Context, w core.Switch, changes DriverSettings) (core.Switch, error) {
	if changes.Type != "" && changes.Type != w.Type {
		return core.Switch{}, core.FieldErrorf(core.BadArgument, "type",
			"switch %s is of type %s, which cannot be changed; delete the switch, and register it again", w.Label, w.Type)
	}
	settings, err := merge(w.Settings, changes.Settings)
	if err != nil {
		return core.Switch{}, err
	}
	driver, err := s.Drivers.Switch(w.Type)
	if err != nil {
		return core.Switch{}, driverError("switch", err)
	}
	w.Settings, err = checkSwitch(ctx, driver, w.Label, DriverSettings{Type: w.Type, Settings: settings})
	return w, err
}

// merge is what was registered with the changes made.
func merge(registered core.Settings, changes map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(registered), &all); err != nil {
		return nil, fmt.Errorf("read the registered settings: %w", err)
	}
	for name := range changes {
		if other, ok := misspelt(all, name); ok {
			return nil, core.FieldErrorf(core.BadArgument, name, "is registered as %q; spell it so", other)
		}
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
	return all, nil
}

// misspelt is the name under which a setting is registered, if that differs in case alone: a driver may take both for one,
// and nobody could say which of them counts.
func misspelt(registered map[string]json.RawMessage, name string) (other string, ok bool) {
	for other := range registered {
		if other != name && strings.EqualFold(other, name) {
			return other, true
		}
	}
	return "", false
}

// keptPorts are the names of the switch's ports, each of which the driver takes for the same port as before.
func (s *Service) keptPorts(ctx context.Context, changed core.Switch) ([]string, error) {
	ports, err := s.Store.Ports(ctx, changed.ID)
	if err != nil {
		return nil, err
	}
	labels := make([]string, 0, len(ports))
	for _, p := range ports {
		name, err := s.deviceName(ctx, changed, p.Label)
		switch {
		case core.KindOf(err) == core.BadArgument:
			return nil, core.Errorf(core.Blocked, "with these settings the switch has no port %s: %v; delete the port first", p.Label, err)
		case err != nil:
			return nil, err
		case name != p.DeviceName:
			return nil, core.Errorf(core.Blocked, "with these settings port %s would be the switch's %s, and is %s now; delete the port first",
				p.Label, name, p.DeviceName)
		}
		labels = append(labels, p.Label)
	}
	return labels, nil
}
