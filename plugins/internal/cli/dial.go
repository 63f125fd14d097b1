package cli

import (
	"context"

	"github.com/CCI-MOC/haas/sdk/console"
)

// dial logs in to a device. It exists so that a failure gives no Terminal at all, rather than one around nil.
func dial(ctx context.Context, c console.Config) (Terminal, error) {
	s, err := console.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return s, nil
}
