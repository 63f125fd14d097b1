package service_test

import (
	"context"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core"
)

func TestDriverCalls(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, call := range map[string]func(context.Context) error{
			"drivers":    func(ctx context.Context) error { return drop(w.DriverList(ctx)) },
			"extensions": func(ctx context.Context) error { return drop(w.ActiveExtensions(ctx)) },
		} {
			try(t,
				attempt{name + " as nobody", w.nobody, call, core.Unauthorized},
				attempt{name + " as member", w.u1, call, core.Unauthorized},
				attempt{name + " as administrator", w.admin, call, success},
			)
		}
		want := []string{"haas.ext.auth.database", "headnode-fake", "obm-fake", "switch-fake"}
		if got := get(w.ActiveExtensions(w.admin))(t); !slices.Equal(got, want) {
			t.Errorf("extensions are %v, want %v", got, want)
		}
		must(t, w.Ready(t.Context()))
	})
}

func TestNotReadyWithoutDatabase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Ready(ctx); err == nil {
			t.Error("ready though the database was not reached")
		}
	})
}
