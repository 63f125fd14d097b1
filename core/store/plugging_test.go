package store_test

import (
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// TestOnePlugsAtATime until the claim is given back, or over.
func TestOnePlugsAtATime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(t, s.CreateProject(ctx, "p1"))
		w := core.Network{Label: "w1", VLAN: 101, Allocated: true, OwnerID: 1}
		must(t, s.CreateNetwork(ctx, &w))
		must(t, s.CreateHeadnode(ctx, core.Headnode{Label: "h1", ProjectID: 1, UUID: "u1"}))
		h := get(s.Headnode(ctx, "h1"))(t)
		must(t, s.CreateHNIC(ctx, core.HNIC{HeadnodeID: h.ID, Label: "e"}))
		nic := get(s.HNIC(ctx, h, "e"))(t)
		first := get(s.ClaimHNIC(ctx, nic.ID, long))(t)
		if second := get(s.ClaimHNIC(ctx, nic.ID, long))(t); first == 0 || second != 0 {
			t.Errorf("claims %d and %d", first, second)
		}
		must(t, s.PlugHNIC(ctx, nic.ID, first, w.ID))
		if now := get(s.HNIC(ctx, h, "e"))(t); now.NetworkID != w.ID {
			t.Errorf("noted is %+v", now)
		}
		must(t, s.FreeHNIC(ctx, nic.ID, first-1)) // somebody else's
		if got := get(s.ClaimHNIC(ctx, nic.ID, long))(t); got != 0 {
			t.Error("another's claim was given back")
		}
		must(t, s.FreeHNIC(ctx, nic.ID, first))
		if err := s.PlugHNIC(ctx, nic.ID, first, 0); core.KindOf(err) != core.NotFound {
			t.Errorf("plugged without a claim: %v", err)
		}
		over := get(s.ClaimHNIC(ctx, nic.ID, -1))(t)
		if next := get(s.ClaimHNIC(ctx, nic.ID, long))(t); over == 0 || next == 0 {
			t.Errorf("a claim that is over: %d, then %d", over, next)
		}
		must(t, s.SetHNICNetwork(ctx, nic.ID, 0))
		if got := get(s.ClaimHNIC(ctx, nic.ID, long))(t); got == 0 {
			t.Error("it stays claimed when it is set")
		}
		must(t, s.DeleteHeadnode(ctx, h.ID))
	})
}
