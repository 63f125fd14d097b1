package consoletest

import (
	"errors"
	"net"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
)

// secureShell is a wire over an SSH channel.
type secureShell struct {
	keyboard
	ssh.Channel
	// window is the peer's terminal, width in the upper half.
	window atomic.Uint64
}

// Echoes implements wire.
func (c *secureShell) Echoes() bool { return true }

// Window implements wire.
func (c *secureShell) Window() (width, length int) {
	w := c.window.Load()
	return int(w >> 32), int(w & 0xffffffff)
}

// serveSSH talks to a peer over SSH: the login is the protocol's, the rest is as over telnet.
func (d *Device) serveSSH(s *Session, conn net.Conn) {
	server, channels, requests, err := ssh.NewServerConn(conn, d.sshConfig(s))
	if err != nil {
		d.options.Log.Debug("no SSH session", "err", err)
		return
	}
	defer func() { _ = server.Close() }() // the shell has said all it had to say
	d.running.Go(func() { ssh.DiscardRequests(requests) })
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "only sessions") // the peer may have gone
			continue
		}
		channel, wishes, err := offered.Accept()
		if err != nil {
			return
		}
		d.running.Go(func() {
			for offered := range channels {
				_ = offered.Reject(ssh.ResourceShortage, "one session") // the peer may have gone
			}
		})
		d.serveShell(s, channel, wishes)
		return
	}
}

// sshConfig takes the same name and password as telnet, in both of the protocol's ways.
func (d *Device) sshConfig(s *Session) *ssh.ServerConfig {
	check := func(name, password string) (*ssh.Permissions, error) {
		if !s.wait(d.options.Login) || !d.accepts(name, password) {
			return nil, errors.New("permission denied")
		}
		return &ssh.Permissions{}, nil
	}
	c := &ssh.ServerConfig{
		MaxAuthTries: either(d.family.Login.Tries, 3),
		PasswordCallback: func(meta ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			return check(meta.User(), string(password))
		},
		KeyboardInteractiveCallback: func(meta ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(answers) != 1 {
				return nil, errors.New("no password")
			}
			return check(meta.User(), answers[0])
		},
	}
	d.View(func() { c.AddHostKey(d.hostKey) })
	return c
}

// serveShell waits for the wish for a shell, and is one.
func (d *Device) serveShell(s *Session, channel ssh.Channel, wishes <-chan *ssh.Request) {
	shell := &secureShell{keyboard: newKeyboard(), Channel: channel}
	defer shell.stop()
	asked := make(chan struct{})
	d.running.Go(func() { shell.grant(wishes, asked) })
	d.running.Go(func() { shell.pump(channel, func(typed []byte) []byte { return append([]byte(nil), typed...) }) })
	s.wire = shell
	select {
	case <-asked:
	case <-shell.Gone():
		return
	}
	if s.welcome() {
		s.serve()
	}
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{})) // the peer may have gone
	_ = channel.Close()                                                                      // the peer may have gone
}

// grant answers the wishes of a session: a terminal and a shell, nothing else.
func (c *secureShell) grant(wishes <-chan *ssh.Request, asked chan<- struct{}) {
	shells := 0
	for wish := range wishes {
		granted := false
		switch wish.Type {
		case "pty-req":
			granted = c.terminal(wish.Payload)
		case "shell":
			if shells++; shells == 1 {
				granted = true
				close(asked)
			}
		}
		_ = wish.Reply(granted, nil) // the peer may have gone
	}
}

// terminal takes the size from a wish for a terminal.
func (c *secureShell) terminal(payload []byte) bool {
	var pty struct {
		Term          string
		Width, Length uint32
		Rest          []byte `ssh:"rest"`
	}
	if ssh.Unmarshal(payload, &pty) != nil {
		return false
	}
	c.window.Store(uint64(pty.Width)<<32 | uint64(pty.Length))
	return true
}
