package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/CCI-MOC/haas/sdk"
)

const (
	// grace is for how long a change that is under way is waited for when its caller has given up: what becomes of it
	// decides what has to be undone.
	grace = 5 * time.Second
)

// link is a conversation with a libvirtd. Calls may be concurrent.
type link struct {
	api     *libvirt.Libvirt
	conn    *wire
	silence time.Duration
}

// dial opens a conversation.
func dial(ctx context.Context, s settings, w way) (*link, error) {
	conn, err := w.connect(ctx)
	if err != nil {
		return nil, err
	}
	return converse(ctx, s, newWire(conn))
}

// converse begins a conversation on a connection, which it closes if that fails.
func converse(ctx context.Context, s settings, conn *wire) (*link, error) {
	l := &link{conn: conn, api: libvirt.NewWithDialer(conn), silence: reach}
	_, err := get(ctx, l, func(api *libvirt.Libvirt) (struct{}, error) { return struct{}{}, api.ConnectToURI(libvirt.QEMUSystem) })
	if err != nil {
		l.close()
		return nil, err
	}
	l.silence = s.silence
	return l, nil
}

// get asks for something, and changes nothing. It ends with ctx; go-libvirt's own calls, which know no context, end with
// the link.
func get[V any](ctx context.Context, l *link, f func(*libvirt.Libvirt) (V, error)) (V, error) {
	return await(ctx, l, 0, f)
}

// change is get for what changes something.
func change[V any](ctx context.Context, l *link, f func(*libvirt.Libvirt) (V, error)) (V, error) {
	return await(ctx, l, grace, f)
}

// do changes something that has no answer.
func (l *link) do(ctx context.Context, f func(*libvirt.Libvirt) error) error {
	_, err := change(ctx, l, func(api *libvirt.Libvirt) (struct{}, error) { return struct{}{}, f(api) })
	return err
}

func await[V any](ctx context.Context, l *link, grace time.Duration, f func(*libvirt.Libvirt) (V, error)) (V, error) {
	var none V
	if ctx.Err() != nil {
		return none, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, l.silence)
	defer cancel()
	type answer struct {
		value V
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil { // nobody else would catch it
				answers <- answer{err: fmt.Errorf("go-libvirt has panicked: %v\n%s", v, debug.Stack())}
			}
		}()
		v, err := f(l.api)
		answers <- answer{v, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-answers: // it is known what became of it, but the caller has gone
	case <-timer.C:
	}
	return none, ctx.Err()
}

// close hangs up. Whoever waits for an answer does so no more.
func (l *link) close() {
	_ = l.conn.Close() // libvirtd notices
}

// alive reports that libvirtd has not hung up.
func (l *link) alive() bool {
	select {
	case <-l.conn.lost:
		return false
	default:
		return true
	}
}

// unavailable is the error for a libvirtd that cannot be talked to.
func unavailable(what string, err error) *sdk.Error {
	return &sdk.Error{Code: sdk.Unavailable, Text: what + ": " + err.Error(), Retryable: true}
}
