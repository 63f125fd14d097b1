// A program cannot be imported, so its tests are inside.
package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// limit is how long a test waits for what must come.
const limit = 10 * time.Second

// start runs the program, to simulate a kind of device, until the test ends, and returns what it prints.
func start(t *testing.T, kind string, args ...string) *bufio.Reader {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	c := command()
	c.SetArgs(append([]string{kind, "--listen", "127.0.0.1:0"}, args...))
	c.SetOut(out)
	ended := make(chan error, 1)
	go func() {
		err := c.ExecuteContext(ctx)
		_ = out.CloseWithError(io.EOF) // it always succeeds
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		_, _ = io.Copy(io.Discard, in) // the program must not wait to be read
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return bufio.NewReader(in)
}

// address finds where the program answers in a line that it prints.
func address(t *testing.T, said *bufio.Reader, want string) string {
	t.Helper()
	line, err := said.ReadString('\n')
	m := regexp.MustCompile(want).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("it said %q (%v), want %q", line, err, want)
	}
	return m[1]
}

func TestTelnet(t *testing.T) {
	t.Parallel()
	for _, family := range []string{"nexus", "powerconnect"} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			said := start(t, "switch", "--family", family)
			at := address(t, said, "^A "+family+` switch with \d+ ports answers telnet on (\S+) to the user admin, whose password is admin\.\n$`)
			conn, err := net.DialTimeout("tcp", at, limit)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			first := make([]byte, 1)
			if _, err := io.ReadFull(conn, first); err != nil || first[0] != 255 {
				t.Errorf("it begins with %q (%v), which is no offer of telnet", first, err)
			}
		})
	}
}

func TestSSHWithPasswordFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := start(t, "switch", "--family", "nexus", "--listen", "", "--ssh", "127.0.0.1:0", "--username", "root", "--password-file", file, "--ports", "2")
	at := address(t, said, `^A nexus switch with 6 ports answers ssh on (\S+) to the user root\.\n$`)
	c, err := ssh.Dial("tcp", at, &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.Password("hidden")}, Timeout: limit,
		HostKeyCallback: func(string, net.Addr, ssh.PublicKey) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close() // the program may have closed it
}

// TestMistakes shows that what cannot be is told, and nothing is served.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no family":            {nil, `"family" not set`},
		"an unknown family":    {[]string{"--family", "hub"}, `"hub" is not simulated`},
		"no password there":    {[]string{"--family", "nexus", "--password-file", "/nowhere"}, "read the password"},
		"an address of nobody": {[]string{"--family", "nexus", "--listen", "nowhere"}, "missing port"},
		"a port of nobody":     {[]string{"--family", "nexus", "--bridge", "br0", "--map", "gi1/0/1=veth1"}, `no port "gi1/0/1"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantMistake(t, test.want, append([]string{"switch"}, test.args...)...)
		})
	}
}

// wantMistake runs the program in vain.
func wantMistake(t *testing.T, want string, args ...string) {
	t.Helper()
	c := command()
	c.SetArgs(args)
	c.SetOut(io.Discard)
	c.SetErr(io.Discard)
	if err := c.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
