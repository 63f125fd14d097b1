package main

import (
	"context"
	"math"
	"time"

	"github.com/bougou/go-ipmi/pkg/client"

	"github.com/CCI-MOC/haas/sdk"
)

// longest is for how long IPMI can light the lamp: it counts seconds in one byte.
const longest = math.MaxUint8 * time.Second

// Identify lights the lamp for d, in whole seconds.
func (s *session) Identify(ctx context.Context, d time.Duration) error {
	if d < 0 || d > longest {
		return &sdk.Error{Code: sdk.Invalid, Text: "identify: the time must be from 0 to " + longest.String()}
	}
	seconds := uint8(math.Ceil(d.Seconds()))
	return s.ask(ctx, "identification lamp", func(ctx context.Context, c *client.Client) error {
		_, err := c.ChassisIdentify(ctx, seconds, false)
		return err
	})
}
