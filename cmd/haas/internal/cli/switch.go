package cli

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func switchNoun() noun {
	return noun{
		name: "switch", short: "Switches that the server configures", group: groupSite,
		leaves: []leaf{
			{use: "list", short: "List all switches", run: func(ctx context.Context, c *call) error {
				return c.names(c.SwitchList(ctx))
			}},
			{use: "show SWITCH", short: "Show a switch and its ports", run: func(ctx context.Context, c *call) error {
				return show(c, printSwitch)(c.SwitchShow(ctx, c.arg("SWITCH")))
			}},
			{use: "register SWITCH", short: "Register a switch", flags: switchFlags, old: "switch_register", run: registerSwitch,
				long: "Register a switch. What settings its driver wants, Swagger UI shows at /docs of the server.\n\n" +
					"    haas switch register s1 --type nexus --host 10.0.0.2 --user admin --set dummy_vlan=2000 --password-file FILE"},
			{use: "delete SWITCH", short: "Delete a switch without ports", run: func(ctx context.Context, c *call) error {
				return c.done(c.SwitchDelete(ctx, c.arg("SWITCH")))
			}},
		},
	}
}

func switchFlags(f *pflag.FlagSet) {
	f.String("type", "", "the driver: nexus, mock, ..., or a type URL as \"haas driver list\" shows it")
	f.String("host", "", "address of the switch")
	f.String("user", "", "user of the switch")
	deviceFlags(f)
}

func registerSwitch(ctx context.Context, c *call) error {
	device, err := c.device(kindSwitch())
	if err != nil {
		return err
	}
	return c.done(c.SwitchRegisterWithBody(ctx, c.arg("SWITCH"), jsonType, jsonBody(device)))
}

func printSwitch(t *table, s client.Switch) {
	t.row("switch", s.Name)
	t.row("type", s.Type)
	t.row("capabilities", list(s.Capabilities))
	if s.UnsavedSince != nil {
		t.row("unsaved since", s.UnsavedSince.Local().Format(time.DateTime))
	}
	t.row("last error", or(s.LastError))
	t.row("ports", list(ports(s)))
}

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
			{use: "revert SWITCH PORT", short: "Take a port's NIC off all networks", flags: waitFlags,
				run: func(ctx context.Context, c *call) error {
					resp, err := c.PortRevert(ctx, c.arg("SWITCH"), c.arg("PORT"))
					return c.begun(ctx, resp, err)
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
