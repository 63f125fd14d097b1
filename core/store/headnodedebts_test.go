package store_test

import (
	"context"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// owing is a site whose headnode h1 was deleted while its NICs, two of them, were on network w1, and a third on none.
func owing(t *testing.T, s *store.Store) (f *site, w1 core.Network, machine string) {
	t.Helper()
	ctx := t.Context()
	f = newSite(t, s)
	w1 = f.network(t, "w1", 101)
	must(t, s.CreateHeadnode(ctx, core.Headnode{Label: "h1", ProjectID: f.project.ID, UUID: "u1"}))
	h := get(s.Headnode(ctx, "h1"))(t)
	for label, network := range map[string]int64{"eth0": w1.ID, "eth1": w1.ID, "eth2": 0} {
		must(t, s.CreateHNIC(ctx, core.HNIC{HeadnodeID: h.ID, Label: label, NetworkID: network}))
	}
	must(t, s.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		if err := q.OweHeadnode(ctx, h, 60_000); err != nil {
			return err
		}
		return q.DeleteHeadnode(ctx, h.ID)
	}))
	return f, w1, h.MachineID()
}

func TestADebtHoldsItsNetworks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f, w1, machine := owing(t, s)
		w2 := f.network(t, "w2", 102)
		debts := get(s.HeadnodeDebts(ctx))(t)
		if len(debts) != 1 || debts[0].Headnode != "h1" || debts[0].Project != "p1" || debts[0].Since == 0 || !slices.Equal(debts[0].Networks, []string{"w1"}) {
			t.Errorf("the debts are %+v", debts)
		}
		wantKind(t, s.DeleteNetwork(ctx, w1.ID), core.Blocked)
		if d := get(s.NetworkUse(ctx, w1.ID))(t).Debt; d == nil || d.Machine != machine {
			t.Errorf("w1 is kept by %+v", d)
		}
		if d := get(s.NetworkUse(ctx, w2.ID))(t).Debt; d != nil {
			t.Errorf("w2 is kept by %+v", d)
		}
		must(t, s.CreateProject(ctx, "p2"))
		other := get(s.Project(ctx, "p2"))(t)
		for project, want := range map[int64]bool{f.project.ID: true, other.ID: false} {
			if d := get(s.ProjectUseOfNetwork(ctx, w1.ID, project))(t).Debt; (d != nil) != want {
				t.Errorf("project %d owes %+v", project, d)
			}
		}
		must(t, s.DeleteHeadnodeDebt(ctx, machine))
		wantKind(t, s.DeleteHeadnodeDebt(ctx, machine), core.NotFound)
		if d := get(s.NetworkUse(ctx, w1.ID))(t).Debt; d != nil {
			t.Errorf("w1 is still kept by %+v", d)
		}
		must(t, s.DeleteNetwork(ctx, w1.ID))
	})
}

func TestADebtOutlivesItsProject(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(t, s.CreateProject(ctx, "p9"))
		p := get(s.Project(ctx, "p9"))(t)
		must(t, s.CreateHeadnode(ctx, core.Headnode{Label: "h9", ProjectID: p.ID, UUID: "u9"}))
		h := get(s.Headnode(ctx, "h9"))(t)
		must(t, s.InTx(ctx, func(ctx context.Context, q store.Queries) error { return q.OweHeadnode(ctx, h, 0) }))
		must(t, s.DeleteHeadnode(ctx, h.ID))
		must(t, s.DeleteProject(ctx, p.ID))
		if d := get(s.HeadnodeDebt(ctx, h.MachineID()))(t); d.Project != "p9" || d.ProjectID != 0 {
			t.Errorf("the debt is %+v", d)
		}
	})
}

func TestADebtIsPaidByOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		_, _, machine := owing(t, s)
		due := func() []core.HeadnodeDebt { return get(s.DueHeadnodeDebts(ctx, 10))(t) }
		if got := due(); len(got) != 0 {
			t.Errorf("due while who deleted the headnode tries: %+v", got)
		}
		must(t, s.HurryHeadnodeDebts(ctx))
		got := due()
		if len(got) != 1 || got[0].Machine != machine {
			t.Fatalf("due after a start of the server: %+v", got)
		}
		won := make([]bool, 8)
		for i, err := range atOnce(func(i int) (err error) {
			won[i], err = s.ClaimHeadnodeDebt(ctx, got[0], 60_000)
			return err
		}) {
			if err != nil {
				t.Errorf("claim %d: %v", i, err)
			}
		}
		if n := len(slices.DeleteFunc(won, func(w bool) bool { return !w })); n != 1 {
			t.Errorf("%d servers have claimed one debt", n)
		}
		if got := due(); len(got) != 0 {
			t.Errorf("due while it is claimed: %+v", got)
		}
		must(t, s.FailHeadnodeDebt(ctx, machine, "host is down", -1))
		if got := due(); len(got) != 1 || got[0].LastError != "host is down" || got[0].Tries != 2 {
			t.Errorf("due after a failure: %+v", got)
		}
		must(t, s.FailHeadnodeDebt(ctx, machine, "host is down", 60_000))
		if got := due(); len(got) != 0 {
			t.Errorf("due before its time: %+v", got)
		}
	})
}

func TestStartsOfHeadnodesEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		begin := func(machine string, mostMS int64) (start int64) {
			must(t, s.InTx(ctx, func(ctx context.Context, q store.Queries) (err error) {
				start, err = q.BeginHeadnodeStart(ctx, machine, mostMS)
				return err
			}))
			return start
		}
		starting := func(machine string) bool { return get(s.HeadnodeStarting(ctx, machine))(t) }
		first, second := begin("m1", 60_000), begin("m1", 60_000)
		begin("m2", -1)
		if !starting("m1") || starting("m2") {
			t.Error("want m1 to be starting, and m2 not any more")
		}
		last := func(start int64) bool { return get(s.IsLastHeadnodeStart(ctx, "m1", start))(t) }
		must(t, s.EndHeadnodeStart(ctx, first))
		if !starting("m1") || last(first) || !last(second) {
			t.Error("want the second start to be under way, and the last one")
		}
		must(t, s.EndHeadnodeStart(ctx, second))
		if starting("m1") || last(first) || !last(second) {
			t.Error("both starts have ended, and the second one is still the last")
		}
		must(t, s.ForgetHeadnodeStarts(ctx, "m1"))
		if !last(first) {
			t.Error("the starts are not forgotten")
		}
	})
}

func TestPlacesOfHeadnodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(t, s.CreateProject(ctx, "p1"))
		p := get(s.Project(ctx, "p1"))(t)
		must(t, s.CreateHeadnode(ctx, core.Headnode{Label: "h1", ProjectID: p.ID, UUID: "u1"}))
		h := get(s.Headnode(ctx, "h1"))(t)
		for _, host := range []string{"", "qemu+tls://hv1/system", "qemu+tls://hv2/system", ""} {
			must(t, s.InTx(ctx, func(ctx context.Context, q store.Queries) error {
				if err := q.PlaceHeadnode(ctx, h.ID, host); err != nil {
					return err
				}
				locked, err := q.LockHeadnode(ctx, "h1")
				if locked.Host != host {
					t.Errorf("locked it is on %q, want %q", locked.Host, host)
				}
				return err
			}))
			console, _, err := s.HeadnodeConsole(ctx, "h1")
			must(t, err)
			for how, got := range map[string]string{
				"found": get(s.Headnode(ctx, "h1"))(t).Host, "shown": get(s.HeadnodeInfo(ctx, "h1"))(t).Host, "watched": console.Host,
			} {
				if got != host {
					t.Errorf("%s it is on %q, want %q", how, got, host)
				}
			}
		}
	})
}
