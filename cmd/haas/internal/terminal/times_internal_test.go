// These tests are inside the package since they are about how long things take, which only a clock of their own shows, and
// about moments that cannot be met from outside.
package terminal

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// quietSession is one whose input has ended, and how it ends.
func quietSession(t *testing.T, broken <-chan struct{}) (s *session, ended context.Context) {
	t.Helper()
	ended, end := context.WithCancelCause(t.Context())
	s = &session{Options: Options{Silence: 3 * time.Second}, heard: make(chan struct{}, 1), end: end}
	s.link.Store(&link{broken})
	go s.awaitSilence(ended)
	return s, ended
}

func TestSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ended := quietSession(t, nil)
		for range 10 {
			<-time.After(2900 * time.Millisecond)
			s.heard <- struct{}{}
		}
		<-time.After(2900 * time.Millisecond)
		synctest.Wait()
		if ended.Err() != nil {
			t.Error("a machine that prints is taken for silent")
		}
		<-time.After(200 * time.Millisecond)
		synctest.Wait()
		if cause := context.Cause(ended); cause != errLeft { //nolint:errorlint // it is the very one
			t.Errorf("after the silence: %v", cause)
		}
	})
}

func TestALostConnectionIsNoSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := make(chan struct{})
		close(broken)
		_, ended := quietSession(t, broken)
		<-ended.Done()
		if cause := context.Cause(ended); !strings.Contains(cause.Error(), "the connection was lost") {
			t.Errorf("got %v", cause)
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := (&session{}).newBackoff()
		pauses := func(limits ...time.Duration) {
			t.Helper()
			for _, limit := range limits {
				began := time.Now()
				b.pause(t.Context())
				if got := time.Since(began); got < limit/2 || got > limit {
					t.Errorf("a pause of %s, want up to %s", got, limit)
				}
			}
		}
		ms := time.Millisecond
		pauses(200*ms, 400*ms, 800*ms)
		b.lasted(time.Second)
		pauses(1600*ms, 3200*ms, 6400*ms, 12800*ms, 15000*ms, 15000*ms)
		b.lasted(time.Minute)
		pauses(200*ms, 400*ms)
	})
}

func TestInputOfWhichAPartIsLost(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancelCause(t.Context())
	s := &session{end: end}
	s.unsent(ctx, request{tell: "ask"})
	if ctx.Err() != nil {
		t.Errorf("ended over a message: %v", context.Cause(ctx))
	}
	s.unsent(ctx, request{keys: []byte("x")})
	if cause := context.Cause(ctx); cause == nil || !strings.Contains(cause.Error(), "how much of it has arrived is not known") {
		t.Errorf("got %v", cause)
	}
}

func TestRefusalsAreToldOnceInAWhile(t *testing.T) {
	t.Parallel()
	var r refusal
	now := time.Now()
	for i, c := range []struct {
		reason string
		after  time.Duration
		want   bool
	}{{"a", 0, true}, {"a", 4 * time.Second, false}, {"b", 0, true}, {"a", 0, true}, {"a", 6 * time.Second, true}} {
		now = now.Add(c.after)
		if got := r.isNews(c.reason, now); got != c.want {
			t.Errorf("%d: %q is news: %t", i, c.reason, got)
		}
	}
	r.forget()
	if !r.isNews("a", now) {
		t.Error("forgotten, and no news")
	}
}

func TestWhatCouldNotBeSentIsNotSentLater(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	s := &session{requests: make(chan request, 3), screen: newScreen(io.Discard, &told, false)}
	s.requests <- request{keys: []byte("rm ")}
	s.requests <- request{keys: []byte("-r\r")}
	s.drop()
	s.drop()
	if len(s.requests) > 0 || told.String() != mark+unsent+"\n" {
		t.Errorf("%d requests wait, told %q", len(s.requests), &told)
	}
}
