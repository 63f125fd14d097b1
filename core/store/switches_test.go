package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// update changes the site's switch, as it was known to be.
func (f *site) update(t *testing.T, settings core.Settings) error {
	t.Helper()
	return f.InTx(t.Context(), func(ctx context.Context, q store.Queries) error { return q.UpdateSwitch(ctx, f.sw, settings) })
}

func TestUpdateSwitch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		must(t, s.WantPort(ctx, f.ports[0].ID))
		f.seen(t, 101)
		held := get(s.TakeLane(ctx, f.sw.ID, "a", long))(t)
		must(t, s.LaneFailed(ctx, f.sw.ID, f.Now()+long, "login incorrect"))
		f.settle(t, store.Outcome{Work: get(s.PortWork(ctx, f.ports[0].ID))(t), Retry: "login incorrect", RetryAt: f.Now() + long})

		must(t, f.update(t, `{"a":1}`))
		if now := get(s.Switch(ctx, "s1"))(t); now.Settings != `{"a":1}` || now.Type != f.sw.Type {
			t.Errorf("the switch is %#v with %s", now, string(now.Settings))
		}
		l := get(s.Lane(ctx, f.sw.ID))(t)
		if l.Owner != "a" || l.Until != held.Until || l.Fence != held.Fence+1 || l.Failures != 0 || l.RetryAt != 0 || l.LastError != "" {
			t.Errorf("the lane is %+v, was %+v", l, held)
		}
		if p := f.port(t, 0); p.Settled() || p.Attempts != 0 || p.RetryAt != 0 || p.LastError != "" {
			t.Errorf("the kept port is %+v", p)
		}
		if p := f.port(t, 1); p.WantedGen != 0 {
			t.Errorf("the port that is not kept is %+v", p)
		}
		if vlans := get(s.PortVLANs(ctx, f.ports[0].ID))(t); len(vlans[f.ports[0].ID]) != 1 {
			t.Errorf("what the port may carry is forgotten: %v", vlans)
		}
	})
}

func TestUpdateSwitchThatSomebodyElseHasChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		oneWins(t, atOnce(func(i int) error { return f.update(t, core.Settings(fmt.Sprintf(`{"a":%d}`, i))) }), core.IllegalState)
		before := get(s.Lane(t.Context(), f.sw.ID))(t)
		wantKind(t, f.update(t, `{"late":1}`), core.IllegalState)
		if after := get(s.Lane(t.Context(), f.sw.ID))(t); after != before {
			t.Errorf("the lane is %+v, was %+v", after, before)
		}
	})
}
