// Package conformance is what the conformance kits of the contracts share: checks that can be run by the testing
// package or by a recorder, a witness that sees everything a driver says, and the checks that fit every contract.
// It is not for one contract's obligations; those are in its own kit.
package conformance

import (
	"context"
	"fmt"
	"runtime"
	"testing"
)

// T is what a check uses of *testing.T.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Cleanup(f func())
	Context() context.Context
}

// Check is one obligation of a contract. R is the kit's rig: a driver and what it may play with.
type Check[R any] struct {
	// Name reads as a sentence about a driver that meets the obligation.
	Name string
	// Run tries the driver.
	Run func(t T, rig R)
}

// Run runs each check as a subtest, with a rig of its own.
func Run[R any](t *testing.T, checks []Check[R], rig func(t T) R) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, rig(t)) })
	}
}

// Failures runs each check on a recorder and gives what the failed ones said, by name. It is for the tests of the
// kits themselves, whose drivers are broken on purpose.
func Failures[R any](ctx context.Context, checks []Check[R], rig func(t T) R) map[string][]string {
	failures := map[string][]string{}
	for _, c := range checks {
		r := newRecorder(ctx)
		r.run(func() { c.Run(r, rig(r)) })
		if len(r.failures) > 0 {
			failures[c.Name] = r.failures
		}
	}
	return failures
}

// recorder is a T that remembers failures.
type recorder struct {
	ctx      context.Context // like that of testing.T, it ends before the cleanups
	cancel   context.CancelFunc
	failures []string
	cleanups []func()
}

var _ T = (*recorder)(nil)

func newRecorder(ctx context.Context) *recorder {
	ctx, cancel := context.WithCancel(ctx)
	return &recorder{ctx: ctx, cancel: cancel}
}

// run gives check a goroutine of its own, because Fatalf and Skipf end it.
func (r *recorder) run(check func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.cleanUp()
		defer func() {
			if v := recover(); v != nil {
				r.Errorf("panic: %v", v)
			}
		}()
		check()
	}()
	<-done
}

func (r *recorder) cleanUp() {
	r.cancel()
	for len(r.cleanups) > 0 {
		last := len(r.cleanups) - 1
		f := r.cleanups[last]
		r.cleanups = r.cleanups[:last]
		f()
	}
}

func (r *recorder) Helper()                  {}
func (r *recorder) Logf(string, ...any)      {}
func (r *recorder) Cleanup(f func())         { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Skipf(string, ...any)     { runtime.Goexit() }

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
