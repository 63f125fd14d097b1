package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
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

// StatusID is the answer to a call whose work goes on in the background.
type StatusID struct {
	StatusID string `json:"status_id" doc:"Where to ask how it goes: /networking_action/<status_id>." example:"9a06bb46-9c59-4e9b-9b5d-2c3c4a3f7a58"`
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

func (s *server) nicNetworks(g group) {
	query(g, operation{
		id: "node-connect-network", method: http.MethodPost, path: "/v0/node/{node}/nic/{nic}/connect_network", summary: "Connect a NIC to a network",
		description: "Answers at once; the switch is configured in the background. Ask /networking_action/<status_id> how it went.",
		status:      http.StatusAccepted, errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		NICPath
		Body NetworkConnection
	}) (StatusID, error) {
		id, err := s.Service.NodeConnectNetwork(ctx, in.Node, in.NIC, in.Body.Network, in.Body.Channel)
		return StatusID{id}, err
	})

	query(g, operation{
		id: "node-detach-network", method: http.MethodPost, path: "/v0/node/{node}/nic/{nic}/detach_network", summary: "Detach a NIC from a network",
		description: "Answers at once; the switch is configured in the background. Ask /networking_action/<status_id> how it went.",
		status:      http.StatusAccepted, errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		NICPath
		Body NetworkDetachment
	}) (StatusID, error) {
		id, err := s.Service.NodeDetachNetwork(ctx, in.Node, in.NIC, in.Body.Network)
		return StatusID{id}, err
	})
}
