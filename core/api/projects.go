package api

import (
	"context"
	"net/http"
)

// ProjectNode is the body of project-connect-node.
type ProjectNode struct {
	Node string `json:"node" doc:"Label of the node." example:"n1"`
}

// ProjectNodeRelease is the body of project-detach-node.
type ProjectNodeRelease struct {
	Node  string `json:"node" doc:"Label of the node." example:"n1"`
	Force bool   `json:"force,omitempty" doc:"For administrators: free the node although its switch cannot confirm that its ports are closed. The ports stay in quarantine until it does."`
}

func (s *server) projects() {
	g := s.group("projects", "Tenants. Nodes, networks and headnodes belong to projects, users are members of them.")

	query(g, operation{
		id: "project-list", method: http.MethodGet, path: "/v0/projects", summary: "List all projects",
	}, func(ctx context.Context, in *PageQuery) ([]string, error) {
		names, err := s.Service.ProjectList(ctx, in.page())
		return list(names), err
	})

	command(g, operation{
		id: "project-create", method: http.MethodPut, path: "/v0/project/{project}", summary: "Create a project", errors: []int{409},
	}, func(ctx context.Context, in *ProjectPath) error { return s.Service.ProjectCreate(ctx, in.Project) })

	command(g, operation{
		id: "project-delete", method: http.MethodDelete, path: "/v0/project/{project}", summary: "Delete a project",
		description: "It must have no nodes, no networks, no access to networks that are not public, and no headnodes.",
		errors:      []int{404, 409},
	}, func(ctx context.Context, in *ProjectPath) error { return s.Service.ProjectDelete(ctx, in.Project) })

	s.projectNodes(g)
	s.projectLists(g)
}

func (s *server) projectNodes(g group) {
	command(g, operation{
		id: "project-connect-node", method: http.MethodPost, path: "/v0/project/{project}/connect_node",
		summary: "Reserve a free node for a project", errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		ProjectPath
		Body ProjectNode
	}) error {
		return s.Service.ProjectConnectNode(ctx, in.Project, in.Body.Node)
	})

	command(g, operation{
		id: "project-detach-node", method: http.MethodPost, path: "/v0/project/{project}/detach_node",
		summary:     "Release a node from a project",
		description: "No NIC of the node may be on a network or have an action pending. The node's consoles are closed.",
		errors:      []int{404, 409},
	}, func(ctx context.Context, in *struct {
		ProjectPath
		Body ProjectNodeRelease
	}) error {
		return s.Service.ProjectDetachNode(ctx, in.Project, in.Body.Node, in.Body.Force)
	})
}

func (s *server) projectLists(g group) {
	lists := []struct {
		id, path, summary string
		call              func(context.Context, string) ([]string, error)
	}{
		{"project-nodes", "/v0/project/{project}/nodes", "List the nodes of a project", s.Service.ProjectNodes},
		{"project-networks", "/v0/project/{project}/networks", "List the networks a project has access to, without public ones", s.Service.ProjectNetworks},
		{"project-headnodes", "/v0/project/{project}/headnodes", "List the headnodes of a project", s.Service.ProjectHeadnodes},
	}
	for _, l := range lists {
		query(g, operation{
			id: l.id, method: http.MethodGet, path: l.path, summary: l.summary, errors: []int{404},
		}, func(ctx context.Context, in *ProjectPath) ([]string, error) {
			names, err := l.call(ctx, in.Project)
			return list(names), err
		})
	}
}
