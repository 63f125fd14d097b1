package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/sdk"
)

// shell is the terminal of an SSH session.
type shell struct {
	io.Reader
	io.Writer
	client *ssh.Client
}

// Close ends the connection, and with it everything on it.
func (s *shell) Close() error { return s.client.Close() }

// openShell logs in over conn, and closes it if that fails.
func openShell(ctx context.Context, c Config, conn net.Conn) (io.ReadWriteCloser, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	h := &handshake{config: c}
	sshConn, channels, requests, err := ssh.NewClientConn(conn, c.address(), h.client())
	if err != nil {
		_ = conn.Close()
		return nil, h.failure(ctx, err)
	}
	client := ssh.NewClient(sshConn, channels, requests)
	sh, err := startShell(client)
	if err != nil {
		_ = client.Close()
		_ = client.Wait()
		return nil, h.noShell(ctx, err)
	}
	return sh, nil
}

func startShell(client *ssh.Client) (*shell, error) {
	session, err := client.NewSession()
	if err != nil {
		return nil, err
	}
	if err := session.RequestPty(terminalType, 0, wide, ssh.TerminalModes{ssh.ECHO: 1}); err != nil {
		return nil, err
	}
	in, err := session.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := session.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &shell{Reader: out, Writer: in, client: client}, session.Shell()
}

// handshake is a login over SSH under way, and what its callbacks have seen.
type handshake struct {
	config  Config
	refused *sdk.Error // why the device's key is not trusted
	offered bool       // the password was sent
}

func (h *handshake) client() *ssh.ClientConfig {
	c := h.config
	pins := Pins{Path: c.KnownHosts}
	client := &ssh.ClientConfig{
		User: c.Username,
		Auth: []ssh.AuthMethod{ssh.PasswordCallback(h.password), ssh.KeyboardInteractive(h.interactive)},
		HostKeyCallback: func(host string, remote net.Addr, key ssh.PublicKey) error {
			if h.refused = pins.Check(host, remote, key); h.refused != nil {
				return h.refused
			}
			return nil
		},
		HostKeyAlgorithms: pins.Algorithms(c.address()),
	}
	allowOldDevices(client)
	return client
}

// allowOldDevices adds what switches speak that are ten years old, behind what is better.
func allowOldDevices(c *ssh.ClientConfig) {
	a := ssh.SupportedAlgorithms()
	c.KeyExchanges = slices.Concat(a.KeyExchanges, []string{ssh.InsecureKeyExchangeDH14SHA1, ssh.InsecureKeyExchangeDHGEXSHA1})
	c.Ciphers = slices.Concat(a.Ciphers, []string{ssh.InsecureCipherAES128CBC})
	c.MACs = a.MACs
	c.HostKeyAlgorithms = append(c.HostKeyAlgorithms, ssh.KeyAlgoRSA)
}

func (h *handshake) password() (string, error) {
	h.offered = true
	return h.config.Password.Reveal(), nil
}

// errOnce keeps a rejected password from being offered again in another way: devices lock accounts.
var errOnce = errors.New("the password was rejected")

// interactive answers hidden questions with the password, and others with the name.
func (h *handshake) interactive(_, _ string, questions []string, echos []bool) ([]string, error) {
	answers := make([]string, len(questions))
	if len(questions) > 0 && h.offered {
		return nil, errOnce
	}
	for i := range questions {
		answers[i] = h.config.Username
		if !echos[i] {
			answers[i] = h.config.Password.Reveal()
			h.offered = true
		}
	}
	return answers, nil
}

// failure is the error for a login that did not succeed.
func (h *handshake) failure(ctx context.Context, err error) error {
	doing := fmt.Sprintf("log in to %s as %q over SSH: ", h.config.Host, h.config.Username)
	negotiation, disagree := errors.AsType[*ssh.AlgorithmNegotiationError](err)
	switch {
	case h.refused != nil:
		return h.refused
	case ctx.Err() != nil:
		return h.config.unreached(ctx, err)
	case disagree:
		return &sdk.Error{Code: sdk.Unsupported, Text: doing + negotiation.Error()}
	case strings.Contains(err.Error(), "unable to authenticate"), errors.Is(err, errOnce),
		h.offered && strings.Contains(err.Error(), "ssh: disconnect"):
		return &sdk.Error{Code: sdk.Denied, Text: doing + "the device rejected the user name or the password"}
	case h.offered:
		return &sdk.Error{Code: sdk.Unavailable, Retryable: true, Text: doing + "the device closed the connection after the password: " + reason(err)}
	case hungUp(err):
		return &sdk.Error{Code: sdk.Busy, Retryable: true, Text: doing + "the device has no session left: it closed the connection at once"}
	default:
		return &sdk.Error{Code: sdk.Unavailable, Retryable: true, Text: doing + reason(err)}
	}
}

// noShell is the error for a device that lets nobody in after the login, as those do that have too many sessions.
func (h *handshake) noShell(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return h.config.unreached(ctx, err)
	}
	return &sdk.Error{Code: sdk.Busy, Retryable: true, Text: fmt.Sprintf(
		"open a terminal on %s over SSH: the device has no session left: %s", h.config.Host, reason(err))}
}
