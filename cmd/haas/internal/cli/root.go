package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
)

// The groups of commands in the help.
const (
	groupUse    = "use"
	groupSite   = "site"
	GroupServer = "server"
)

// New is the command haas without the parts that are the server. Add those in GroupServer.
func New(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "haas",
		Short: "Hardware as a Service: reserve physical machines and join them by isolated networks",
		Long: "Hardware as a Service: reserve physical machines and join them by isolated networks.\n\n" +
			"The server is found by --endpoint, HAAS_ENDPOINT, or endpoint under [client] in ./haas.cfg; else it is " +
			"http://127.0.0.1:5000.\nHAAS_USERNAME and HAAS_PASSWORD say who you are.",
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs, RunE: needVerb, SuggestionsMinimumDistance: 2,
	}
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetFlagErrorFunc(misuse)
	root.PersistentFlags().String("endpoint", "", "address of the server, like http://127.0.0.1:5000")
	root.PersistentFlags().Bool("json", false, "print the server's answer as JSON, for programs")
	root.AddGroup(
		&cobra.Group{ID: groupUse, Title: "Reserve and use machines:"},
		&cobra.Group{ID: groupSite, Title: "Describe the site:"},
		&cobra.Group{ID: GroupServer, Title: "Run the server:"},
	)
	for _, n := range nouns() {
		root.AddCommand(n.command(env))
	}
	root.AddCommand(consoleCommand(env), siteCommand(env), versionCommand(env), oldCommands())
	for _, f := range flats() {
		root.AddCommand(f.command(env))
	}
	return root
}

// nouns are all there are.
func nouns() []noun {
	return []noun{
		projectNoun(), nodeNoun(), networkNoun(), headnodeNoun(), actionNoun(),
		switchNoun(), portNoun(), userNoun(), driverNoun(),
	}
}

func versionCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Tell the version of this program", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(env.Out, "haas %s %s/%s\n", env.Version, runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// Run executes a command and returns the exit status: 0, or 1 on any failure, told on env.Err.
func Run(ctx context.Context, root *cobra.Command, env Env, args []string) int {
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	explain(env, cmd, err)
	return 1
}

func explain(env Env, cmd *cobra.Command, err error) {
	if errors.Is(err, errTold) {
		return
	}
	fmt.Fprintf(env.Err, "%s: %s\n", cmd.CommandPath(), err)
	use, ok := errors.AsType[*usageError](err)
	switch {
	case !ok:
		return
	case use.verbs:
		fmt.Fprintf(env.Err, "possible: %s\n", strings.Join(verbs(use.cmd), ", "))
	default:
		fmt.Fprintf(env.Err, "usage: %s\n", use.cmd.UseLine())
	}
	fmt.Fprintf(env.Err, "\"%s --help\" tells more\n", use.cmd.CommandPath())
}

func verbs(cmd *cobra.Command) []string {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}
