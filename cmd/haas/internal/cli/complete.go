package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

// completeTimeout is how long a person waits for a completion without getting angry.
const completeTimeout = 2 * time.Second

// completer offers what can stand at the next place of a usage: its words, or the labels the server knows.
func completer(env Env, use usage) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		word := use.word(len(args))
		if options := choices(word); options != nil {
			return options, cobra.ShellCompDirectiveNoFileComp
		}
		server, err := dial(cmd, env)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer server.Close()
		ctx, cancel := context.WithTimeout(cmd.Context(), completeTimeout)
		defer cancel()
		labels := known(ctx, &call{Server: server, use: use, args: args}, word)
		return beginning(labels, begun), after(word)
	}
}

// after says what follows a word: a value follows the name of a setting without a space.
func after(word string) cobra.ShellCompDirective {
	if word == "SETTING" {
		return cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return cobra.ShellCompDirectiveNoFileComp
}

// beginning are the labels that go on from what is typed.
func beginning(labels []string, begun string) []string {
	return slices.DeleteFunc(labels, func(label string) bool { return !strings.HasPrefix(label, begun) })
}

// known are the labels that a word of a usage may stand for. A server that does not answer knows none.
func known(ctx context.Context, c *call, word string) []string {
	switch word {
	case "PROJECT", "OWNER":
		return ignore(remote.Read[[]string](c.ProjectList(ctx, nil)))
	case "NODE":
		return ignore(remote.Read[[]string](c.NodeList(ctx, "all", nil)))
	case "NIC":
		return nics(ignore(remote.Read[client.Node](c.NodeShow(ctx, c.arg("NODE")))))
	case "NETWORK":
		return labels(ignore(remote.Read[map[string]client.NetworkSummary](c.NetworkList(ctx))))
	case "SWITCH":
		return ignore(remote.Read[[]string](c.SwitchList(ctx)))
	case "PORT":
		return ports(ignore(remote.Read[client.Switch](c.SwitchShow(ctx, c.arg("SWITCH")))))
	case "TYPE":
		k := typesOf(c.use)
		return ignore(c.Catalogue(ctx, k)).Words(k)
	case "SETTING":
		return settingNames(ctx, c)
	case "HNIC":
		return ignore(remote.Read[client.Headnode](c.HeadnodeShow(ctx, c.arg("HEADNODE")))).Hnics
	case "IMAGE":
		return ignore(remote.Read[[]string](c.HeadnodeImages(ctx)))
	case "USER":
		return labels(ignore(remote.Read[map[string]client.User](c.UserList(ctx))))
	case "HEADNODE":
		return headnodes(ctx, c)
	case "MACHINE":
		return machines(ignore(remote.Read[[]client.HeadnodeDebt](c.HeadnodeDebtList(ctx))))
	default:
		return nil
	}
}

// ignore drops the error: a completion that fails offers nothing.
func ignore[T any](answer T, _ error) T { return answer }

func labels[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

func nics(n client.Node) []string {
	var all []string
	for _, nic := range n.Nics {
		all = append(all, nic.Label)
	}
	return all
}

func ports(s client.Switch) []string {
	var all []string
	for _, port := range s.Ports {
		all = append(all, port.Label)
	}
	return all
}

// typesOf is the kind of device that a command registers.
func typesOf(use usage) remote.Kind {
	if use.index("NODE") >= 0 {
		return remote.OBM
	}
	return remote.Switch
}

// settingNames are the settings of a type, each with the sign behind it and what it is for. The password is asked for,
// and flat commands have settings without names.
func settingNames(ctx context.Context, c *call) []string {
	if _, isFlat := findFlat(c.use.name()); isFlat {
		return nil
	}
	settings := settingsOf(ctx, c)
	var all []string
	for _, name := range labels(settings) {
		switch s := settings[name]; {
		case name == "password":
		case s.Secret:
			all = append(all, name+"@\t"+s.Text)
		default:
			all = append(all, name+"=\t"+s.Text)
		}
	}
	return all
}

// settingsOf are the settings of the type that is being registered, or of the registered switch.
func settingsOf(ctx context.Context, c *call) remote.DeviceSettings {
	if c.use.index("TYPE") < 0 {
		return ignore(c.registered(ctx))
	}
	types := ignore(c.Catalogue(ctx, remote.Switch))
	return types[ignore(types.URL(remote.Switch, c.arg("TYPE")))]
}

// headnodes are those of all projects: the API lists them by project.
func headnodes(ctx context.Context, c *call) []string {
	var all []string
	for _, project := range ignore(remote.Read[[]string](c.ProjectList(ctx, nil))) {
		all = append(all, ignore(remote.Read[[]string](c.ProjectHeadnodes(ctx, project)))...)
	}
	return all
}
