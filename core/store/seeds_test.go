package store_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestASeedGoesWithItsHeadnode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(t, s.CreateProject(ctx, "p1"))
		must(t, s.CreateHeadnode(ctx, core.Headnode{Label: "h1", ProjectID: 1, UUID: "u1"}))
		id := get(s.Headnode(ctx, "h1"))(t).ID
		if _, err := s.Seed(ctx, id); core.KindOf(err) != core.NotFound {
			t.Errorf("before: %v", err)
		}
		want := core.HeadnodeSeed{HeadnodeID: id, SSHKeys: "a\nb", UserData: "#!/bin/sh\n"}
		must(t, s.CreateSeed(ctx, want))
		if got := get(s.Seed(ctx, id))(t); got != want {
			t.Errorf("got %+v", got)
		}
		must(t, s.DeleteHeadnode(ctx, id))
		if _, err := s.Seed(ctx, id); core.KindOf(err) != core.NotFound {
			t.Errorf("after the headnode was deleted: %v", err)
		}
		if err := s.CreateSeed(ctx, want); err == nil {
			t.Error("a headnode that is gone got a seed")
		}
	})
}
