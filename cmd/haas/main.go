// Command haas is all of HaaS for operators and users: the server, and the client that speaks to one.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
)

// version is set by the linker for releases.
var version = ""

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a program that does not end by the first
	env := cli.Surroundings(buildVersion())
	root := cli.New(env)
	root.AddCommand(serverCommands(env)...)
	status := cli.Run(ctx, root, env, os.Args[1:])
	stop()
	os.Exit(status)
}

// buildVersion is the release's, else what the Go tool noted of the source.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
