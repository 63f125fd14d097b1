package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func headnodeNoun() noun {
	return noun{
		name: "headnode", short: "Virtual machines on a project's networks", group: groupUse,
		leaves: []leaf{
			{use: "list PROJECT", short: "List the headnodes of a project", run: func(ctx context.Context, c *call) error {
				return c.names(c.ProjectHeadnodes(ctx, c.arg("PROJECT")))
			}},
			{use: "show HEADNODE", short: "Show a headnode", run: func(ctx context.Context, c *call) error {
				return show(c, printHeadnode)(c.HeadnodeShow(ctx, c.arg("HEADNODE")))
			}},
			{use: "images", also: []string{"list-images"}, short: "List the images headnodes are made from", run: func(ctx context.Context, c *call) error {
				return show(c, printImages)(c.HeadnodeImageDetails(ctx))
			}},
			{use: "create HEADNODE PROJECT IMAGE", short: "Create a headnode", flags: seedFlags, run: createHeadnode},
			{use: "delete HEADNODE", short: "Delete a headnode and its disk", run: func(ctx context.Context, c *call) error {
				return c.done(c.HeadnodeDelete(ctx, c.arg("HEADNODE")))
			}},
			{use: "start HEADNODE", short: "Start a headnode; from then on its NICs change only live", run: func(ctx context.Context, c *call) error {
				return c.done(c.HeadnodeStart(ctx, c.arg("HEADNODE")))
			}},
			{use: "stop HEADNODE", short: "Switch a headnode off", run: func(ctx context.Context, c *call) error {
				return c.done(c.HeadnodeStop(ctx, c.arg("HEADNODE")))
			}},
			{
				use: "console HEADNODE", short: "Use a headnode's serial console", flags: attachFlags, run: attachHeadnode,
				long: "Use a headnode's serial console: all that \"haas console\" says of nodes holds here, too.",
			},
			hostsLeaf(), renameHostLeaf(), debtsLeaf(), forgiveLeaf(),
		},
		nouns: []noun{hnicNoun(), headnodeNetworkNoun()},
	}
}

func hnicNoun() noun {
	return noun{name: "nic", also: []string{"hnic"}, short: "NICs of headnodes", leaves: []leaf{
		{use: "list HEADNODE", short: "List a headnode's NICs and their networks", run: func(ctx context.Context, c *call) error {
			return show(c, printHNICs)(c.HeadnodeHnics(ctx, c.arg("HEADNODE")))
		}},
		{use: "create HEADNODE HNIC", short: "Give a headnode a NIC", run: func(ctx context.Context, c *call) error {
			return c.done(c.HeadnodeCreateHNIC(ctx, c.arg("HEADNODE"), c.arg("HNIC")))
		}},
		{use: "delete HEADNODE HNIC", short: "Remove a headnode's NIC", run: func(ctx context.Context, c *call) error {
			return c.done(c.HeadnodeDeleteHNIC(ctx, c.arg("HEADNODE"), c.arg("HNIC")))
		}},
	}}
}

func headnodeNetworkNoun() noun {
	return noun{name: "network", short: "Networks of headnodes", leaves: []leaf{
		{use: "connect HEADNODE HNIC NETWORK", short: "Connect a headnode's NIC to a network", flags: liveFlags, run: connectHNIC},
		// HIL demanded the network, and did not look at it.
		{use: "detach HEADNODE HNIC [NETWORK]", short: "Detach a headnode's NIC from its network", flags: liveFlags, run: detachHNIC},
	}}
}

func liveFlags(f *pflag.FlagSet) {
	f.Bool("live", false, "also if the headnode has been started: plug the NIC at once")
}

func connectHNIC(ctx context.Context, c *call) error {
	var params client.HeadnodeConnectNetworkParams
	if c.is("live") {
		params.Live = new(true)
	}
	to := client.HNICConnection{Network: c.arg("NETWORK")}
	return c.done(c.HeadnodeConnectNetwork(ctx, c.arg("HEADNODE"), c.arg("HNIC"), &params, to))
}

func detachHNIC(ctx context.Context, c *call) error {
	var params client.HeadnodeDetachNetworkParams
	if c.is("live") {
		params.Live = new(true)
	}
	return c.done(c.HeadnodeDetachNetwork(ctx, c.arg("HEADNODE"), c.arg("HNIC"), &params))
}

func printHNICs(t *table, nics []client.HNIC) {
	t.row("NIC", "NETWORK")
	for _, n := range nics {
		t.row(n.Label, or(n.Network))
	}
}

func printHeadnode(t *table, h client.Headnode) {
	t.row("headnode", h.Name)
	t.row("project", h.Project)
	t.row("image", h.BaseImg)
	t.row("NICs", list(h.Hnics))
	t.row("VNC port", or(h.Vncport))
	t.row("UUID", h.UUID)
	if h.Host != nil { // administrators are told it
		t.row("host", *h.Host)
	}
}
