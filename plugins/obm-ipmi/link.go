package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/bougou/go-ipmi/pkg/client"
)

const (
	// attempts is how often a packet is sent. It is the same packet each time, which a controller obeys once at most.
	attempts = 2
	// rounds is in how many parts a silence is divided: the attempts of a call, and those of the log-in after it.
	rounds = 2 * attempts
	// parting is how long a controller may take to confirm that it was left.
	parting = 500 * time.Millisecond
)

// link is one session of a controller, and the socket it lives on. It is for one caller at a time, as go-ipmi is.
type link struct {
	client *client.Client
	conn   *wire
	// mute says that the controller did not answer the last time, so that little is waited for when it is left.
	mute bool
}

// dialer hands a socket that is open already to go-ipmi, whose own way to open one obeys no context and knows no
// addresses of IPv6.
type dialer struct{ conn *wire }

func (d dialer) Dial(string, string) (net.Conn, error) { return d.conn, nil }

// dial opens a socket. Nothing is sent.
func dial(ctx context.Context, s settings) (*link, error) {
	udp, err := (&net.Dialer{}).DialContext(ctx, "udp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return nil, err
	}
	conn := newWire(udp)
	c, err := client.NewClient(s.host, s.port, s.user, s.password.Reveal())
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c.WithUDPProxy(dialer{conn}).
		WithTimeout(s.silence / rounds).WithRetry(attempts - 1).
		WithCipherSuiteID(s.suite).WithMaxPrivilegeLevel(s.privilege)
	return &link{client: c, conn: conn}, nil
}

// authenticate makes a session on a fresh socket. It is what go-ipmi's own Connect does, without its background requests
// that would come between those of others, and with errors that can be told apart.
func (l *link) authenticate(ctx context.Context, s settings) error {
	return l.do(ctx, func(ctx context.Context, c *client.Client) error {
		if _, err := c.OpenSession(ctx); err != nil {
			return fmt.Errorf("open session: %w", err)
		}
		if _, err := c.RAKPMessage1(ctx); err != nil {
			return fmt.Errorf("name the user: %w", err)
		}
		if _, err := c.RAKPMessage3(ctx); err != nil {
			return fmt.Errorf("prove the password: %w", err)
		}
		if _, err := c.SetSessionPrivilegeLevel(ctx, s.privilege); err != nil {
			return errors.Join(fmt.Errorf("ask for the privilege: %w", err), l.logOut(ctx))
		}
		return nil
	})
}

// do runs f, which ends with ctx even while it waits for the controller.
func (l *link) do(ctx context.Context, f func(context.Context, *client.Client) error) error {
	defer l.wakeAfter(ctx)()
	err := f(ctx, l.client)
	l.mute = ctx.Err() != nil || isSilence(err)
	if d, ok := ctx.Deadline(); ok && isSilence(err) && !time.Now().Before(d) {
		return context.DeadlineExceeded // go-ipmi's clock may strike before that of ctx
	}
	return err
}

// logOut ends the session, and gives its place on the controller back, even where ctx has ended. It is called once.
func (l *link) logOut(ctx context.Context) error {
	patience := parting
	if l.mute { // it is told nevertheless; one that was only slow has a place to give back
		patience = parting / 20
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	defer l.wakeAfter(ctx)()
	return l.client.Close(ctx)
}

// wakeAfter makes whoever waits for the controller look up when ctx ends; go-ipmi 0.9.1 goes on reading, and lets nobody
// else read, until its time is over.
func (l *link) wakeAfter(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = l.conn.SetReadDeadline(time.Unix(1, 0)) })
}
