package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/CCI-MOC/haas/openapi/client"
)

func hostsLeaf() leaf {
	return leaf{
		use: "hosts", short: "Tell how the hosts of headnodes are",
		run: func(ctx context.Context, c *call) error {
			return show(c, printHosts)(c.HeadnodeHostList(ctx))
		},
	}
}

func renameHostLeaf() leaf {
	return leaf{
		use: "rename-host FROM TO", short: "Tell that a host of headnodes has another URI now",
		long: "Tell that a host of headnodes has another URI now, because it got another address or is reached in another way. FROM is the\n" +
			"one before, as errors and \"haas headnode debts\" name it; TO stands in haas.cfg in its place. The host must have the machines\n" +
			"of the headnodes that are noted to be on it.",
		run: func(ctx context.Context, c *call) error {
			return c.done(c.HeadnodeHostRename(ctx, client.HeadnodeHostNames{From: c.arg("FROM"), To: c.arg("TO")}))
		},
	}
}

func printHosts(t *table, hosts []client.HeadnodeHost) {
	t.row("HOST", "STATE", "CAPACITY", "USED", "SINCE", "ERROR")
	for _, h := range hosts {
		since := "-"
		if h.Since != nil {
			since = h.Since.Local().Format(time.DateTime)
		}
		t.row(or(&h.Host), string(h.State), memory(h.Capacity), memory(h.Used), since, or(h.Error))
	}
}

// memory is an amount of memory, or a dash where it is not known.
func memory(mebibytes *int64) string {
	if mebibytes == nil {
		return "-"
	}
	return strconv.FormatInt(*mebibytes, 10) + " MiB"
}
