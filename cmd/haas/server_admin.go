package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/server"
)

func initCommand(env cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "init_db", Aliases: []string{"init-db"}, Short: "Make or update the database", Args: cobra.NoArgs,
		Long: "Make or update the database that the configuration names. The server does so itself when it starts, so this is\n" +
			"for those who want to see it happen. It may be run as often as you like.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load(cmd, env)
			if err != nil {
				return err
			}
			if err := server.Migrate(cmd.Context(), c); err != nil {
				return err
			}
			fmt.Fprintf(env.Out, "the database %s is up to date\n", c.Database.URI)
			return nil
		},
	}
}

func adminCommand(env cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "create_admin_user USER [PASSWORD]", Aliases: []string{"create-admin-user"},
		Short: "Make an administrator, directly in the database", Args: cobra.RangeArgs(1, 2),
		Long: "Make an administrator, directly in the database that the configuration names: the first one, who then makes the\n" +
			"others. Without PASSWORD, which everybody on this machine can read, it is asked for.",
		RunE: func(cmd *cobra.Command, args []string) error { return createAdmin(cmd, env, args) },
	}
	cli.SecretFlags(cmd.Flags())
	return cmd
}

func createAdmin(cmd *cobra.Command, env cli.Env, args []string) error {
	c, err := load(cmd, env)
	if err != nil {
		return err
	}
	if c.Auth.Backend != config.AuthDatabase {
		return errors.New("only the database backend has users; name haas.ext.auth.database under [extensions] in " + c.File)
	}
	password := ""
	if len(args) == 2 {
		password = args[1]
	} else if password, err = cli.Secret(env, cmd.Flags(), "Password of "+args[0]); err != nil {
		return err
	}
	if err := server.CreateAdmin(cmd.Context(), c, args[0], password); err != nil {
		return err
	}
	fmt.Fprintf(env.Out, "%s is an administrator; log in by setting HAAS_USERNAME and HAAS_PASSWORD\n", args[0])
	return nil
}
