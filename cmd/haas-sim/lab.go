package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas-sim/internal/lab"
)

// roughCommands are the commands of a switch's configuration in the middle of which things go wrong. Few changes need
// more.
var roughCommands = []int{1, 2, 3, 4, 5, 6}

func labCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "lab", Short: "Watch projects on real packets that must never meet", Args: cobra.NoArgs,
		Long: "Watch projects on real packets that must never meet: network namespaces as machines, Open vSwitch behind simulated\n" +
			"switches, and the real server. It shows who reaches whom after each step, then does it again while things go wrong.\n" +
			"It fails if a frame of one project reaches a machine of the other, ever. It needs root, and leaves nothing behind.",
		RunE: runLab,
	}
	cmd.Flags().Bool("keep", false, "leave it running before everything is given back, and say what to try")
	cmd.Flags().String("bin", "", "the folder with haas, and its drivers in plugins; else that of this program")
	return cmd
}

func runLab(cmd *cobra.Command, _ []string) error {
	keep, err := cmd.Flags().GetBool("keep")
	if err != nil {
		return err
	}
	bin, err := cmd.Flags().GetString("bin")
	if err != nil {
		return err
	}
	if bin, err = programs(bin); err != nil {
		return err
	}
	return inLab(cmd.Context(), bin, cmd.OutOrStdout(), keep)
}

// inLab walks through a lab, and then keeps it or goes on roughly.
func inLab(ctx context.Context, bin string, out io.Writer, keep bool) (err error) {
	l, err := lab.Start(ctx, lab.Options{Bin: bin, Out: out})
	defer func() { err = errors.Join(err, l.Close()) }()
	if err != nil {
		return err
	}
	if err := l.Walk(); err != nil {
		return err
	}
	if keep {
		return l.Keep()
	}
	if err := l.Leave(); err != nil {
		return err
	}
	if err := l.Rough(roughCommands...); err != nil {
		return err
	}
	if err := l.Leave(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nNo frame of a project ever reached a machine of another.")
	return nil
}

// programs is the folder with the program haas and its drivers.
func programs(bin string) (string, error) {
	if bin == "" {
		self, err := os.Executable()
		if err != nil {
			return "", err
		}
		bin = filepath.Dir(self)
	}
	if _, err := os.Stat(filepath.Join(bin, "haas")); err != nil {
		return "", fmt.Errorf("find the program haas: %w; make build, or say where it is with --bin", err)
	}
	return filepath.Abs(bin)
}
