package api

import (
	"context"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/core/service"
)

// Carried is what a port carries, or should.
type Carried struct {
	Native *int  `json:"native" minimum:"1" maximum:"4094" doc:"The VLAN of untagged frames, 1 to 4094; null if they go nowhere." example:"104"`
	Tagged []int `json:"tagged" doc:"The VLANs of tagged frames, 1 to 4094, ascending." example:"[105,106]"`
	Up     bool  `json:"up" doc:"Whether the port is administratively up. A port without networks is shut." example:"true"`
}

// PortState is what port-state tells: what a port should carry, and what the switch says it carries.
type PortState struct {
	Port       string   `json:"port" doc:"Name of the port, as it was registered." example:"gi1/0/2"`
	DeviceName string   `json:"device_name" doc:"The switch's own name of the port." example:"gigabitethernet1/0/2"`
	Node       *string  `json:"node" doc:"Label of the node that is cabled to the port; null if none is." example:"n1"`
	NIC        *string  `json:"nic" doc:"Label of the NIC that is cabled to the port; null if none is." example:"eth0"`
	Wanted     *Carried `json:"wanted,omitempty" doc:"What the port should carry; left out while the port is not the server's to keep, because no NIC was ever connected to it."`
	Running    *Carried `json:"running,omitempty" doc:"What the switch's running configuration says now; left out if the switch does not have the port; error says so."`
	InOrder    bool     `json:"in_order" doc:"Whether the switch has the port, and shows just what is wanted, if anything is." example:"true"`
	Difference *string  `json:"difference" doc:"What differs, in words for people; null if nothing does." example:"running carries VLAN 104 (native), wanted VLAN 105 (native)"`
	Pending    bool     `json:"pending" doc:"Whether a change of the port is under way; a difference is then no surprise." example:"false"`
	Error      *string  `json:"error" doc:"What to do about a port that the switch does not have; null otherwise." example:"switch sw1 does not have the port; correct its name, or delete it"`
}

// SwitchCheck is what switch-check tells.
type SwitchCheck struct {
	Switch       string      `json:"switch" doc:"Label of the switch." example:"sw1"`
	InOrder      bool        `json:"in_order" doc:"Whether every port is." example:"true"`
	UnsavedSince *time.Time  `json:"unsaved_since" doc:"Since when the running configuration differs from the saved one; null if it does not."`
	LastError    *string     `json:"last_error" doc:"What the server's last visit to the switch failed with; null if it went well."`
	Ports        []PortState `json:"ports" doc:"The registered ports."`
}

// SwitchTest is what switch-test tells of a switch that could be reached and logged in to.
type SwitchTest struct {
	Switch  string   `json:"switch" doc:"Label of the switch." example:"sw1"`
	Listed  bool     `json:"listed" doc:"Whether the driver can list the ports of its switches; if not, ports is empty." example:"true"`
	Ports   []string `json:"ports" doc:"All ports that the switch has, by its own names." example:"gigabitethernet1/0/1,gigabitethernet1/0/2"`
	Missing []string `json:"missing" doc:"The registered ports that the switch does not have." example:"gi1/0/99"`
}

func (s *server) states(g group) {
	query(g, operation{
		id: "port-state", method: http.MethodGet, path: portPath + "/state", summary: "Compare what a port should carry with what it carries",
		description: "The switch is asked now.", errors: deviceFailures(404),
	}, func(ctx context.Context, in *PortPath) (PortState, error) {
		p, err := s.Service.PortState(ctx, in.Switch, in.Port)
		return stateOf(p), err
	})
}

func (s *server) checks(g group) {
	query(g, operation{
		id: "switch-check", method: http.MethodGet, path: "/v0/switch/{switch}/check", summary: "Compare what all ports of a switch should carry with what they carry",
		description: "The switch is asked now, for all registered ports at once.", errors: deviceFailures(404),
	}, func(ctx context.Context, in *SwitchPath) (SwitchCheck, error) {
		c, err := s.Service.SwitchCheck(ctx, in.Switch)
		return checkOf(c), err
	})

	query(g, operation{
		id: "switch-test", method: http.MethodPost, path: "/v0/switch/{switch}/test", summary: "Reach a switch, log in and list its ports",
		description: "Nothing on the switch is changed. A switch that cannot be reached, or that does not let the server in, is a failure with its own words.",
		errors:      deviceFailures(404),
	}, func(ctx context.Context, in *SwitchPath) (SwitchTest, error) {
		t, err := s.Service.SwitchTest(ctx, in.Switch)
		return SwitchTest{Switch: t.Switch, Listed: t.Listed, Ports: list(t.Ports), Missing: list(t.Missing)}, err
	})
}

func checkOf(c service.SwitchCheck) SwitchCheck {
	ports := make([]PortState, 0, len(c.Ports))
	for _, p := range c.Ports {
		ports = append(ports, stateOf(p))
	}
	return SwitchCheck{
		Switch: c.Switch, InOrder: c.InOrder, UnsavedSince: moment(c.UnsavedSince), LastError: known(c.LastError), Ports: ports,
	}
}

func stateOf(p service.PortState) PortState {
	return PortState{
		Port: p.Port, DeviceName: p.DeviceName, Node: known(p.Node), NIC: known(p.NIC),
		Wanted: carriedOf(p.Wanted), Running: carriedOf(p.Running),
		InOrder: p.InOrder, Difference: known(p.Difference), Pending: p.Pending, Error: known(p.Error),
	}
}

func carriedOf(c *service.Carried) *Carried {
	if c == nil {
		return nil
	}
	shown := &Carried{Tagged: list(c.Tagged), Up: c.Up}
	if c.Native != 0 {
		shown.Native = &c.Native
	}
	return shown
}
