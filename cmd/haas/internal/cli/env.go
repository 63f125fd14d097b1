package cli

import (
	"io"
	"os"

	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal"
)

// Env is what a command takes from its surroundings, so that tests can be them.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	// Dir is the working directory, where haas.cfg may be.
	Dir string
	// Version is the program's.
	Version string
}

// Surroundings are those of the process.
func Surroundings(version string) Env {
	return Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Dir: ".", Version: version}
}

// isTerminal reports whether a person is at the other end.
func isTerminal(stream any) bool { return terminal.Of(stream) != nil }
