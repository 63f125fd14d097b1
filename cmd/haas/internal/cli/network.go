package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

// administrator stands in an owner's place for networks that no project owns.
const administrator = "admin"

func networkNoun() noun {
	return noun{
		name: "network", short: "Isolated layer-2 networks", group: groupUse,
		leaves: []leaf{
			{use: "list", short: "List networks", run: func(ctx context.Context, c *call) error {
				return show(c, printNetworks)(c.NetworkList(ctx))
			}},
			{use: "show NETWORK", short: "Show a network and what is on it", run: func(ctx context.Context, c *call) error {
				return show(c, printNetwork)(c.NetworkShow(ctx, c.arg("NETWORK")))
			}},
			{use: "create NETWORK OWNER", short: "Create a network", flags: networkFlags, run: createNetwork,
				long: "Create a network. OWNER is a project, or admin.\n\n" +
					"    haas network create w1 p1                   for p1 alone\n" +
					"    haas network create w1 admin --access p1    an administrator's, for p1\n" +
					"    haas network create w1 admin --public       an administrator's, for everybody"},
			{use: "delete NETWORK", short: "Delete a network that nothing is on", run: func(ctx context.Context, c *call) error {
				return c.done(c.NetworkDelete(ctx, c.arg("NETWORK")))
			}},
			{use: "grant-access NETWORK PROJECT", short: "Let a project connect to a network", run: func(ctx context.Context, c *call) error {
				return c.done(c.NetworkGrantAccess(ctx, c.arg("NETWORK"), c.arg("PROJECT")))
			}},
			{use: "revoke-access NETWORK PROJECT", short: "Take a project's access to a network", run: func(ctx context.Context, c *call) error {
				return c.done(c.NetworkRevokeAccess(ctx, c.arg("NETWORK"), c.arg("PROJECT")))
			}},
			{use: "attachments NETWORK", also: []string{"list-attachments"}, short: "List the nodes on a network",
				flags: func(f *pflag.FlagSet) { f.String("project", "", "only the nodes of this project") },
				run: func(ctx context.Context, c *call) error {
					var params client.NetworkAttachmentsParams
					if project := c.text("project"); project != "" {
						params.Project = &project
					}
					return show(c, printAttachments)(c.NetworkAttachments(ctx, c.arg("NETWORK"), &params))
				}},
		},
	}
}

func networkFlags(f *pflag.FlagSet) {
	f.StringSlice("access", nil, "the projects that may connect; the owner unless given")
	f.Bool("public", false, "everybody may connect")
	f.String("net-id", "", "the VLAN, 1 to 4094; from the pool unless given")
	f.SetNormalizeFunc(dashes)
}

// dashes lets flags be written with underscores, as HIL's were.
func dashes(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if name == "net_id" {
		name = "net-id"
	}
	return pflag.NormalizedName(name)
}

func createNetwork(ctx context.Context, c *call) error {
	owner := c.arg("OWNER")
	access, err := c.flags.GetStringSlice("access")
	if err != nil {
		return err
	}
	body := map[string]any{"owner": owner, "net_id": c.text("net-id"), "access": access}
	switch {
	case c.is("public") && len(access) > 0:
		return errors.New("--public and --access contradict each other; give one of them")
	case c.is("public"):
		body["access"] = ""
	case len(access) == 0 && owner == administrator:
		return errors.New("say who may connect: --access PROJECT, or --public for everybody")
	case len(access) == 0:
		body["access"] = owner
	case len(access) == 1:
		body["access"] = access[0]
	}
	return c.done(c.NetworkCreateWithBody(ctx, c.arg("NETWORK"), jsonType, jsonBody(body)))
}

func printNetworks(t *table, networks map[string]client.NetworkSummary) {
	t.row("NETWORK", "VLAN", "ACCESS")
	for _, name := range labels(networks) {
		t.row(name, networks[name].NetworkID, access(networks[name].Projects))
	}
}

func access(projects *[]string) string {
	if projects == nil {
		return "everybody"
	}
	return list(*projects)
}

func printNetwork(t *table, n client.Network) {
	t.row("network", n.Name)
	t.row("owner", n.Owner)
	t.row("access", access(n.Access))
	t.row("channels", list(n.Channels))
	for _, node := range labels(n.ConnectedNodes) {
		t.row("node "+node, list(slices.Sorted(slices.Values(n.ConnectedNodes[node]))))
	}
}

func printAttachments(t *table, nodes map[string]client.Attachment) {
	t.row("NODE", "NIC", "CHANNEL", "PROJECT")
	for _, name := range labels(nodes) {
		a := nodes[name]
		t.row(name, a.NIC, a.Channel, a.Project)
	}
}
