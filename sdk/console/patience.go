package console

import (
	"context"
	"time"
)

type patienceKey struct{}

// WithPatience is ctx for a line that takes the device longer than others, as a save does: it may be silent for limit,
// if that is longer than Config.Deadline.
func WithPatience(ctx context.Context, limit time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, limit)
}

func patienceOf(ctx context.Context) time.Duration {
	limit, _ := ctx.Value(patienceKey{}).(time.Duration)
	return limit
}
