package consoletest_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// client logs in over SSH.
func client(l *lamp, address string, auth ssh.AuthMethod) (*ssh.Client, error) {
	return ssh.Dial("tcp", address, &ssh.ClientConfig{
		User: "admin", Auth: []ssh.AuthMethod{auth}, HostKeyCallback: ssh.FixedHostKey(l.HostKey()), Timeout: limit,
	})
}

func TestSSH(t *testing.T) {
	t.Parallel()
	for name, auth := range map[string]ssh.AuthMethod{
		"password": ssh.Password("admin"),
		"keyboard-interactive": ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			return []string{"admin"}[:len(questions)], nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{})
			c, err := client(l, l.Start(t, consoletest.SSH), auth)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			s, err := c.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			if err := s.RequestPty("vt100", 3, 80, ssh.TerminalModes{}); err != nil {
				t.Fatal(err)
			}
			keys, err := s.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			var screen bytes.Buffer
			s.Stdout = &screen
			if err := s.Shell(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(keys, "count 3\r exit\r"); err != nil {
				t.Fatal(err)
			}
			if err := s.Wait(); err != nil {
				t.Fatal(err)
			}
			want := "Hello.\r\nlamp> count 3\r\n" + lines(1, 2) + "--more--\r\x1b[K" + lines(3, 3) + "lamp> exit\r\n"
			if got := screen.String(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if l.Logins() != 1 {
				t.Errorf("%d logins", l.Logins())
			}
		})
	}
}

func TestSSHRefusals(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	address := l.Start(t, consoletest.SSH)
	if _, err := client(l, address, ssh.Password("wrong")); err == nil || !strings.Contains(err.Error(), "unable to authenticate") {
		t.Errorf("a wrong password: %v", err)
	}
	old := l.HostKey()
	l.NewHostKey()
	if bytes.Equal(old.Marshal(), l.HostKey().Marshal()) {
		t.Error("the new host key is the old one")
	}
	c, err := client(l, address, ssh.Password("admin"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run("show light"); err == nil {
		t.Error("it ran a command without a shell")
	}
	if _, err := c.NewSession(); err == nil {
		t.Error("it gave a second session on one connection")
	}
	if _, _, err := c.OpenChannel("direct-tcpip", nil); err == nil {
		t.Error("it opened another kind of channel")
	}
}
