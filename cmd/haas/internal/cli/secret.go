package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// maxSecret is longer than any password; it keeps a wrong file from being read whole.
const maxSecret = 64 << 10

// SecretFlags are how a command takes a password: never as an argument, which everybody on the machine can read.
func SecretFlags(f *pflag.FlagSet) {
	f.Bool("password-stdin", false, "read the password from standard input, up to the end of the line")
	f.String("password-file", "", "read the password from a file, up to the end of the line")
}

// Secret is the password that SecretFlags lead to, or that a person types at a terminal when asked.
func Secret(env Env, f *pflag.FlagSet, prompt string) (string, error) {
	file, err := f.GetString("password-file")
	if err != nil {
		return "", err
	}
	fromStdin, err := f.GetBool("password-stdin")
	switch {
	case err != nil:
		return "", err
	case fromStdin:
		return firstLine(env.In)
	case file != "":
		return secretFile(file)
	case isTerminal(env.In):
		return typed(env, prompt)
	}
	return "", errors.New("no password: give --password-stdin or --password-file")
}

func secretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	return firstLine(f)
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("read the password: there is none")
	}
	return line, nil
}

// typed asks without showing the answer.
func typed(env Env, prompt string) (string, error) {
	fmt.Fprint(env.Err, prompt+": ")
	defer fmt.Fprintln(env.Err)
	in, _ := env.In.(*os.File)
	answer, err := term.ReadPassword(int(in.Fd()))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if len(answer) == 0 {
		return "", errors.New("read the password: there is none")
	}
	return string(answer), nil
}
