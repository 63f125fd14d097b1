// Command haas-sim simulates hardware that speaks its real protocols, for trying HaaS, for vendors who write drivers, and for
// the lab, in which simulated switches steer real packets.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a program that does not end by the first
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use: "haas-sim", Short: "Simulate hardware for HaaS",
		SilenceUsage: true, // a mistake is told in one line, not under a page of help
	}
	root.AddCommand(switchCommand(), bmcCommand(), labCommand())
	return root
}
