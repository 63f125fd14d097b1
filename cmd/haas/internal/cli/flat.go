package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

// flat is a command of HaaS before it had a tree: positional arguments, one request, and the answer printed as it is.
type flat struct {
	use   usage
	short string
	call  func(context.Context, *call) (*http.Response, error)
	// print replaces call where the answer is no single text.
	print func(context.Context, *call) error
}

// errTold says that a command has failed and has said so itself.
var errTold = errors.New("failed")

func (f flat) run(ctx context.Context, c *call) error {
	if f.print != nil {
		return f.printed(ctx, c)
	}
	body, err := remote.Body(f.call(ctx, c))
	if err != nil {
		return c.complain(err)
	}
	_, err = fmt.Fprintf(c.env.Out, "%s\n", strings.TrimSuffix(string(body), "\n"))
	return err
}

func (f flat) printed(ctx context.Context, c *call) error {
	if err := f.print(ctx, c); err != nil {
		return c.complain(err)
	}
	_, err := fmt.Fprintln(c.env.Out)
	return err
}

// complain tells a refusal in the words that scripts look for.
func (c *call) complain(err error) error {
	e, ok := errors.AsType[*remote.StatusError](err)
	if !ok {
		return err
	}
	fmt.Fprintf(c.env.Err, "Unexpected status code: %d\nResponse text:\n%s\n", e.Status, strings.TrimSuffix(string(e.Body), "\n"))
	return errTold
}

// command makes the flat command one of cobra's. It is hidden: the tree has all of it.
func (f flat) command(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: string(f.use), Short: f.short, Hidden: true, DisableFlagsInUseLine: true,
		ValidArgsFunction: completer(env, f.use),
		Args:              func(cmd *cobra.Command, args []string) error { return misuse(cmd, f.use.check(args)) },
		RunE:              func(cmd *cobra.Command, args []string) error { return invoke(cmd, env, f.use, args, f.run) },
	}
	// There are no flags after the first argument: a password may begin with a dash.
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func findFlat(name string) (flat, bool) {
	for _, f := range flats() {
		if f.use.name() == name {
			return f, true
		}
	}
	return flat{}, false
}

// oldCommands is a topic of the help that lists the flat commands.
func oldCommands() *cobra.Command {
	text := "The commands of older versions, which scripts may go on using. Arguments are positional, the answer is printed\n" +
		"as it comes. Passwords among the arguments can be read by everybody on the machine.\n"
	for _, f := range flats() {
		text += "\n  " + string(f.use)
	}
	return &cobra.Command{Use: "old-commands", Short: "The flat commands of older versions", Long: text}
}
