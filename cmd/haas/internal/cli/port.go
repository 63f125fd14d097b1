package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func portNoun() noun {
	return noun{
		name: "port", short: "Ports of switches, and the cables in them", group: groupSite,
		leaves: append([]leaf{
			{use: "show SWITCH PORT", short: "Show what a port is cabled to", run: func(ctx context.Context, c *call) error {
				return show(c, printPort)(c.PortShow(ctx, c.arg("SWITCH"), c.arg("PORT")))
			}},
			{use: "register SWITCH PORT", short: "Register a port", run: func(ctx context.Context, c *call) error {
				return c.done(c.SwitchRegisterPort(ctx, c.arg("SWITCH"), c.arg("PORT")))
			}},
			{use: "delete SWITCH PORT", short: "Delete a port", flags: func(f *pflag.FlagSet) {
				f.Bool("force", false, "even if the switch cannot confirm that the port is closed")
			}, run: deletePort},
			{use: "state SWITCH PORT", short: "Compare what a port should carry with what it carries", run: func(ctx context.Context, c *call) error {
				return show(c, printState)(c.PortState(ctx, c.arg("SWITCH"), c.arg("PORT")))
			}},
			{use: "revert SWITCH PORT", short: "Take a port's NIC off all networks", flags: changeFlags,
				run: func(ctx context.Context, c *call) error {
					params := &client.PortRevertParams{DryRun: c.dryRun()}
					return c.change(ctx)(c.PortRevert(ctx, c.arg("SWITCH"), c.arg("PORT"), params))
				}},
		}, cables("connect-nic", "detach-nic", "detach")...),
		// HIL's spelling of the same two.
		nouns: []noun{{name: "nic", short: "The cables in ports", leaves: cables("add", "remove")}},
	}
}

// cables are the verbs that tell which NIC is cabled to a port.
func cables(connect, detach string, also ...string) []leaf {
	return []leaf{
		{use: usage(connect + " SWITCH PORT NODE NIC"), short: "Tell that a NIC is cabled to a port", run: func(ctx context.Context, c *call) error {
			end := client.PortConnection{Node: c.arg("NODE"), NIC: c.arg("NIC")}
			return c.done(c.PortConnectNIC(ctx, c.arg("SWITCH"), c.arg("PORT"), end))
		}},
		{use: usage(detach + " SWITCH PORT"), also: also, short: "Tell that a port's cable was pulled", run: func(ctx context.Context, c *call) error {
			return c.done(c.PortDetachNIC(ctx, c.arg("SWITCH"), c.arg("PORT")))
		}},
	}
}

func deletePort(ctx context.Context, c *call) error {
	var params client.SwitchDeletePortParams
	if c.is("force") {
		params.Force = new(true)
	}
	return c.done(c.SwitchDeletePort(ctx, c.arg("SWITCH"), c.arg("PORT"), &params))
}

func printPort(t *table, p client.Port) {
	t.row("node", or(p.Node))
	t.row("NIC", or(p.NIC))
	if p.Networks != nil {
		t.row("networks", pairs(*p.Networks))
	}
}
