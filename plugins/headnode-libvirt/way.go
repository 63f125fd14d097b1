package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/CCI-MOC/haas/sdk"
)

// reach is how long a host may take to be reached.
const reach = 10 * time.Second

// way leads to a host. Connections may be opened concurrently.
type way struct {
	to endpoint
	// through is what connections go through, nil if they need nothing. A host takes only so many log-ins at the same time.
	through *ssh.Client
}

// open makes a way, which is to be closed when nobody uses it any more.
func open(ctx context.Context, to endpoint) (way, error) {
	if to.user == "" {
		return way{to: to}, nil
	}
	client, err := reached(ctx, to, to.enter)
	return way{to, client}, err
}

// connect opens a connection to libvirtd.
func (w way) connect(ctx context.Context) (net.Conn, error) { return reached(ctx, w.to, w.libvirtd) }

func (w way) libvirtd(ctx context.Context) (net.Conn, error) {
	switch {
	case w.through != nil:
		return w.to.dialThrough(ctx, w.through)
	case w.to.local():
		return new(net.Dialer).DialContext(ctx, "unix", w.to.path())
	default:
		return w.to.dialTLS(ctx)
	}
}

// close ends what connections have gone through, and them.
func (w way) close() {
	if w.through != nil {
		_ = w.through.Close() // the host notices
	}
}

// reached is what f has reached for at a host. One that does not want to talk, or is not the right one, is as good as none.
func reached[V any](ctx context.Context, to endpoint, f func(context.Context) (V, error)) (V, error) {
	within, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	v, err := f(within)
	_, told := errors.AsType[*sdk.Error](err)
	if err == nil || told || ctx.Err() != nil || errors.Is(err, fs.ErrPermission) {
		return v, err
	}
	return v, unavailable("connect to libvirtd at "+to.String(), err)
}
