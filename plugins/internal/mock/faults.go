package mock

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// Faults are the ways any mock device can misbehave. The zero value behaves.
type Faults struct {
	// Delay is how long each visit takes.
	Delay time.Duration
	// Fail is the probability that a change is refused, as by a device that is busy.
	Fail float64
	// Hang is the probability that a visit is never answered.
	Hang float64
	// Seed makes two runs misbehave alike.
	Seed uint64
}

// Dice are the random numbers of one visit: the same for the same seed, device and turn.
type Dice struct {
	r *rand.Rand
}

// Dice throws for a device's turn, which must not repeat over a relaunch, or a crash would repeat for ever.
func (f Faults) Dice(device string, turn uint64) Dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(device))
	return Dice{r: rand.New(rand.NewPCG(f.Seed^h.Sum64(), turn))}
}

// Hit is true with probability p.
func (d Dice) Hit(p float64) bool { return d.r.Float64() < p }

// Below is a number from 0 to n-1.
func (d Dice) Below(n int) int { return d.r.IntN(n) }

// Visit is the way to the device and back: it takes the delay, or hangs until ctx ends.
func (f Faults) Visit(ctx context.Context, d Dice, device string) error {
	if d.Hit(f.Hang) {
		<-ctx.Done()
	}
	select {
	case <-time.After(f.Delay):
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return &sdk.Error{Code: sdk.Timeout, Text: device + " does not answer", Retryable: true}
	}
	return nil
}

// Refusal is what a device says that refuses for no reason of the caller's.
func Refusal(device, what string) *sdk.Error {
	return &sdk.Error{Code: sdk.Busy, Retryable: true, Text: what + " on " + device + ": % Configuration database is locked, try later"}
}
