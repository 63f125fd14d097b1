package terminal

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

const (
	// firstPause is short enough for a person not to notice a connection that breaks once.
	firstPause = 200 * time.Millisecond
	// longestPause is between attempts to reach a server that has been gone for a while.
	longestPause = 15 * time.Second
	// settled is how long a connection must last for the next attempts to begin anew.
	settled = 10 * time.Second
)

// backoff spaces attempts to connect again: each pause up to twice the one before, and by chance, so that those whom a
// server lost together do not come back together.
type backoff struct{ first, next time.Duration }

func (s *session) newBackoff() *backoff {
	first := firstPause
	if s.FirstPause > 0 {
		first = s.FirstPause
	}
	return &backoff{first: first, next: first}
}

// lasted tells how long the last connection held.
func (b *backoff) lasted(d time.Duration) {
	if d >= settled {
		b.next = b.first
	}
}

// pause waits, and is false if ctx ended.
func (b *backoff) pause(ctx context.Context) bool {
	d := b.next/2 + rand.N(b.next/2+1) //nolint:gosec // chance, no secret
	b.next = min(2*b.next, longestPause)
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// reconnect goes on where the output ended. A person hears of it only if it does not work at once, and is to hear the news once
// what is typed is passed on again.
func (s *session) reconnect(ctx context.Context, b *backoff, resume string) (a *remote.Attachment, news string, err error) {
	begin := s.Begin
	begin.Take = false // the line may have been taken by somebody who is to keep it
	if resume != "" {
		begin.Resume, begin.Tail = resume, nil
	}
	for told := ""; ; {
		if !b.pause(ctx) {
			return nil, "", errLeft
		}
		a, err := s.server.Attach(ctx, s.Node, begin)
		switch {
		case ctx.Err() != nil:
			if err == nil {
				a.Close()
			}
			return nil, "", errLeft
		case err == nil && told != "":
			return a, "connected again", nil
		case err == nil:
			return a, "", nil
		case !passing(err):
			return nil, "", err
		case told != gone(err):
			told = gone(err)
			s.screen.notice("%s; trying to connect again", told)
		}
	}
}

// passing reports whether an error may be over soon.
func passing(err error) bool {
	if e, ok := errors.AsType[*remote.StatusError](err); ok {
		return e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests
	}
	_, ok := errors.AsType[*remote.UnreachableError](err)
	return ok
}

// gone says why there is no connection.
func gone(err error) string {
	if e, ok := errors.AsType[*remote.StatusError](err); ok {
		return "the console is gone: " + e.Error()
	}
	return "the server cannot be reached"
}
