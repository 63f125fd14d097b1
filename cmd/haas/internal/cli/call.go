package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

// call is one run of a command: its arguments, its flags, and the server.
type call struct {
	*remote.Server
	env   Env
	use   usage
	args  []string
	flags *pflag.FlagSet
}

// invoke connects a command to the server and runs it.
func invoke(cmd *cobra.Command, env Env, use usage, args []string, run func(context.Context, *call) error) error {
	server, err := dial(cmd, env)
	if err != nil {
		return err
	}
	defer server.Close()
	err = run(cmd.Context(), &call{Server: server, env: env, use: use, args: args, flags: cmd.Flags()})
	if advice := remote.Advice(err, server.Anonymous); advice != "" {
		return fmt.Errorf("%w\n%s", err, advice)
	}
	return err
}

func dial(cmd *cobra.Command, env Env) (*remote.Server, error) {
	endpoint, err := cmd.Flags().GetString("endpoint")
	if err != nil {
		return nil, err
	}
	settings, err := remote.Find(endpoint, env.Dir, env.Getenv)
	if err != nil {
		return nil, err
	}
	return remote.Dial(settings)
}

// arg is the argument that the usage calls name; empty if it was left out.
func (c *call) arg(name string) string {
	if i := c.use.index(name); i >= 0 && i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// rest are the arguments from the one on that the usage calls name.
func (c *call) rest(name string) []string {
	if i := c.use.index(name); i >= 0 && i < len(c.args) {
		return c.args[i:]
	}
	return nil
}

// is reports whether a flag without value was given.
func (c *call) is(flag string) bool { return c.flags.Lookup(flag).Value.String() == "true" }

// text is the value of a flag.
func (c *call) text(flag string) string { return c.flags.Lookup(flag).Value.String() }

func (c *call) asJSON() bool { return c.is("json") }

// done ends a command whose answer has no content.
func (c *call) done(resp *http.Response, err error) error {
	body, err := remote.Body(resp, err)
	if err != nil || !c.asJSON() {
		return err
	}
	if len(body) == 0 {
		body = []byte("{}\n")
	}
	return c.write(body)
}

func (c *call) write(body []byte) error {
	if n := len(body); n == 0 || body[n-1] != '\n' {
		body = append(body, '\n')
	}
	_, err := c.env.Out.Write(body)
	return err
}

// show ends a command whose answer is a T: as a table for people, or as it came for programs.
func show[T any](c *call, print func(*table, T)) func(*http.Response, error) error {
	return func(resp *http.Response, err error) error {
		if c.asJSON() {
			answer, err := remote.Read[json.RawMessage](resp, err)
			if err != nil {
				return err
			}
			return c.write(answer)
		}
		answer, err := remote.Read[T](resp, err)
		if err != nil {
			return err
		}
		t := newTable(c.env.Out)
		print(t, answer)
		return t.flush()
	}
}

// names ends a command whose answer is a list of labels.
func (c *call) names(resp *http.Response, err error) error {
	return show(c, func(t *table, names []string) {
		for _, name := range names {
			t.row(name)
		}
	})(resp, err)
}

// stream copies bytes as they come, and ends without error when the user has seen enough.
func (c *call) stream(ctx context.Context, from io.ReadCloser) error {
	defer from.Close()
	_, err := io.Copy(c.env.Out, from)
	if ctx.Err() != nil {
		return nil
	}
	return err
}
