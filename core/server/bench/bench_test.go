package bench_test

import (
	"os"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// kinds are the databases that the benchmarks run on.
var kinds = []string{storetest.SQLite, storetest.Postgres}

// BenchmarkHaaS measures everything that has a goal, and prints the table of it.
func BenchmarkHaaS(b *testing.B) {
	t := table{against: "bare"}
	for _, kind := range kinds {
		b.Run("reads/"+kind, func(b *testing.B) { reads(b, &t, kind) })
		b.Run("reservation/"+kind, func(b *testing.B) { reservation(b, &t, kind) })
		b.Run("batch/"+kind, func(b *testing.B) { batch(b, &t, kind) })
		b.Run("growth/"+kind, func(b *testing.B) { growth(b, &t, kind) })
	}
	b.Run("call", func(b *testing.B) { call(b, &t) })
	b.Run("idle", func(b *testing.B) { idle(b, &t) })
	t.print(os.Stdout)
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// get unwraps a result that must be there.
func get[T any](value T, err error) func(*testing.B) T {
	return func(b *testing.B) T {
		b.Helper()
		must(b, err)
		return value
	}
}
