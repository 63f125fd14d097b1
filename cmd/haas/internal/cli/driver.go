package cli

import (
	"context"
	"strconv"

	"github.com/CCI-MOC/haas/openapi/client"
)

func driverNoun() noun {
	return noun{
		name: "driver", short: "The programs that speak to devices", group: groupSite,
		leaves: []leaf{
			{use: "list", short: "List the drivers and how they are", run: func(ctx context.Context, c *call) error {
				return show(c, printDrivers)(c.DriverList(ctx))
			}},
			{use: "extensions", also: []string{"list-active-extensions"}, short: "List the names of what is loaded", run: func(ctx context.Context, c *call) error {
				return c.names(c.ActiveExtensions(ctx))
			}},
		},
	}
}

func printDrivers(t *table, drivers []client.Driver) {
	t.row("DRIVER", "VERSION", "STATE", "RESTARTS", "TYPES", "LAST ERROR")
	for _, d := range drivers {
		t.row(d.Name, or(&d.Version), d.State, strconv.FormatInt(d.Restarts, 10), list(d.Types), or(d.LastError))
	}
}

func actionNoun() noun {
	return noun{
		name: "action", also: []string{"networking-action"}, short: "Changes of switch ports", group: groupUse,
		leaves: []leaf{{use: "show STATUS_ID", short: "Show how an action goes", flags: waitFlags,
			run: func(ctx context.Context, c *call) error {
				if c.is("wait") {
					return c.await(ctx, c.arg("STATUS_ID"))
				}
				return show(c, printAction)(c.NetworkingActionShow(ctx, c.arg("STATUS_ID")))
			}}},
	}
}

func printAction(t *table, a client.Action) {
	t.row("status", string(a.Status))
	t.row("node", a.Node)
	t.row("NIC", a.NIC)
	t.row("type", string(a.Type))
	t.row("channel", or(&a.Channel))
	t.row("network", or(a.NewNetwork))
	if a.Error != nil {
		t.row("error", *a.Error)
	}
}
