package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/CCI-MOC/haas/core/service"
)

// NodeRegistration is the body of node-register.
type NodeRegistration struct {
	OBM      NodeOBM                    `json:"obm" doc:"The node's out-of-band controller."`
	Metadata map[string]json.RawMessage `json:"metadata,omitempty" doc:"Notes on the node: any JSON value under each label."`
}

// MetadataValue is the body of node-set-metadata.
type MetadataValue struct {
	Value json.RawMessage `json:"value" doc:"Any JSON value."`
}

// Node is what node-show tells.
type Node struct {
	Name     string            `json:"name" example:"n1" doc:"Label of the node."`
	Project  *string           `json:"project" example:"p1" doc:"Label of the project that has the node; null while it is free."`
	NICs     []NIC             `json:"nics" doc:"The node's NICs."`
	Metadata map[string]string `json:"metadata" doc:"The notes on the node by label. Each value is JSON text, so that a string comes with its quotes."`
}

// NIC is a network card of a Node.
type NIC struct {
	Label    string            `json:"label" example:"eth0" doc:"Label of the NIC."`
	MACAddr  string            `json:"macaddr" example:"52:54:00:12:34:56" doc:"MAC address of the NIC."`
	Networks map[string]string `json:"networks" doc:"The networks the NIC is on, by channel. A pending action does not show."`
	Port     Cable             `json:"port,omitzero" doc:"The port that the NIC is cabled to, null if to none. Only administrators see it."`
	Switch   Cable             `json:"switch,omitzero" doc:"The switch that the NIC is cabled to, null if to none. Only administrators see it."`
}

// NodeFilter chooses a list of nodes.
type NodeFilter struct {
	Filter   string `path:"filter" doc:"\"free\" for the free nodes; \"all\", or any other word, for all." example:"free"`
	Metadata string `query:"metadata" doc:"Only nodes with a note: its label, or LABEL=VALUE. Notes count on the nodes that the caller may be shown." example:"gpu=a100"`
	PageQuery
}

func (s *server) nodes() {
	g := s.group("nodes", "Physical machines, their NICs and the notes on them.")

	query(g, operation{
		id: "node-list", method: http.MethodGet, path: "/v0/nodes/{filter}", summary: "List all nodes, or the free ones",
		description: "Also answered at /node/all, /node/free and /free_nodes.",
	}, func(ctx context.Context, in *NodeFilter) ([]string, error) {
		names, err := s.Service.NodeList(ctx, service.NodeFilter{Free: in.Filter == "free", Metadata: in.Metadata}, in.page())
		return list(names), err
	})

	query(g, operation{
		id: "node-show", method: http.MethodGet, path: "/v0/node/{node}", summary: "Show a node", errors: []int{404},
	}, func(ctx context.Context, in *NodePath) (Node, error) {
		n, err := s.Service.NodeShow(ctx, in.Node)
		return nodeOf(n), err
	})

	command(g, operation{
		id: "node-register", method: http.MethodPut, path: "/v0/node/{node}", summary: "Register a node",
		description: "The member type of obm names the driver; its other members are that driver's settings.", errors: []int{409, 502, 504},
	}, func(ctx context.Context, in *struct {
		NodePath
		Body NodeRegistration
	}) error {
		return s.Service.NodeRegister(ctx, in.Node, in.Body.OBM.DriverSettings, in.Body.Metadata)
	})

	command(g, operation{
		id: "node-delete", method: http.MethodDelete, path: "/v0/node/{node}", summary: "Delete a node",
		description: "It must be free and have no NICs.", errors: []int{404, 409},
	}, func(ctx context.Context, in *NodePath) error { return s.Service.NodeDelete(ctx, in.Node) })

	s.metadata(g)
}

// MetadataPath names a note on a node.
type MetadataPath struct {
	NodePath
	Label string `path:"label" doc:"Label of the note, unique on its node." example:"rack"`
}

func (s *server) metadata(g group) {
	command(g, operation{
		id: "node-set-metadata", method: http.MethodPut, path: "/v0/node/{node}/metadata/{label}", summary: "Put a note on a node",
		description: "It replaces an older one with the label.", errors: []int{404}, nullable: "value",
	}, func(ctx context.Context, in *struct {
		MetadataPath
		Body MetadataValue
	}) error {
		return s.Service.NodeSetMetadata(ctx, in.Node, in.Label, in.Body.Value)
	})

	command(g, operation{
		id: "node-delete-metadata", method: http.MethodDelete, path: "/v0/node/{node}/metadata/{label}",
		summary: "Remove a note from a node", errors: []int{404},
	}, func(ctx context.Context, in *MetadataPath) error {
		return s.Service.NodeDeleteMetadata(ctx, in.Node, in.Label)
	})
}

func nodeOf(n service.Node) Node {
	nics := make([]NIC, 0, len(n.NICs))
	for _, c := range n.NICs {
		nics = append(nics, NIC{
			Label: c.Label, MACAddr: c.MACAddr, Networks: byLabel(c.Networks),
			Port: Cable{shown: n.Cabling, end: c.Port}, Switch: Cable{shown: n.Cabling, end: c.Switch},
		})
	}
	return Node{Name: n.Name, Project: known(n.Project), NICs: nics, Metadata: byLabel(n.Metadata)}
}
