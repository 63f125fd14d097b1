package api

import (
	"context"
	"net/http"
)

// Action is what networking-action-show tells.
type Action struct {
	Status     string  `json:"status" enum:"PENDING,DONE,ERROR" doc:"DONE only once the switch's running configuration shows it." example:"DONE"`
	Node       string  `json:"node" doc:"Label of the node." example:"n1"`
	NIC        string  `json:"nic" doc:"Label of the NIC." example:"eth0"`
	Type       string  `json:"type" enum:"modify_port,revert_port" doc:"What is to be done." example:"modify_port"`
	Channel    string  `json:"channel" doc:"The channel that changes; empty for revert_port." example:"vlan/native"`
	NewNetwork *string `json:"new_network" doc:"The network to connect to; null to detach." example:"w1"`
	Error      string  `json:"error,omitempty" doc:"What the device said, if the action failed."`
}

func (s *server) actions() {
	g := s.group("actions", "Changes of switch ports, which are carried out in the background.")

	query(g, operation{
		id: "networking-action-show", method: http.MethodGet, path: "/v0/networking_action/{status_id}",
		summary: "Show how a networking action goes", errors: []int{404},
	}, func(ctx context.Context, in *struct {
		StatusID string `path:"status_id" doc:"The status_id that the call was answered with." example:"9a06bb46-9c59-4e9b-9b5d-2c3c4a3f7a58"`
	}) (Action, error) {
		a, err := s.Service.NetworkingActionShow(ctx, in.StatusID)
		return Action{
			Status: a.Status, Node: a.Node, NIC: a.NIC, Type: a.Type, Channel: a.Channel,
			NewNetwork: known(a.NewNetwork), Error: a.Error,
		}, err
	})
}
