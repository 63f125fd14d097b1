package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/cmd/haas/internal/site"
)

func siteCommand(env Env) *cobra.Command {
	cmd := noun{name: "site", short: "The whole site as a file", group: groupSite, leaves: []leaf{
		{use: "import FILE", short: "Add what the server lacks of a site's file", run: importSite,
			flags: func(f *pflag.FlagSet) { f.Bool("dry-run", false, "only show what would be added") },
			long: "Add what the server lacks of a site's file, and show it. Nothing is ever removed or changed but metadata;\n" +
				"what contradicts the file is told before anything is added. It may be run as often as you like.\n" +
				"A file whose name ends in .json is read as HIL's site-layout.json."},
		{use: "export", short: "Print the server's site as a file, without secrets", run: exportSite},
	}}.command(env)
	for _, sub := range cmd.Commands() {
		if sub.Name() == "import" {
			// The argument is a file, which shells complete best.
			sub.ValidArgsFunction = nil
		}
	}
	return cmd
}

func importSite(ctx context.Context, c *call) error {
	return Import(ctx, c.Server, c.env, c.arg("FILE"), c.is("dry-run"))
}

// Import adds what the server lacks of a site's file, and says so.
func Import(ctx context.Context, server *remote.Server, env Env, file string, dryRun bool) error {
	s, err := site.Load(file)
	if err != nil {
		return err
	}
	plan, err := site.Compare(ctx, server, file, s)
	if err != nil {
		return err
	}
	if len(plan.Steps) == 0 {
		fmt.Fprintf(env.Out, "nothing to do: the server has all of %s\n", file)
		return nil
	}
	show := func(step site.Step) { fmt.Fprintln(env.Out, "+ "+step.What) }
	if dryRun {
		for _, step := range plan.Steps {
			show(step)
		}
		fmt.Fprintf(env.Out, "%d changes would be made\n", len(plan.Steps))
		return nil
	}
	if err := plan.Apply(ctx, show); err != nil {
		return err
	}
	fmt.Fprintf(env.Out, "%d changes were made\n", len(plan.Steps))
	return nil
}

func exportSite(ctx context.Context, c *call) error {
	s, err := site.Export(ctx, c.Server)
	if err != nil {
		return err
	}
	content, err := site.Format(s)
	if err != nil {
		return err
	}
	return c.write(content)
}
