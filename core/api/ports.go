package api

import (
	"context"
	"net/http"

	"github.com/CCI-MOC/haas/core/service"
)

// PortConnection is the body of port-connect-nic.
type PortConnection struct {
	Node string `json:"node" doc:"Label of the node." example:"n1"`
	NIC  string `json:"nic" doc:"Label of the NIC." example:"eth0"`
}

// Port is what port-show tells: nothing, if no NIC is cabled to the port.
type Port struct {
	Node     string            `json:"node,omitempty" doc:"Label of the node." example:"n1"`
	NIC      string            `json:"nic,omitempty" doc:"Label of the NIC." example:"eth0"`
	Networks map[string]string `json:"networks,omitzero" doc:"The networks the NIC is on, by channel."`
}

const portPath = "/v0/switch/{switch}/port/{port}"

func (s *server) ports() {
	g := s.group("ports", "Ports of switches, and the cables in them.")

	query(g, operation{
		id: "port-show", method: http.MethodGet, path: portPath, summary: "Show a port", errors: []int{404},
	}, func(ctx context.Context, in *PortPath) (Port, error) {
		p, err := s.Service.PortShow(ctx, in.Switch, in.Port)
		if err != nil || p.Node == "" {
			return Port{}, err
		}
		return Port{Node: p.Node, NIC: p.NIC, Networks: byLabel(p.Networks)}, nil
	})

	command(g, operation{
		id: "switch-register-port", method: http.MethodPut, path: portPath, summary: "Register a port",
		description: "From then on the server owns its configuration.", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *PortPath) error {
		return s.Service.SwitchRegisterPort(ctx, in.Switch, in.Port)
	})

	command(g, operation{
		id: "switch-delete-port", method: http.MethodDelete, path: portPath, summary: "Delete a port",
		description: "No NIC may be connected to it, and the switch must have confirmed that it is closed.", errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		PortPath
		Force bool `query:"force" doc:"Delete the port although the switch cannot confirm that it is closed."`
	}) error {
		return s.Service.SwitchDeletePort(ctx, in.Switch, in.Port, in.Force)
	})

	s.cables(g)
	s.states(g)
}

func (s *server) cables(g group) {
	command(g, operation{
		id: "port-connect-nic", method: http.MethodPost, path: portPath + "/connect_nic", summary: "Tell that a NIC is cabled to a port", errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		PortPath
		Body PortConnection
	}) error {
		return s.Service.PortConnectNIC(ctx, in.Switch, in.Port, in.Body.Node, in.Body.NIC)
	})

	command(g, operation{
		id: "port-detach-nic", method: http.MethodPost, path: portPath + "/detach_nic", summary: "Tell that a port's cable was pulled",
		description: "The node must be free.", errors: []int{404, 409},
	}, func(ctx context.Context, in *PortPath) error {
		return s.Service.PortDetachNIC(ctx, in.Switch, in.Port)
	})

	change(g, operation{
		id: "port-revert", method: http.MethodPost, path: portPath + "/revert", summary: "Take a port's NIC off all networks",
		// HIL's status, which its clients expect.
		status: http.StatusOK,
	}, func(ctx context.Context, in *reverting) (string, error) {
		return s.Service.PortRevert(ctx, in.Switch, in.Port)
	}, func(ctx context.Context, in *reverting) (service.Plan, error) {
		return s.Service.PortRevertPlan(ctx, in.Switch, in.Port)
	})
}

// reverting are the arguments of port-revert.
type reverting struct {
	PortPath
	DryRun
}
