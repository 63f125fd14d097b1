package cli

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func powerNoun() noun {
	return noun{name: "power", short: "Tell which nodes are on; switch them on and off", bare: "list", leaves: []leaf{
		{use: "list", short: "Tell which nodes are on", flags: func(f *pflag.FlagSet) {
			f.Bool("fresh", false, "ask every controller now, and wait for all of them")
		}, long: "Tell which of your nodes are on; administrators are told of all. The server asks in the background: AGE is how long\n" +
			"ago. \"haas node power\" alone does the same.", run: listPower},
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

func listPower(ctx context.Context, c *call) error {
	params := &client.NodePowerListParams{}
	if c.is("fresh") {
		params.Fresh = new(true)
	}
	return show(c, printPower)(c.NodePowerList(ctx, params))
}

func printPower(t *table, nodes []client.NodePower) {
	t.row("NODE", "PROJECT", "POWER", "AGE", "ERROR")
	for _, n := range nodes {
		t.row(n.Node, or(n.Project), string(n.Power), ago(n.Age), or(&n.Error))
	}
}

// ago is a number of seconds for people.
func ago(seconds *float64) string {
	if seconds == nil {
		return "-"
	}
	return time.Duration(*seconds * float64(time.Second)).Round(time.Second).String()
}

func obmNoun() noun {
	enable := func(on bool) func(context.Context, *call) error {
		return func(ctx context.Context, c *call) error {
			return c.done(c.NodeSetOBM(ctx, c.arg("NODE"), client.OBMState{Enabled: on}))
		}
	}
	return noun{name: "obm", short: "Allow or forbid out-of-band calls", leaves: []leaf{
		{use: "enable NODE", short: "Allow calls to a node's controller, such as power and console", run: enable(true)},
		{use: "disable NODE", short: "Forbid calls to a node's controller, such as power and console", run: enable(false)},
	}}
}
