package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/CCI-MOC/haas/core/service"
)

// NetworkCreation is the body of network-create.
type NetworkCreation struct {
	Owner  string     `json:"owner" doc:"Label of the project that owns the network, or \"admin\". Older name: creator." example:"p1"`
	Access AccessList `json:"access" doc:"Who may connect: the label of a project, a list of labels, or \"\" for everybody."`
	NetID  string     `json:"net_id" doc:"\"\" to take a VLAN from the pool; an administrator may name one, 1 to 4094." example:""`
}

// AccessList is who may connect to a new network.
type AccessList struct{ service.Access }

// Schema is that of a name or a list of names.
func (AccessList) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString}
	return &huma.Schema{
		OneOf:    []*huma.Schema{text, {Type: huma.TypeArray, Items: text}},
		Examples: []any{"p1"},
	}
}

// UnmarshalJSON takes a name, "" for everybody, or a list. An empty list is nobody.
func (a *AccessList) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, &a.Projects)
	}
	var name string
	if err := json.Unmarshal(b, &name); err != nil {
		return err
	}
	if name == "" {
		a.Public = true
		return nil
	}
	a.Projects = []string{name}
	return nil
}

// NetworkSummary is one network in network-list.
type NetworkSummary struct {
	NetworkID string   `json:"network_id" doc:"The network's VLAN." example:"104"`
	Projects  []string `json:"projects" nullable:"true" doc:"The projects that have access; null if everybody has."`
}

// Network is what network-show tells.
type Network struct {
	Name           string              `json:"name" doc:"Label of the network." example:"w1"`
	Owner          string              `json:"owner" doc:"The project that owns the network, or \"admin\"." example:"p1"`
	Creator        string              `json:"creator" doc:"The same as owner, for older clients." example:"p1"`
	Access         []string            `json:"access" nullable:"true" doc:"The projects that have access; null if everybody has."`
	Channels       []string            `json:"channels" doc:"The channels a NIC may be connected on." example:"vlan/native,vlan/104"`
	ConnectedNodes map[string][]string `json:"connected-nodes" doc:"The NICs on the network by node, as far as the caller may see them."`
}

// Attachment is one node in network-attachments.
type Attachment struct {
	NIC     string `json:"nic" doc:"Label of the NIC." example:"eth0"`
	Channel string `json:"channel" doc:"The channel it is connected on." example:"vlan/native"`
	Project string `json:"project" doc:"The project that has the node." example:"p1"`
}

// AccessPath names a network and a project.
type AccessPath struct {
	NetworkPath
	ProjectPath
}

func (s *server) networks() {
	g := s.group("networks", "Isolated layer-2 networks.")

	query(g, operation{
		id: "network-list", method: http.MethodGet, path: "/v0/networks", summary: "List the networks the caller may see, by label",
	}, func(ctx context.Context, _ *struct{}) (map[string]NetworkSummary, error) {
		networks, err := s.Service.NetworkList(ctx)
		return summariesOf(networks), err
	})

	query(g, operation{
		id: "network-show", method: http.MethodGet, path: "/v0/network/{network}", summary: "Show a network", errors: []int{404},
	}, func(ctx context.Context, in *NetworkPath) (Network, error) {
		n, err := s.Service.NetworkShow(ctx, in.Network)
		return networkOf(n), err
	})

	command(g, operation{
		id: "network-create", method: http.MethodPut, path: "/v0/network/{network}", summary: "Create a network",
		errors: []int{404, 409}, oldNames: map[string]string{"creator": "owner"},
	}, func(ctx context.Context, in *struct {
		NetworkPath
		Body NetworkCreation
	}) error {
		return s.Service.NetworkCreate(ctx, in.Network, in.Body.Owner, in.Body.Access.Access, in.Body.NetID)
	})

	command(g, operation{
		id: "network-delete", method: http.MethodDelete, path: "/v0/network/{network}", summary: "Delete a network",
		description: "No NIC may be on it or about to be.", errors: []int{404, 409},
	}, func(ctx context.Context, in *NetworkPath) error { return s.Service.NetworkDelete(ctx, in.Network) })

	s.access(g)
	s.attachments(g)
}

func (s *server) access(g group) {
	command(g, operation{
		id: "network-grant-access", method: http.MethodPut, path: "/v0/network/{network}/access/{project}",
		summary: "Let a project connect to a network", errors: []int{404, 409},
	}, func(ctx context.Context, in *AccessPath) error {
		return s.Service.NetworkGrantAccess(ctx, in.Network, in.Project)
	})

	command(g, operation{
		id: "network-revoke-access", method: http.MethodDelete, path: "/v0/network/{network}/access/{project}",
		summary: "Take a project's access to a network", description: "The project must have nothing on the network, and not own it.", errors: []int{404, 409},
	}, func(ctx context.Context, in *AccessPath) error {
		return s.Service.NetworkRevokeAccess(ctx, in.Network, in.Project)
	})
}

func (s *server) attachments(g group) {
	query(g, operation{
		id: "network-attachments", method: http.MethodGet, path: "/v0/network/{network}/attachments", summary: "List the nodes on a network", errors: []int{404},
	}, func(ctx context.Context, in *struct {
		NetworkPath
		Project string `query:"project" doc:"Only the nodes of this project." example:"p1"`
	}) (map[string]Attachment, error) {
		found, err := s.Service.NetworkAttachments(ctx, in.Network, in.Project)
		nodes := map[string]Attachment{}
		for _, a := range found {
			nodes[a.Node] = Attachment{NIC: a.NIC, Channel: a.Channel, Project: a.Project}
		}
		return nodes, err
	})
}

func summariesOf(networks []service.NetworkSummary) map[string]NetworkSummary {
	summaries := map[string]NetworkSummary{}
	for _, n := range networks {
		summaries[n.Name] = NetworkSummary{NetworkID: strconv.Itoa(n.VLAN), Projects: accessOf(n.Public, n.Projects)}
	}
	return summaries
}

func networkOf(n service.Network) Network {
	return Network{
		Name: n.Name, Owner: n.Owner, Creator: n.Owner, Access: accessOf(n.Public, n.Access),
		Channels: list(n.Channels), ConnectedNodes: byLabel(n.ConnectedNodes),
	}
}

// accessOf is null for a public network, and a list, perhaps an empty one, for any other.
func accessOf(public bool, projects []string) []string {
	if public {
		return nil
	}
	return list(projects)
}
