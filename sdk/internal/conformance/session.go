package conformance

import (
	"context"
	"io"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// Session gives a session with the target that ends with t. An error of open that is retryable is tried again until
// limit has passed.
func Session[S io.Closer](t T, limit time.Duration, open func(context.Context, sdk.Target) (S, error), target sdk.Target) S {
	t.Helper()
	var s S
	err := Patiently(t.Context(), limit, func() (err error) {
		s, err = open(t.Context(), target)
		return err
	})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
