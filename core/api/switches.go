package api

import (
	"context"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/core/service"
)

// Switch is what switch-show tells. The driver's settings are never part of it: they contain secrets.
type Switch struct {
	Name         string       `json:"name" doc:"Label of the switch." example:"sw1"`
	Type         string       `json:"type" doc:"Type URL of the switch's driver." example:"http://schema.massopencloud.org/haas/v0/switches/mock"`
	Ports        []SwitchPort `json:"ports" doc:"The registered ports."`
	Capabilities []string     `json:"capabilities" doc:"What the driver says about its switches." example:"nativeless-trunk-mode"`
	UnsavedSince *time.Time   `json:"unsaved_since" doc:"Since when the running configuration differs from the saved one; null if it does not."`
	LastError    *string      `json:"last_error" doc:"What the last visit to the switch failed with; null if it went well."`
}

// SwitchPort is a port in a Switch.
type SwitchPort struct {
	Label string `json:"label" doc:"Name of the port." example:"gi1/0/2"`
}

func (s *server) switches() {
	g := s.group("switches", "Switches that the server configures.")

	query(g, operation{
		id: "switch-list", method: http.MethodGet, path: "/v0/switches", summary: "List all switches",
	}, func(ctx context.Context, _ *struct{}) ([]string, error) {
		names, err := s.Service.SwitchList(ctx)
		return list(names), err
	})

	query(g, operation{
		id: "switch-show", method: http.MethodGet, path: "/v0/switch/{switch}", summary: "Show a switch", errors: []int{404},
	}, func(ctx context.Context, in *SwitchPath) (Switch, error) {
		sw, err := s.Service.SwitchShow(ctx, in.Switch)
		return switchOf(sw), err
	})

	command(g, operation{
		id: "switch-register", method: http.MethodPut, path: "/v0/switch/{switch}", summary: "Register a switch",
		description: "The member type names the driver; the other members are that driver's settings.", errors: deviceFailures(409),
	}, func(ctx context.Context, in *struct {
		SwitchPath
		Body SwitchRegistration
	}) error {
		return s.Service.SwitchRegister(ctx, in.Switch, in.Body.DriverSettings)
	})

	command(g, operation{
		id: "switch-update", method: http.MethodPost, path: "/v0/switch/{switch}/settings", summary: "Change settings of a switch",
		description: "What is given replaces what was registered, null removes a setting, and what is left out stays, secrets too. The type " +
			"cannot be changed. What failed before is tried again at once.",
		errors: deviceFailures(404, 409), removes: true,
	}, func(ctx context.Context, in *struct {
		SwitchPath
		Body SwitchSettings
	}) error {
		return s.Service.SwitchUpdate(ctx, in.Switch, in.Body.DriverSettings)
	})

	command(g, operation{
		id: "switch-delete", method: http.MethodDelete, path: "/v0/switch/{switch}", summary: "Delete a switch",
		description: "It must have no ports.", errors: []int{404, 409},
	}, func(ctx context.Context, in *SwitchPath) error { return s.Service.SwitchDelete(ctx, in.Switch) })

	s.checks(g)
}

func switchOf(sw service.Switch) Switch {
	ports := make([]SwitchPort, 0, len(sw.Ports))
	for _, p := range sw.Ports {
		ports = append(ports, SwitchPort{p})
	}
	return Switch{
		Name: sw.Name, Type: sw.Type, Ports: ports, Capabilities: list(sw.Capabilities),
		UnsavedSince: moment(sw.UnsavedSince), LastError: known(sw.LastError),
	}
}

// moment is a time in milliseconds since 1970, nil for 0.
func moment(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}
