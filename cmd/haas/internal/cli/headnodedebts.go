package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/CCI-MOC/haas/openapi/client"
)

func debtsLeaf() leaf {
	return leaf{
		use: "debts", short: "List the machines of deleted headnodes that may still be there",
		long: "List the machines of deleted headnodes whose hosts have not confirmed that they are gone. The server keeps trying to\n" +
			"remove them; until then the networks they were on stay in use.",
		run: func(ctx context.Context, c *call) error {
			return show(c, printDebts)(c.HeadnodeDebtList(ctx))
		},
	}
}

func forgiveLeaf() leaf {
	return leaf{
		use: "forgive MACHINE", short: "Forget the machine of a deleted headnode, which must be known to be off",
		long: "Forget the machine of a deleted headnode, which \"haas headnode debts\" lists, because its host will never answer again.\n" +
			"The machine must be known to be off, for the networks it was on, and their VLANs, can be given to others from then on:\n" +
			"a machine that still runs, or comes back with its host, would be in the middle of them.",
		run: func(ctx context.Context, c *call) error {
			return c.done(c.HeadnodeForgive(ctx, c.arg("MACHINE")))
		},
	}
}

func machines(debts []client.HeadnodeDebt) []string {
	var all []string
	for _, d := range debts {
		all = append(all, d.Machine)
	}
	return all
}

func printDebts(t *table, debts []client.HeadnodeDebt) {
	t.row("MACHINE", "HOST", "HEADNODE", "PROJECT", "NETWORKS", "SINCE", "TRIES", "LAST ERROR")
	for _, d := range debts {
		t.row(d.Machine, or(&d.Host), d.Headnode, d.Project, list(d.Networks), d.Since.Local().Format(time.DateTime),
			strconv.FormatInt(d.Tries, 10), or(d.LastError))
	}
}
