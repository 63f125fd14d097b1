package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/sdk/headnode/bridges"
)

func createBridgesCommand(env cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "create_bridges", Aliases: []string{"create-bridges"}, Args: cobra.NoArgs,
		Short: "Make the bridges of all VLANs for the headnodes of this host",
		Long: "Make a Linux bridge br-vlanN on trunk_nic for each VLAN that networks are made from, and br-vlan0 for NICs without a\n" +
			"network. It is for hosts of headnodes with network = bridges, where root runs it at installation and after each\n" +
			"reboot, as haas-create-bridges.service does. It may be run as often as you like; bridges that exist stay as they are.",
		RunE: func(cmd *cobra.Command, _ []string) error { return createBridges(cmd, env) },
	}
}

func createBridges(cmd *cobra.Command, env cli.Env) error {
	c, err := load(cmd, env)
	if err != nil {
		return err
	}
	vlans, err := c.BridgedVLANs()
	if err != nil || skipsBridges(env, c) {
		return err
	}
	trunk := c.Headnode.TrunkNIC
	host, err := bridges.Open(trunk)
	if err != nil {
		return err
	}
	defer host.Close()
	made, err := host.Keep(cmd.Context(), vlans)
	if err != nil {
		return forRoot("make the bridges on "+trunk, err)
	}
	fmt.Fprintf(env.Out, "bridges on %s: %d, of which %d are new\n", trunk, len(vlans), len(made))
	return nil
}

func removeBridgesCommand(env cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "remove_bridges", Aliases: []string{"remove-bridges"}, Args: cobra.NoArgs,
		Short: "Remove the bridges that HaaS has made on this host",
		Long: "Remove the bridges that HaaS has made on this host, and nothing else: those of create_bridges, and those that were made\n" +
			"when headnodes needed them. Bridges that a running machine is plugged into stay, and the command fails.",
		RunE: func(cmd *cobra.Command, _ []string) error { return removeBridges(cmd, env) },
	}
}

func removeBridges(cmd *cobra.Command, env cli.Env) error {
	c, err := load(cmd, env)
	if err != nil || skipsBridges(env, c) {
		return err
	}
	host, err := bridges.Open("")
	if err != nil {
		return err
	}
	defer host.Close()
	removed, inUse, err := host.Remove()
	if err != nil {
		return forRoot("remove the bridges", err)
	}
	fmt.Fprintf(env.Out, "bridges that are removed: %d\n", len(removed))
	if len(inUse) == 0 {
		return nil
	}
	names := make([]string, len(inUse))
	for i, vlan := range inUse {
		names[i] = bridges.Name(vlan)
	}
	return fmt.Errorf("something is plugged into %s; stop the machines there, and run this again", strings.Join(names, ", "))
}

// skipsBridges reports that the host is to be left as it is, and says so.
func skipsBridges(env cli.Env, c *config.Config) bool {
	if c.Devel.DryRun {
		fmt.Fprintf(env.Out, "dry_run is on in %s, so this host's bridges stay as they are\n", c.File)
	}
	return c.Devel.DryRun
}

// forRoot tells who may do what failed.
func forRoot(what string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s: %w; run this as root", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
