package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal"
	"github.com/CCI-MOC/haas/openapi/client"
)

// consoleSilence is how long a machine may think about a line that was typed, unless a script knows better.
const consoleSilence = 3 * time.Second

// consoleCommand joins a console with the terminal. It stands at the top of the tree, since people type it all day.
func consoleCommand(env Env) *cobra.Command {
	cmd := leaf{
		use: "console NODE", short: "Use a node's serial console", flags: attachFlags,
		run: func(ctx context.Context, c *call) error { return attach(ctx, c, c.arg("NODE"), c.consoleOptions()) },
		long: "Use a node's serial console: what the machine prints is shown, every key goes to the machine. One user at a time has\n" +
			"the keyboard; if nobody has it, typing takes it. A connection that breaks is made again where it ended.\n\n" +
			"At the start of a line:\n" +
			"    ~.  leave the console\n" +
			"    ~a  ask for the keyboard\n" +
			"    ~g  give it to who asked, or lay it down\n" +
			"    ~k  keep it when somebody asks\n" +
			"    ~w  tell the machine, with stty, how large the window is: a serial line does not carry it\n" +
			"    ~~  type a tilde\n" +
			"    ~?  show these\n\n" +
			"If standard input is no terminal, it is typed, each end of a line as the key Enter; once it has ended and the\n" +
			"machine has been silent for a while (--silence), so does the command. It fails if what it typed was refused or\n" +
			"lost. An empty input is of somebody who wants to look on: the output goes on until the command is interrupted.\n\n" +
			"    echo reboot | haas console n1 --tail 0\n" +
			"    timeout 10m haas console n1 </dev/null >boot.log",
	}.command(env)
	cmd.GroupID = groupUse
	return cmd
}

func attachFlags(f *pflag.FlagSet) {
	outputFlags(f)
	f.Bool("read-only", false, "look on; nothing is typed")
	f.Duration("silence", consoleSilence, "after the end of an input that is no terminal: how long the machine must be silent; 0 is for ever")
}

// outputFlags say which output of a console is wanted.
func outputFlags(f *pflag.FlagSet) {
	f.Uint("tail", 0, "begin with so many of the last lines, instead of all that is remembered")
	f.Bool("take", false, "take the console from whoever holds it outside of HaaS")
}

func (c *call) consoleOptions() remote.ConsoleOptions {
	o := remote.ConsoleOptions{Take: c.is("take")}
	if c.flags.Changed("tail") {
		lines, _ := c.flags.GetUint("tail")
		o.Tail = new(int64(lines))
	}
	return o
}

// attachHeadnode is attach for a headnode.
func attachHeadnode(ctx context.Context, c *call) error {
	o := c.consoleOptions()
	o.Headnode = true
	return attach(ctx, c, c.arg("HEADNODE"), o)
}

func attach(ctx context.Context, c *call, machine string, from remote.ConsoleOptions) error {
	silence, err := c.flags.GetDuration("silence")
	if err != nil {
		return err
	}
	return c.taking(terminal.Run(ctx, c.Server, terminal.Options{
		Node: machine, Begin: from, ReadOnly: c.is("read-only"), Silence: silence,
		In: c.env.In, Out: c.env.Out, Err: c.env.Err,
	}))
}

// taking adds what helps if the console is held by somebody else. Of what a controller may lack, the server does not say
// which it is.
func (c *call) taking(err error) error {
	e, ok := errors.AsType[*remote.StatusError](err)
	if ok && e.Status == http.StatusServiceUnavailable && (e.Type == "OBMError" || e.Type == "HeadnodeError") && !c.is("take") {
		return fmt.Errorf("%w\nif somebody outside of HaaS holds the console, --take takes it over", err)
	}
	return err
}

func consoleNoun() noun {
	return noun{name: "console", short: "Serial consoles of nodes", leaves: []leaf{
		{use: "show NODE", also: []string{"watch"}, short: "Watch a node's console until interrupted", flags: func(f *pflag.FlagSet) {
			outputFlags(f)
			f.Bool("no-follow", false, "only what is remembered")
		}, run: watchConsole},
		{use: "log NODE [on|off]", short: "Show whether a console's output is kept while nobody watches, or switch that", run: consoleLog},
		{use: "start NODE", short: "Prepare to watch a node's console; for older scripts", run: func(ctx context.Context, c *call) error {
			return c.done(c.NodeConsoleStart(ctx, c.arg("NODE")))
		}},
		{use: "stop NODE", short: "Close a node's console and forget what it printed", run: func(ctx context.Context, c *call) error {
			return c.done(c.NodeConsoleStop(ctx, c.arg("NODE")))
		}},
	}}
}

func watchConsole(ctx context.Context, c *call) error {
	o := c.consoleOptions()
	o.Remembered = c.is("no-follow")
	return c.taking(c.printConsole(ctx, o))
}

// printRemembered prints what a console has said so far.
func printRemembered(ctx context.Context, c *call) error {
	return c.printConsole(ctx, remote.ConsoleOptions{Remembered: true})
}

func (c *call) printConsole(ctx context.Context, o remote.ConsoleOptions) error {
	from, err := c.Console(ctx, c.arg("NODE"), o)
	switch {
	case ctx.Err() != nil:
		return nil // seen enough before anything was
	case err != nil:
		return err
	}
	return c.stream(ctx, from)
}

func consoleLog(ctx context.Context, c *call) error {
	if wanted := c.arg("on|off"); wanted != "" {
		return c.done(c.NodeSetConsoleLog(ctx, c.arg("NODE"), client.ConsoleLogging{Enabled: wanted == "on"}))
	}
	return show(c, printConsoleLog)(c.NodeConsoleLog(ctx, c.arg("NODE")))
}

func printConsoleLog(t *table, l client.ConsoleLog) {
	kept := "no"
	if l.Enabled {
		kept = "yes"
	}
	t.row("kept", kept)
	t.row("bytes", strconv.FormatInt(l.Bytes, 10))
	t.row("console", string(l.State))
	t.row("error", or(&l.Error))
}
