package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/sdk"
	terminal "github.com/CCI-MOC/haas/sdk/console"
)

// sshPort is where hosts listen for SSH, unless they are told otherwise.
const sshPort = "22"

// login is what it takes to get in over SSH.
type login struct {
	key  ssh.Signer
	pins terminal.Pins
}

func parseSSH(u *url.URL) (endpoint, error) {
	socket, ok := socketOf(u)
	if !ok || u.Hostname() == "" {
		return endpoint{}, errURI
	}
	if _, password := u.User.Password(); password || u.User.Username() == "" {
		return endpoint{}, errors.New("must be with the user to log in as, and no password, such as qemu+ssh://haas@host/system")
	}
	port := u.Port()
	if port == "" {
		port = sshPort
	}
	return endpoint{address: net.JoinHostPort(u.Hostname(), port), user: u.User.Username(), socket: socket}, nil
}

// login checks what belongs to a URI with ssh.
func (c *complaints) login(to *login, w written) {
	key, err := ssh.ParsePrivateKey([]byte(w.SSHKey.Reveal()))
	if err != nil {
		c.add("ssh_key", errors.New("must be given for ssh: a private key as PEM, without a passphrase"))
	}
	if !filepath.IsAbs(w.KnownHosts) {
		c.add("known_hosts", errors.New("must be given for ssh: the whole path of a file like OpenSSH's known_hosts, such as /var/lib/haas/known_hosts"))
	}
	*to = login{key: key, pins: terminal.Pins{Path: w.KnownHosts}}
}

// dialThrough connects to libvirtd's socket on the host.
func (e endpoint) dialThrough(ctx context.Context, client *ssh.Client) (net.Conn, error) {
	if e.socket != "" {
		return e.forward(ctx, client, "unix", e.socket)
	}
	var wrong error
	for _, path := range systemSockets {
		conn, err := e.forward(ctx, client, "unix", path)
		if no, ok := errors.AsType[*ssh.OpenChannelError](err); !ok || no.Reason != ssh.ConnectionFailed {
			return conn, err
		}
		wrong = errors.Join(wrong, fmt.Errorf("%s: %w", path, err))
	}
	return nil, wrong
}

// forward connects to what listens on the host.
func (e endpoint) forward(ctx context.Context, client *ssh.Client, network, address string) (net.Conn, error) {
	conn, err := client.DialContext(ctx, network, address)
	if no, ok := errors.AsType[*ssh.OpenChannelError](err); ok && no.Reason == ssh.Prohibited {
		return nil, &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf(
			"connect through %s: it lets %q in over SSH, but no further; set AllowTcpForwarding and AllowStreamLocalForwarding there: %s",
			e.address, e.user, no.Message)}
	}
	if err != nil {
		return nil, err
	}
	return forwarded{conn}, nil
}

// enter logs in.
func (e endpoint) enter(ctx context.Context) (*ssh.Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", e.address)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var stranger *sdk.Error
	config := &ssh.ClientConfig{
		User: e.user,
		Auth: []ssh.AuthMethod{ssh.PublicKeys(e.login.key)},
		HostKeyCallback: func(host string, remote net.Addr, key ssh.PublicKey) error {
			if stranger = e.login.pins.Check(host, remote, key); stranger != nil {
				return stranger
			}
			return nil
		},
		HostKeyAlgorithms: e.login.pins.Algorithms(e.address),
	}
	sshConn, channels, requests, err := ssh.NewClientConn(conn, e.address, config)
	if err == nil {
		return ssh.NewClient(sshConn, channels, requests), nil
	}
	_ = conn.Close() // the error at hand is the one that matters
	switch {
	case stranger != nil:
		return nil, stranger
	case ctx.Err() == nil && strings.Contains(err.Error(), "unable to authenticate"):
		return nil, &sdk.Error{Code: sdk.Refused, Text: fmt.Sprintf(
			"log in to %s as %q over SSH: the host does not take the key; put its public half into the user's authorized_keys", e.address, e.user)}
	default:
		return nil, err
	}
}

// forwarded is a connection through SSH. When it is lost, it says so as others do.
type forwarded struct{ net.Conn }

func (f forwarded) Write(b []byte) (int, error) {
	n, err := f.Conn.Write(b)
	if err != nil {
		err = errors.Join(net.ErrClosed, err)
	}
	return n, err
}
