package cli

import "github.com/spf13/cobra"

func siteCommand(env Env) *cobra.Command { return &cobra.Command{Use: "site"} }
