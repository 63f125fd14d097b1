package session_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/session"
)

// device counts what is done to it. Only bubbles of synctest use it, but -race wants the lock.
type device struct {
	mu     sync.Mutex
	opened int // guarded by mu
	closed int // guarded by mu
	tried  int // guarded by mu
	fail   error
}

// conversation is a session with a device.
type conversation struct {
	d     *device
	close func() error
	ended bool
}

func (c *conversation) Alive() bool { return !c.ended }

func (d *device) open(context.Context, sdk.Target) (*conversation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tried++
	if d.fail != nil {
		return nil, d.fail
	}
	d.opened++
	return &conversation{d: d}, nil
}

func (c *conversation) Close() error {
	if c.close != nil {
		return c.close()
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.d.closed++
	return nil
}

func (d *device) want(t *testing.T, opened, closed int) {
	t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opened != opened || d.closed != closed {
		t.Errorf("opened %d and closed %d times, want %d and %d", d.opened, d.closed, opened, closed)
	}
}

// try runs a test with a device and its pool, in a bubble of time of its own.
func try(t *testing.T, test func(t *testing.T, d *device, p *session.Pool[*conversation])) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &device{}
		p := session.New(session.Config[*conversation]{Open: d.open, Log: hclog.NewNullLogger()})
		test(t, d, p)
		p.Close(context.WithoutCancel(t.Context()))
		d.want(t, d.opened, d.opened)
	})
}

func target(settings string) sdk.Target {
	return sdk.Target{Name: "sw", Type: "x", Settings: sdk.Settings(settings)}
}

// pass lets time pass, which takes none in a bubble.
func pass(d time.Duration) { <-time.After(d) }

func nothing(*conversation) error { return nil }

func TestASessionStaysWarm(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		for range 5 {
			if err := p.Do(t.Context(), target("a"), nothing); err != nil {
				t.Fatal(err)
			}
			pass(session.Idle / 2)
		}
		d.want(t, 1, 0)
	})
}

func TestASessionIsClosedWhenIdle(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		_ = p.Do(t.Context(), target("a"), nothing)
		pass(session.Idle - time.Second)
		d.want(t, 1, 0)
		pass(time.Second)
		d.want(t, 1, 1)
		_ = p.Do(t.Context(), target("a"), nothing)
		d.want(t, 2, 1)
	})
}

func TestASessionInLongUseIsNotIdle(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		_ = p.Do(t.Context(), target("a"), func(*conversation) error {
			pass(10 * session.Idle)
			d.want(t, 1, 0)
			return nil
		})
		pass(session.Idle - time.Second)
		d.want(t, 1, 0)
	})
}

func TestTargetsWithOtherSettingsHaveOtherSessions(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		renamed := target("a")
		renamed.Name = "another name"
		retyped := target("a")
		retyped.Type = "y"
		for _, target := range []sdk.Target{target("a"), renamed, target("b"), retyped} {
			_ = p.Do(t.Context(), target, nothing)
		}
		d.want(t, 3, 0)
	})
}

func TestCallsComeOneAtATime(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		start, busy := time.Now(), 0
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				_ = p.Do(t.Context(), target("a"), func(*conversation) error {
					if busy++; busy > 1 {
						t.Error("two calls at once")
					}
					pass(time.Second)
					busy--
					return nil
				})
			})
		}
		all.Wait()
		d.want(t, 1, 0)
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("ten calls of a second took %v", took)
		}
	})
}

func TestTargetsDoNotWaitForEachOther(t *testing.T) {
	try(t, func(t *testing.T, _ *device, p *session.Pool[*conversation]) {
		start := time.Now()
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				_ = p.Do(t.Context(), target(fmt.Sprint(i)), func(*conversation) error { pass(time.Second); return nil })
			})
		}
		all.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("ten calls of a second to ten targets took %v", took)
		}
	})
}

func TestWhoeverWaitsObeysItsContext(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		release := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() { _ = p.Do(t.Context(), target("a"), func(*conversation) error { <-release; return nil }) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.Do(ctx, target("a"), func(*conversation) error { t.Error("called"); return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		close(release)
		all.Wait()
		d.want(t, 1, 0)
	})
}

func TestAFailedSessionIsReplaced(t *testing.T) {
	t.Parallel()
	for code, replaced := range map[sdk.Code]bool{
		sdk.Internal: true, sdk.Unavailable: true, sdk.Timeout: true,
		sdk.Invalid: false, sdk.NotFound: false, sdk.Unsupported: false, sdk.Refused: false, sdk.Busy: false,
	} {
		t.Run(code.String(), func(t *testing.T) {
			try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
				failure := &sdk.Error{Code: code, Text: "x"}
				if err := p.Do(t.Context(), target("a"), func(*conversation) error { return failure }); !errors.Is(err, failure) {
					t.Errorf("%v", err)
				}
				_ = p.Do(t.Context(), target("a"), nothing)
				if replaced {
					d.want(t, 2, 1)
					return
				}
				d.want(t, 1, 0)
			})
		})
	}
}

