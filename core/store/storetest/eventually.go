package storetest

import (
	"testing"
	"time"
)

// The pauses between two looks grow: a busy machine has other things to do.
const (
	look       = 5 * time.Millisecond
	lookLatest = 200 * time.Millisecond
)

// Eventually waits until check says true, as it does when somebody else has written to the store, and fails with what it
// last saw if that takes too long.
func Eventually(t testing.TB, what string, check func() (ok bool, seen any)) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for pause := look; ; pause = min(pause+pause/2, lookLatest) {
		ok, seen := check()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s; last seen: %+v", patience, what, seen)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("the test ended before: %s", what)
		case <-time.After(pause):
		}
	}
}
