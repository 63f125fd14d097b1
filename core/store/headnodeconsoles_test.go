package store_test

import (
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestHeadnodeConsoleIsOpenOnOneServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(t, s.CreateProject(ctx, "p1"))
		must(t, s.CreateHeadnode(ctx, core.Headnode{Label: "h1", ProjectID: 1, UUID: "u1"}))
		id := get(s.Headnode(ctx, "h1"))(t).ID
		claim := func(server string) string {
			must(t, s.BeatConsoleServer(ctx, server, "", long))
			return get(s.ClaimHeadnodeConsole(ctx, id, server))(t)
		}
		holder := func() string {
			h, server, err := s.HeadnodeConsole(ctx, "h1")
			must(t, err)
			if h.UUID != "u1" || h.ID != id {
				t.Errorf("the headnode is %+v", h)
			}
			return server
		}
		for _, step := range []struct {
			what      string
			got, want string
		}{
			{"before", holder(), ""},
			{"the first", claim("a"), "a"},
			{"the first again", claim("a"), "a"},
			{"a second", claim("b"), "a"},
			{"after", holder(), "a"},
		} {
			if step.got != step.want {
				t.Errorf("%s: %q has it, want %q", step.what, step.got, step.want)
			}
		}
		must(t, s.FreeHeadnodeConsole(ctx, id, "b"))
		if got := get(s.HeadnodeConsolesOf(ctx, "a"))(t); !slices.Equal(got, []int64{id}) {
			t.Errorf("a has %v", got)
		}
		must(t, s.BeatConsoleServer(ctx, "a", "", -1))
		if got := claim("b"); got != "b" {
			t.Errorf("a dead server keeps it from b: %q", got)
		}
		must(t, s.FreeHeadnodeConsole(ctx, id, "b"))
		if got := claim("c"); got != "c" {
			t.Errorf("it was given back, and %q has it", got)
		}
		must(t, s.DeleteHeadnode(ctx, id))
		if got := get(s.HeadnodeConsolesOf(ctx, "c"))(t); len(got) != 0 {
			t.Errorf("of a headnode that was deleted c has %v", got)
		}
	})
}
