package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func powerNoun() noun {
	return noun{name: "power", short: "Switch nodes on and off", leaves: []leaf{
		{use: "on NODE", short: "Switch a node on", run: func(ctx context.Context, c *call) error {
			return c.done(c.NodePowerOn(ctx, c.arg("NODE")))
		}},
		{use: "off NODE", short: "Switch a node off", run: func(ctx context.Context, c *call) error {
			return c.done(c.NodePowerOff(ctx, c.arg("NODE")))
		}},
		{use: "cycle NODE", short: "Switch a node off and on again", flags: func(f *pflag.FlagSet) {
			f.Bool("force", false, "reset at once instead of asking the machine to shut down")
		}, run: func(ctx context.Context, c *call) error {
			return c.done(c.NodePowerCycle(ctx, c.arg("NODE"), client.PowerCycle{Force: new(c.is("force"))}))
		}},
		{use: "status NODE", short: "Tell whether a node is on", run: func(ctx context.Context, c *call) error {
			return show(c, func(t *table, p client.PowerStatus) { t.row(p.PowerStatus) })(c.NodePowerStatus(ctx, c.arg("NODE")))
		}},
	}}
}

func obmNoun() noun {
	enable := func(on bool) func(context.Context, *call) error {
		return func(ctx context.Context, c *call) error {
			return c.done(c.NodeSetOBM(ctx, c.arg("NODE"), client.OBMState{Enabled: on}))
		}
	}
	return noun{name: "obm", short: "Allow or forbid out-of-band calls", leaves: []leaf{
		{use: "enable NODE", short: "Allow power, boot device and console", run: enable(true)},
		{use: "disable NODE", short: "Forbid power, boot device and console", run: enable(false)},
	}}
}
