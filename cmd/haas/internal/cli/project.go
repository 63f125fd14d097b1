package cli

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

func projectNoun() noun {
	return noun{
		name: "project", short: "Tenants", group: groupUse,
		leaves: []leaf{
			{use: "list", short: "List all projects", run: func(ctx context.Context, c *call) error {
				return c.names(c.ProjectList(ctx, nil))
			}},
			{use: "create PROJECT", short: "Create a project", run: func(ctx context.Context, c *call) error {
				return c.done(c.ProjectCreate(ctx, c.arg("PROJECT")))
			}},
			{use: "delete PROJECT", short: "Delete an empty project", run: func(ctx context.Context, c *call) error {
				return c.done(c.ProjectDelete(ctx, c.arg("PROJECT")))
			}},
			{use: "networks PROJECT", also: []string{"list-networks"}, short: "List the networks a project has access to, without public ones",
				run: func(ctx context.Context, c *call) error {
					return c.names(c.ProjectNetworks(ctx, c.arg("PROJECT")))
				}},
			{use: "headnodes PROJECT", also: []string{"list-headnodes"}, short: "List the headnodes of a project",
				run: func(ctx context.Context, c *call) error {
					return c.names(c.ProjectHeadnodes(ctx, c.arg("PROJECT")))
				}},
		},
		nouns: []noun{projectNodeNoun()},
	}
}

func projectNodeNoun() noun {
	return noun{name: "node", short: "Reserve and release nodes", leaves: []leaf{
		{use: "list PROJECT", short: "List the nodes of a project", run: func(ctx context.Context, c *call) error {
			return c.names(c.ProjectNodes(ctx, c.arg("PROJECT")))
		}},
		{use: "add PROJECT NODE", also: []string{"connect"}, short: "Reserve a free node for a project",
			run: func(ctx context.Context, c *call) error {
				return c.done(c.ProjectConnectNode(ctx, c.arg("PROJECT"), client.ProjectNode{Node: c.arg("NODE")}))
			}},
		{use: "remove PROJECT NODE", also: []string{"detach"}, short: "Release a node from a project",
			long: "Release a node from a project. Its NICs must be on no network.\n\n" +
				"--force, for administrators, first takes the node's NICs off all networks, and then releases it even if a " +
				"switch cannot confirm that its ports are closed; those ports stay in quarantine until it does.",
			flags: func(f *pflag.FlagSet) {
				f.Bool("force", false, "take the node off its networks first; for administrators")
				timeoutFlag(f)
			},
			run: removeNode},
	}}
}

func removeNode(ctx context.Context, c *call) error {
	release := client.ProjectNodeRelease{Node: c.arg("NODE")}
	if c.is("force") {
		if err := clearNode(ctx, c); err != nil {
			return err
		}
		release.Force = new(true)
	}
	return c.done(c.ProjectDetachNode(ctx, c.arg("PROJECT"), release))
}

// clearNode takes a node's NICs off all networks and waits until they are. The switches work at the same time.
func clearNode(ctx context.Context, c *call) error {
	node, err := remote.Read[client.Node](c.NodeShow(ctx, c.arg("NODE")))
	if err != nil {
		return err
	}
	var actions []string
	for _, nic := range node.Nics {
		if len(nic.Networks) == 0 {
			continue
		}
		if nic.Switch == nil || nic.Port == nil {
			return errors.New("--force is for administrators")
		}
		begun, err := remote.Read[client.StatusID](c.PortRevert(ctx, *nic.Switch, *nic.Port, nil))
		if err != nil {
			return err
		}
		actions = append(actions, begun.StatusID)
	}
	for _, id := range actions {
		if _, err := c.follow(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
