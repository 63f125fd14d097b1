package cli

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/openapi/client"
)

func nodeNoun() noun {
	return noun{
		name: "node", short: "Physical machines", group: groupUse,
		leaves: []leaf{
			{use: "list [all|free]", short: "List all nodes, or the free ones", flags: listFlags, run: listNodes},
			{use: "show NODE", short: "Show a node, its NICs and their networks", run: func(ctx context.Context, c *call) error {
				return show(c, printNode)(c.NodeShow(ctx, c.arg("NODE")))
			}},
			{use: "register NODE", short: "Register a node and its out-of-band controller", flags: obmFlags, old: "node_register",
				long: "Register a node and its out-of-band controller.\n\n" +
					"    haas node register n1 --type ipmi --host 10.0.0.1 --user admin --password-file FILE",
				run: registerNode},
			{use: "delete NODE", short: "Delete a free node without NICs", run: func(ctx context.Context, c *call) error {
				return c.done(c.NodeDelete(ctx, c.arg("NODE")))
			}},
			{use: "bootdev NODE DEVICE", also: []string{"boot-device"}, short: "Choose what a node boots from: disk, pxe or none",
				flags: func(f *pflag.FlagSet) { f.Bool("once", false, "only the next time; none forgets such a choice") }, run: setBootDevice},
			{use: "sensors NODE", short: "Read the sensors of a node", run: func(ctx context.Context, c *call) error {
				return show(c, printSensors)(c.NodeSensors(ctx, c.arg("NODE")))
			}},
			{use: "inventory NODE", short: "List what a node is made of", run: func(ctx context.Context, c *call) error {
				return show(c, printParts)(c.NodeInventory(ctx, c.arg("NODE")))
			}},
			{use: "identify NODE", short: "Light the lamp that tells a node from its neighbours", flags: identifyFlags, run: identify},
		},
		nouns: []noun{nicNoun(), nodeNetworkNoun(), powerNoun(), consoleNoun(), obmNoun(), metadataNoun()},
	}
}

func listFlags(f *pflag.FlagSet) {
	f.String("metadata", "", "only nodes with a note: its label, or LABEL=VALUE")
}

func listNodes(ctx context.Context, c *call) error {
	filter := cmp.Or(c.arg("all|free"), "all")
	params := &client.NodeListParams{}
	if note := c.text("metadata"); note != "" {
		params.Metadata = &note
	}
	return c.names(c.NodeList(ctx, filter, params))
}

func obmFlags(f *pflag.FlagSet) {
	f.String("type", "", "the driver: ipmi, mock, or a type URL as \"haas driver list\" shows it")
	f.String("host", "", "address of the controller")
	f.String("user", "", "user of the controller")
	deviceFlags(f)
}

func registerNode(ctx context.Context, c *call) error {
	obm, err := c.device(ctx, kindOBM())
	if err != nil {
		return err
	}
	return c.done(c.NodeRegisterWithBody(ctx, c.arg("NODE"), jsonType, jsonBody(map[string]any{"obm": obm})))
}

func printNode(t *table, n client.Node) {
	t.row("node", n.Name)
	t.row("project", or(n.Project))
	for _, label := range labels(n.Metadata) {
		t.row("metadata "+label, n.Metadata[label])
	}
	t.row()
	t.row("NIC", "MAC", "SWITCH", "PORT", "NETWORKS")
	for _, nic := range n.Nics {
		t.row(nic.Label, nic.Macaddr, or(nic.Switch), or(nic.Port), pairs(nic.Networks))
	}
}

func nicNoun() noun {
	return noun{name: "nic", short: "Network cards of nodes", leaves: []leaf{
		{use: "register NODE NIC MAC", short: "Register a NIC", run: func(ctx context.Context, c *call) error {
			return c.done(c.NodeRegisterNIC(ctx, c.arg("NODE"), c.arg("NIC"), client.NICRegistration{Macaddr: c.arg("MAC")}))
		}},
		{use: "delete NODE NIC", short: "Delete a NIC of a free node", run: func(ctx context.Context, c *call) error {
			return c.done(c.NodeDeleteNIC(ctx, c.arg("NODE"), c.arg("NIC")))
		}},
	}}
}

func nodeNetworkNoun() noun {
	return noun{name: "network", short: "Connect NICs to networks", leaves: []leaf{
		{use: "connect NODE NIC NETWORK [CHANNEL]", short: "Connect a NIC to a network", flags: changeFlags,
			long: "Connect a NIC to a network. CHANNEL is vlan/native (untagged, the default) or vlan/<VLAN of the network> (tagged).",
			run:  connectNetwork},
		{use: "detach NODE NIC NETWORK", also: []string{"disconnect"}, short: "Detach a NIC from a network", flags: changeFlags,
			run: func(ctx context.Context, c *call) error {
				from := client.NetworkDetachment{Network: c.arg("NETWORK")}
				params := &client.NodeDetachNetworkParams{DryRun: c.dryRun()}
				return c.change(ctx)(c.NodeDetachNetwork(ctx, c.arg("NODE"), c.arg("NIC"), params, from))
			}},
	}}
}

func connectNetwork(ctx context.Context, c *call) error {
	to := client.NetworkConnection{Network: c.arg("NETWORK")}
	if channel := c.arg("CHANNEL"); channel != "" {
		to.Channel = &channel
	}
	params := &client.NodeConnectNetworkParams{DryRun: c.dryRun()}
	return c.change(ctx)(c.NodeConnectNetwork(ctx, c.arg("NODE"), c.arg("NIC"), params, to))
}

func metadataNoun() noun {
	return noun{name: "metadata", short: "Notes on nodes", leaves: []leaf{
		{use: "set NODE LABEL VALUE", also: []string{"add"}, short: "Put a note on a node", flags: func(f *pflag.FlagSet) {
			f.Bool("as-json", false, "VALUE is JSON instead of text")
		}, run: setMetadata},
		{use: "delete NODE LABEL", short: "Remove a note from a node", run: func(ctx context.Context, c *call) error {
			return c.done(c.NodeDeleteMetadata(ctx, c.arg("NODE"), c.arg("LABEL")))
		}},
	}}
}

func setMetadata(ctx context.Context, c *call) error {
	var value any = c.arg("VALUE")
	if c.is("as-json") {
		if err := json.Unmarshal([]byte(c.arg("VALUE")), &value); err != nil {
			return err
		}
	}
	return c.done(c.NodeSetMetadata(ctx, c.arg("NODE"), c.arg("LABEL"), client.MetadataValue{Value: value}))
}
