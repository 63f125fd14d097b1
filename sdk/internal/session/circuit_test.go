package session_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/session"
)

func TestARejectedPasswordIsNotTriedOverAndOver(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		d.fail = &sdk.Error{Code: sdk.Denied, Text: "Login incorrect"}
		for range 5 {
			err := p.Do(t.Context(), target("a"), nothing)
			if !errors.Is(err, d.fail) || !strings.Contains(err.Error(), "Login incorrect") {
				t.Fatal(err)
			}
			pass(time.Minute)
		}
		if d.tried != 1 {
			t.Errorf("logged in %d times", d.tried)
		}
		d.fail = nil
		if err := p.Do(t.Context(), target("other settings"), nothing); err != nil {
			t.Error(err)
		}
		if err := p.Do(t.Context(), target("a"), nothing); !strings.Contains(err.Error(), "not tried again for 5m0s") {
			t.Error(err)
		}
		pass(5 * time.Minute)
		if err := p.Do(t.Context(), target("a"), nothing); err != nil {
			t.Error(err)
		}
	})
}

func TestAReleasedSessionIsClosedAndOpenedAnew(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		release := func() {
			if err := p.Release(t.Context(), target("a")); err != nil {
				t.Error(err)
			}
		}
		release()
		_ = p.Do(t.Context(), target("a"), nothing)
		release()
		d.want(t, 1, 1)
		_ = p.Share(t.Context(), target("a"), func(*conversation) error {
			release()
			d.want(t, 2, 1)
			return nil
		})
		d.want(t, 2, 2)
	})
}

func TestReleaseWaitsForTheCallUnderWay(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		_ = p.Do(t.Context(), target("a"), func(*conversation) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := p.Release(ctx, target("a")); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			return nil
		})
		d.want(t, 1, 0)
	})
}

func TestASessionThatTheDeviceEndedIsNotUsedAgain(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		var first *conversation
		_ = p.Do(t.Context(), target("a"), func(c *conversation) error { first = c; return nil })
		first.ended = true
		err := p.Do(t.Context(), target("a"), func(c *conversation) error {
			if c == first {
				t.Error("used an ended session")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		d.want(t, 2, 1)
	})
}

// TestASessionThatTheDeviceEndedUnderACall is left to that call, which may not have noticed: somebody sees a headnode's screen.
func TestASessionThatTheDeviceEndedUnderACall(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		_ = p.Share(t.Context(), target("a"), func(first *conversation) error {
			first.ended = true
			for _, call := range []func(context.Context, sdk.Target, func(*conversation) error) error{p.Do, p.Share} {
				_ = call(t.Context(), target("a"), func(c *conversation) error {
					if c == first {
						t.Error("used an ended session")
					}
					return nil
				})
			}
			d.want(t, 2, 0)
			return nil
		})
		d.want(t, 2, 1)
	})
}
