package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// leaf is a verb of the tree.
type leaf struct {
	use   usage
	also  []string // other spellings
	short string
	long  string
	flags func(*pflag.FlagSet)
	run   func(context.Context, *call) error
	// old is the flat command that takes over when there are more arguments than use has, or settings that do not say
	// which: older spellings of the tree passed secrets as arguments, as flat commands do.
	old string
}

// command makes the leaf one of cobra's.
func (l leaf) command(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: string(l.use), Aliases: l.also, Short: l.short, Long: l.long,
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     completer(env, l.use),
	}
	if l.flags != nil {
		l.flags(cmd.Flags())
		cmd.Use += " [flags]"
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if l.isOld(args) {
			return nil
		}
		return misuse(cmd, l.use.check(args))
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if l.isOld(args) {
			return runOld(cmd, env, l.old, args)
		}
		return invoke(cmd, env, l.use, args, l.run)
	}
	return cmd
}

// standFor lets a noun by itself, with the leaf's flags, mean the leaf.
func (l leaf) standFor(noun *cobra.Command, env Env) {
	if l.flags != nil {
		l.flags(noun.Flags())
	}
	noun.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return needVerb(cmd, args)
		}
		return invoke(cmd, env, l.use, nil, l.run)
	}
}

func (l leaf) isOld(args []string) bool {
	if l.old == "" {
		return false
	}
	if at := l.use.index("SETTING"); at >= 0 {
		return slices.ContainsFunc(args[min(at, len(args)):], func(arg string) bool { return !isSetting(arg) })
	}
	return len(args) > len(l.use.words())
}

// runOld runs a flat command under its newer name.
func runOld(cmd *cobra.Command, env Env, name string, args []string) error {
	f, _ := findFlat(name)
	if err := f.use.check(args); err != nil {
		return misuse(cmd, err)
	}
	fmt.Fprintln(env.Err, "haas: a password among the arguments can be read by everybody on this machine; "+
		"better use --password-file or --password-stdin")
	return invoke(cmd, env, f.use, args, f.run)
}

// noun is a group of verbs.
type noun struct {
	name   string
	also   []string
	short  string
	group  string
	leaves []leaf
	nouns  []noun
	// bare is the verb that the noun stands for by itself, if there is one.
	bare string
}

func (n noun) command(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: n.name, Aliases: n.also, Short: n.short, GroupID: n.group, SuggestionsMinimumDistance: 2, RunE: needVerb,
		Args: cobra.ArbitraryArgs,
	}
	for _, l := range n.leaves {
		cmd.AddCommand(l.command(env))
		if l.use.name() == n.bare {
			l.standFor(cmd, env)
		}
	}
	for _, sub := range n.nouns {
		cmd.AddCommand(sub.command(env))
	}
	return cmd
}

// needVerb is what a noun does by itself: say what is missing.
func needVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return &usageError{cmd: cmd, text: "say what to do", verbs: true}
	}
	text := fmt.Sprintf("there is no %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return &usageError{cmd: cmd, text: text, verbs: true}
}

// usageError says that a command was not called as it wants to be.
type usageError struct {
	cmd  *cobra.Command
	text string
	// verbs asks for the commands there are instead of the line of usage.
	verbs bool
}

// Error is what is wrong.
func (e *usageError) Error() string { return e.text }

func misuse(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	return &usageError{cmd: cmd, text: err.Error()}
}
