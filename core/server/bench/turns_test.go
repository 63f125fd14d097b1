package bench_test

import (
	"slices"
	"testing"
	"time"
)

// rounds is how often each side is measured. The median of five survives two bad turns.
const rounds = 5

// inTurns measures the sides one after the other, again and again, and returns the median of each. The first round
// only warms up.
func inTurns(b *testing.B, sides ...func(*testing.B) float64) []float64 {
	b.Helper()
	found := make([][]float64, len(sides))
	for round := range rounds + 1 {
		for i, side := range sides {
			value := side(b)
			if round > 0 {
				found[i] = append(found[i], value)
			}
		}
	}
	medians := make([]float64, len(sides))
	for i := range found {
		medians[i] = median(found[i])
	}
	return medians
}

func median[T int64 | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// each is the milliseconds that one of n runs of do takes, on average.
func each(n int, do func()) float64 {
	began := time.Now()
	for range n {
		do()
	}
	return milliseconds(time.Since(began)) / float64(n)
}

// typical is the milliseconds that a run of do takes, in the median of n.
func typical(n int, do func()) float64 {
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		do()
		took[i] = time.Since(began)
	}
	return milliseconds(median(took))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
