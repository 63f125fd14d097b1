package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/core/config"
	"github.com/CCI-MOC/haas/core/server"
)

func serverCommands(env cli.Env) []*cobra.Command {
	commands := []*cobra.Command{
		serveCommand(env), networksCommand(env), initCommand(env), adminCommand(env),
		createBridgesCommand(env), removeBridgesCommand(env),
	}
	for _, cmd := range commands {
		cmd.GroupID = cli.GroupServer
		cmd.Flags().String("config", "", "the configuration; else what HAAS_CONFIG names, ./haas.cfg, ./hil.cfg, or those in /etc")
	}
	return commands
}

func serveCommand(env cli.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve [PORT]", Short: "Run the server", Args: cobra.MaximumNArgs(1),
		Long: "Run the server: the API, and the part that configures the switches. It stops on SIGINT and SIGTERM.",
		RunE: func(cmd *cobra.Command, args []string) error { return serve(cmd, env, args) },
	}
	cmd.Flags().String("listen", "", "HOST:PORT to listen on, instead of what the configuration says")
	cmd.Flags().String("site", "", "a site's file to import once the server is ready, as \"haas site import\" does")
	cmd.Flags().Bool("no-fabric", false, "only the API; another server or \"haas serve_networks\" configures the switches")
	return cmd
}

func networksCommand(env cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "serve_networks", Aliases: []string{"serve-networks"}, Args: cobra.NoArgs,
		Short: "Run only the part that configures the switches",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load(cmd, env)
			if err != nil {
				return err
			}
			return run(cmd.Context(), server.Options{Config: c, Fabric: true, Version: env.Version, OnReady: func(string) {
				fmt.Fprintln(env.Out, "HaaS configures the switches; stop it with Ctrl-C")
			}})
		},
	}
}

func serve(cmd *cobra.Command, env cli.Env, args []string) error {
	c, err := load(cmd, env)
	if err != nil {
		return err
	}
	if c.Server.Listen, err = listenAddress(cmd, c.Server.Listen, args); err != nil {
		return err
	}
	apiOnly, err := cmd.Flags().GetBool("no-fabric")
	if err != nil {
		return err
	}
	i, err := newImporter(cmd, env, c)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	err = run(ctx, server.Options{
		Config: c, API: true, Fabric: !apiOnly, Version: env.Version,
		OnReady: func(address string) {
			welcome(env, c, address)
			i.start(ctx, stop, address)
		},
	})
	i.done.Wait()
	return errors.Join(err, i.failure)
}

func run(ctx context.Context, o server.Options) error {
	s, err := server.New(o)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// load reads the configuration, which there must be: without any, passwords are asked for that nobody has.
func load(cmd *cobra.Command, env cli.Env) (*config.Config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	if path == "" {
		if path, err = config.Find(env.Dir, env.Getenv); err != nil {
			return nil, err
		}
	}
	return config.Load(path, env.Getenv)
}

// listenAddress is --listen, or the configured one with the port that the argument says.
func listenAddress(cmd *cobra.Command, configured string, args []string) (string, error) {
	listen, err := cmd.Flags().GetString("listen")
	switch {
	case err != nil:
		return "", err
	case len(args) == 0 && listen == "":
		return configured, nil
	case len(args) == 0:
		return listen, nil
	case listen != "":
		return "", errors.New("PORT and --listen contradict each other; give one of them")
	}
	if n, err := strconv.ParseUint(args[0], 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("%q is no port; it must be in the range 1-65535", args[0])
	}
	host, _, err := net.SplitHostPort(configured)
	if err != nil {
		return "", fmt.Errorf("listen on %q: %w", configured, err)
	}
	return net.JoinHostPort(host, args[0]), nil
}

// welcome says where the server is and what to do next.
func welcome(env cli.Env, c *config.Config, address string) {
	url := urlOf(c, address)
	fmt.Fprintf(env.Out, "HaaS is ready at %s (try it out at %s/docs); stop it with Ctrl-C\n", url, url)
	next := os.Args[0] + " node list" // as it was called, perhaps from a folder that is not in the path
	if url != remote.DefaultEndpoint {
		next = "HAAS_ENDPOINT=" + url + " " + next
	}
	fmt.Fprintf(env.Out, "next, in another terminal: %s\n", next)
}

// urlOf is where a client on this machine finds the server. An address of all interfaces is also this machine's own.
func urlOf(c *config.Config, address string) string {
	scheme := "http"
	if c.Server.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return scheme + "://" + address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
