package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/CCI-MOC/haas/core/service"
)

// NICRegistration is the body of node-register-nic.
type NICRegistration struct {
	MACAddr string `json:"macaddr" doc:"MAC address of the NIC, in any usual spelling." example:"52:54:00:12:34:56"`
}

// NetworkConnection is the body of node-connect-network.
type NetworkConnection struct {
	Network string `json:"network" doc:"Label of the network." example:"w1"`
	Channel string `json:"channel,omitempty" doc:"How the frames travel: vlan/native (untagged) or vlan/<VLAN of the network> (tagged). Empty or left out: vlan/native." example:"vlan/native"`
}

// NetworkDetachment is the body of node-detach-network.
type NetworkDetachment struct {
	Network string `json:"network" doc:"Label of the network." example:"w1"`
}

// Cable is the end of a NIC's cable as far as the caller may see it.
type Cable struct {
	shown bool
	end   string
}

// IsZero says that the caller may not see the end, not even that there is none.
func (c Cable) IsZero() bool { return !c.shown }

// MarshalJSON is the end's label, or null if the NIC is not cabled.
func (c Cable) MarshalJSON() ([]byte, error) { return json.Marshal(known(c.end)) }

// Schema is that of a string or null.
func (Cable) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true}
}

// byLabel is a map as JSON should show it: never null.
func byLabel[T any](m map[string]T) map[string]T {
	if m == nil {
		return map[string]T{}
	}
	return m
}

func (s *server) nics() {
	g := s.group("NICs", "Network cards of nodes, and the networks they are on.")

	command(g, operation{
		id: "node-register-nic", method: http.MethodPut, path: "/v0/node/{node}/nic/{nic}", summary: "Register a NIC", errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		NICPath
		Body NICRegistration
	}) error {
		return s.Service.NodeRegisterNIC(ctx, in.Node, in.NIC, in.Body.MACAddr)
	})

	command(g, operation{
		id: "node-delete-nic", method: http.MethodDelete, path: "/v0/node/{node}/nic/{nic}", summary: "Delete a NIC",
		description: "Its node must be free.", errors: []int{404, 409},
	}, func(ctx context.Context, in *NICPath) error { return s.Service.NodeDeleteNIC(ctx, in.Node, in.NIC) })

	s.nicNetworks(g)
}

// connecting are the arguments of node-connect-network.
type connecting struct {
	NICPath
	DryRun
	Body NetworkConnection
}

// detaching are the arguments of node-detach-network.
type detaching struct {
	NICPath
	DryRun
	Body NetworkDetachment
}

func (s *server) nicNetworks(g group) {
	change(g, operation{
		id: "node-connect-network", method: http.MethodPost, path: "/v0/node/{node}/nic/{nic}/connect_network", summary: "Connect a NIC to a network",
		status: http.StatusAccepted,
	}, func(ctx context.Context, in *connecting) (string, error) {
		return s.Service.NodeConnectNetwork(ctx, in.Node, in.NIC, in.Body.Network, in.Body.Channel)
	}, func(ctx context.Context, in *connecting) (service.Plan, error) {
		return s.Service.NodeConnectNetworkPlan(ctx, in.Node, in.NIC, in.Body.Network, in.Body.Channel)
	})

	change(g, operation{
		id: "node-detach-network", method: http.MethodPost, path: "/v0/node/{node}/nic/{nic}/detach_network", summary: "Detach a NIC from a network",
		status: http.StatusAccepted,
	}, func(ctx context.Context, in *detaching) (string, error) {
		return s.Service.NodeDetachNetwork(ctx, in.Node, in.NIC, in.Body.Network)
	}, func(ctx context.Context, in *detaching) (service.Plan, error) {
		return s.Service.NodeDetachNetworkPlan(ctx, in.Node, in.NIC, in.Body.Network)
	})
}