func TestASessionCancelledInMidCallIsReplaced(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		ctx, cancel := context.WithCancel(t.Context())
		_ = p.Do(ctx, target("a"), func(*conversation) error { cancel(); return &sdk.Error{Code: sdk.Refused} })
		d.want(t, 1, 1)
	})
}

func TestASessionThatFinishedInTimeIsKept(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		ctx, cancel := context.WithCancel(t.Context())
		_ = p.Do(ctx, target("a"), func(*conversation) error { cancel(); return nil })
		d.want(t, 1, 0)
	})
}

func TestAPanicGivesTheTurnBack(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		func() {
			defer func() { _ = recover() }()
			_ = p.Do(t.Context(), target("a"), func(*conversation) error { panic("bug") })
		}()
		d.want(t, 1, 1)
		if err := p.Do(t.Context(), target("a"), nothing); err != nil {
			t.Error(err)
		}
	})
}

func TestAFailedOpenIsNotRemembered(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		d.fail = &sdk.Error{Code: sdk.Unavailable}
		if err := p.Do(t.Context(), target("a"), nothing); !errors.Is(err, d.fail) {
			t.Errorf("%v", err)
		}
		d.fail = nil
		if err := p.Do(t.Context(), target("a"), nothing); err != nil {
			t.Error(err)
		}
	})
}

func TestSharedCallsRunBesideEachOther(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		start := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				_ = p.Share(t.Context(), target("a"), func(*conversation) error { pass(time.Second); return nil })
			})
		}
		all.Wait()
		d.want(t, 1, 0)
		if took := time.Since(start); took != time.Second {
			t.Errorf("ten shared calls of a second took %v", took)
		}
	})
}

func TestASessionInSharedUseIsNotIdle(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		_ = p.Do(t.Context(), target("a"), nothing)
		pass(session.Idle / 2) // its clock is running
		_ = p.Share(t.Context(), target("a"), func(*conversation) error {
			_ = p.Do(t.Context(), target("a"), nothing) // it does not hold the turn either
			pass(10 * session.Idle)
			d.want(t, 1, 0)
			return nil
		})
		pass(session.Idle)
		d.want(t, 1, 1)
	})
}

func TestAFailedSessionLivesAsLongAsItsSharedCalls(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		_ = p.Share(t.Context(), target("a"), func(*conversation) error {
			_ = p.Do(t.Context(), target("a"), func(*conversation) error { return errors.New("broken") })
			d.want(t, 1, 0)
			_ = p.Do(t.Context(), target("a"), nothing)
			d.want(t, 2, 0)
			return nil
		})
		d.want(t, 2, 1)
	})
}

// TestOneSessionAtATime wants no session opened before the one that became idle is closed.
func TestOneSessionAtATime(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		_ = p.Do(t.Context(), target("a"), func(c *conversation) error {
			c.close = func() error {
				pass(5 * time.Second)
				d.want(t, 1, 0)
				c.close = nil
				return c.Close()
			}
			return nil
		})
		pass(session.Idle + time.Second)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = p.Do(impatient, target("a"), nothing)
		_ = p.Do(t.Context(), target("a"), nothing)
		d.want(t, 2, 1)
	})
}

func TestAPanicOfCloseIsContained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &device{}
		p := session.New(session.Config[*conversation]{Open: d.open, Log: hclog.NewNullLogger(), Idle: time.Second})
		_ = p.Do(t.Context(), target("a"), func(c *conversation) error {
			c.close = func() error { panic("bug") }
			return nil
		})
		pass(time.Minute)
		d.want(t, 1, 0)
		p.Close(t.Context())
	})
}

func TestAClosedPoolOpensNothing(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		p.Close(t.Context())
		if err := p.Do(t.Context(), target("a"), nothing); !errors.Is(err, &sdk.Error{Code: sdk.Unavailable}) {
			t.Errorf("%v", err)
		}
		d.want(t, 0, 0)
	})
}

func TestCloseWaitsForCallsUntilItsContextEnds(t *testing.T) {
	try(t, func(t *testing.T, d *device, p *session.Pool[*conversation]) {
		var all sync.WaitGroup
		all.Go(func() {
			_ = p.Do(t.Context(), target("a"), func(*conversation) error { pass(time.Minute); return nil })
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p.Close(ctx)
		d.want(t, 1, 0)
		p.Close(t.Context())
		d.want(t, 1, 1)
		all.Wait()
	})
}

func TestASessionOpenedWhileThePoolClosesIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &device{}
		open := func(ctx context.Context, target sdk.Target) (*conversation, error) {
			pass(time.Second)
			return d.open(ctx, target)
		}
		p := session.New(session.Config[*conversation]{Open: open, Log: hclog.NewNullLogger()})
		var all sync.WaitGroup
		all.Go(func() {
			if err := p.Do(t.Context(), target("a"), nothing); !errors.Is(err, &sdk.Error{Code: sdk.Unavailable}) {
				t.Errorf("%v", err)
			}
		})
		synctest.Wait()
		p.Close(t.Context())
		all.Wait()
		d.want(t, 1, 1)
	})
}
