package drivers_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/drivers"
)

// BenchmarkCall is a call of a driver that touches no device: the price of the driver being another process.
func BenchmarkCall(b *testing.B) {
	dir := b.TempDir()
	play(b, dir, "switch-good")
	s := openGood(b, start(b, drivers.Config{Dir: dir}), b.TempDir())
	took := make([]time.Duration, 0, b.N)
	for b.Loop() {
		begin := time.Now()
		if _, err := s.Read(b.Context(), []string{"p"}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
}

// BenchmarkReady is the time from nothing to three drivers that answer, and back.
func BenchmarkReady(b *testing.B) {
	dir := b.TempDir()
	install(b, dir, "switch-mock", "obm-mock", "headnode-mock")
	section := map[string]string{"state_dir": b.TempDir()}
	config := drivers.Config{
		Dir: dir, Log: hclog.NewNullLogger(), Timing: hasty,
		Sections: map[string]map[string]string{"switch-mock": section, "obm-mock": section, "headnode-mock": section},
	}
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		m := drivers.New(config)
		ended := make(chan error, 1)
		go func() { ended <- m.Run(ctx) }()
		must(b, m.Ready(ctx))
		cancel()
		must(b, <-ended)
	}
}
