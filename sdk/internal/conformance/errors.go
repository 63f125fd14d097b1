package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// pause is the time between two tries of something that takes a device a while.
const pause = 20 * time.Millisecond

func sdkError(err error) (*sdk.Error, bool) { return errors.AsType[*sdk.Error](err) }

// WantCode fails unless err carries an *sdk.Error with code.
func WantCode(t T, what string, err error, code sdk.Code) {
	t.Helper()
	e, ok := sdkError(err)
	switch {
	case err == nil:
		t.Errorf("%s: no error, want one with the code %q", what, code)
	case !ok:
		t.Errorf("%s: error %q carries no *sdk.Error, want one with the code %q", what, err, code)
	case e.Code != code:
		t.Errorf("%s: error %q has the code %q, want %q", what, err, e.Code, code)
	}
}

// NoError fails if err is not nil.
func NoError(t T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// Patiently calls do again while its error is retryable and limit has not passed.
func Patiently(ctx context.Context, limit time.Duration, do func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := do()
		if !sdk.IsRetryable(err) || time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
		rest(ctx)
	}
}

// Eventually tries ok until it holds or limit has passed.
func Eventually(ctx context.Context, limit time.Duration, ok func() bool) bool {
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return false
		}
		rest(ctx)
	}
	return true
}

func rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}

// Returns reports whether call returns before limit. A call that does not is left behind.
func Returns(limit time.Duration, call func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}

// Cancelled is a child of ctx that has ended already.
func Cancelled(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}
