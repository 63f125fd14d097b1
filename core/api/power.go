package api

import (
	"context"
	"net/http"
)

// OBMState is the body of node-set-obm.
type OBMState struct {
	Enabled bool `json:"enabled" doc:"Whether out-of-band calls for the node are executed." example:"true"`
}

// PowerCycle is the body of node-power-cycle.
type PowerCycle struct {
	Force bool `json:"force,omitempty" doc:"Reset at once instead of asking the machine to shut down."`
}

// PowerStatus is the answer of node-power-status.
type PowerStatus struct {
	PowerStatus string `json:"power_status" doc:"on or off." example:"on"`
}

// BootDevice is the body of node-set-boot-device.
type BootDevice struct {
	BootDevice string `json:"bootdev" doc:"disk, pxe or none." example:"pxe"`
	Once       bool   `json:"once,omitempty" doc:"Choose for the next start alone; none then forgets such a choice. Not every controller can."`
}

// deviceFailures are the statuses of calls that a device answers.
func deviceFailures(more ...int) []int {
	return append(more, http.StatusBadGateway, http.StatusGatewayTimeout)
}

func (s *server) power() {
	g := s.group("power", "Out-of-band management of nodes: power, boot device, sensors, inventory and identification lamp.")

	command(g, operation{
		id: "node-set-obm", method: http.MethodPut, path: "/v0/node/{node}/obm", summary: "Enable or disable out-of-band calls for a node",
		description: "They are enabled at first. While they are disabled, all calls that need the node's controller answer 409.", errors: []int{404},
	}, func(ctx context.Context, in *struct {
		NodePath
		Body OBMState
	}) error {
		return s.Service.NodeSetOBM(ctx, in.Node, in.Body.Enabled)
	})

	command(g, operation{
		id: "node-power-on", method: http.MethodPost, path: "/v0/node/{node}/power_on", summary: "Switch a node on", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *NodePath) error { return s.Service.NodePowerOn(ctx, in.Node) })

	command(g, operation{
		id: "node-power-off", method: http.MethodPost, path: "/v0/node/{node}/power_off", summary: "Switch a node off", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *NodePath) error { return s.Service.NodePowerOff(ctx, in.Node) })

	command(g, operation{
		id: "node-power-cycle", method: http.MethodPost, path: "/v0/node/{node}/power_cycle", summary: "Switch a node off and on again", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		NodePath
		// A pointer, so that the document calls the body optional. It is never nil: no body is read as {}.
		Body *PowerCycle
	}) error {
		return s.Service.NodePowerCycle(ctx, in.Node, in.Body.Force)
	})

	s.boot(g)
	s.powers(g)
	s.abilities(g)
}

func (s *server) boot(g group) {
	query(g, operation{
		id: "node-power-status", method: http.MethodGet, path: "/v0/node/{node}/power_status", summary: "Tell whether a node is on", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *NodePath) (PowerStatus, error) {
		status, err := s.Service.NodePowerStatus(ctx, in.Node)
		return PowerStatus{status}, err
	})

	command(g, operation{
		id: "node-set-boot-device", method: http.MethodPut, path: "/v0/node/{node}/boot_device", summary: "Choose what a node boots from", errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		NodePath
		Body BootDevice
	}) error {
		return s.Service.NodeSetBootDevice(ctx, in.Node, in.Body.BootDevice, in.Body.Once)
	})
}
