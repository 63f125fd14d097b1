package api

import (
	"context"
	"net/http"

	"github.com/CCI-MOC/haas/core/service"
)

// NodePower is one node in the answer of node-power-list.
type NodePower struct {
	Node    string   `json:"node" doc:"Label of the node." example:"n1"`
	Project *string  `json:"project" doc:"Label of the project that has the node; null while it is free." example:"p1"`
	Power   string   `json:"power" enum:"on,off,unknown" doc:"What the node's controller told when it was asked last; unknown if it did not answer." example:"on"`
	Age     *float64 `json:"age" minimum:"0" doc:"How many seconds ago the controller told, or was given up; null if it was not asked." example:"31.5"`
	Error   string   `json:"error" doc:"Why the power is unknown, in the driver's words; empty if it is known."`
}

// PowerQuery chooses how a list of powers comes about.
type PowerQuery struct {
	Fresh bool `query:"fresh" doc:"Ask every controller now, and answer when each has told or was given up." example:"false"`
}

func (s *server) powers(g group) {
	query(g, operation{
		id: "node-power-list", method: http.MethodGet, path: "/v0/nodes/power", summary: "Tell which nodes are on",
		description: "Of the nodes in the caller's projects; administrators are told of all nodes. The server asks the controllers in the background, " +
			"and after each call that changes a node's power; the answer says how old it is.",
	}, func(ctx context.Context, in *PowerQuery) ([]NodePower, error) {
		found, err := s.Service.NodePowerList(ctx, in.Fresh)
		all := make([]NodePower, 0, len(found))
		for _, p := range found {
			all = append(all, powerOf(p))
		}
		return all, err
	})
}

func powerOf(p service.NodePower) NodePower {
	shown := NodePower{Node: p.Node, Project: known(p.Project), Power: p.Power, Error: p.Error}
	if p.Asked {
		shown.Age = new(p.Age.Seconds())
	}
	return shown
}
