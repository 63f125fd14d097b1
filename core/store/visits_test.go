package store_test

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// statements counts statements.
type statements struct{ atomic.Int64 }

// BeforeQuery counts.
func (n *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	n.Add(1)
	return ctx
}

// AfterQuery does nothing.
func (*statements) AfterQuery(context.Context, *bun.QueryEvent) {}

func TestWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		w1, w2 := f.network(t, "w1", 101), f.network(t, "w2", 102)
		if got := f.due(t); len(got) != 0 {
			t.Fatalf("work before anything was asked for: %+v", got)
		}
		must(t, s.CreatePort(ctx, core.Port{SwitchID: f.sw.ID, Label: "bare", DeviceName: "dev-bare"}))
		bare := get(s.Port(ctx, f.sw, "bare"))(t)
		f.connect(t, "a1", 0, w1, core.NativeChannel)
		f.seen(t, 101)

		f.connect(t, "a2", 0, w2, w2.TaggedChannel())
		f.revert(t, "a3", 1)
		must(t, s.WantPort(ctx, bare.ID))
		work := byLabel(f.due(t))
		checkConnect(t, f, work["p0"], w1, w2)
		if w := work["p1"]; w.Action == nil || w.Action.Type != core.RevertPort || w.Connect != nil || len(w.Attached) != 0 {
			t.Errorf("work with the port to revert: %+v", w)
		}
		if w := work["bare"]; w.NICID != 0 || w.ProjectID != 0 || w.Action != nil || w.Connect != nil || w.DeviceName != "dev-bare" {
			t.Errorf("work with the bare port: %+v", w)
		}
	})
}

func byLabel(work []store.Work) map[string]store.Work {
	found := map[string]store.Work{}
	for _, w := range work {
		found[w.Label] = w
	}
	return found
}

// checkConnect wants eth0 on w1, and an action that connects it to w2.
func checkConnect(t *testing.T, f *site, w store.Work, w1, w2 core.Network) {
	t.Helper()
	if w.NICID != f.nics[0].ID || w.ProjectID != f.project.ID || w.WantedGen != 2 || w.SeenGen != 1 {
		t.Errorf("work with eth0: %+v", w)
	}
	if len(w.Attached) != 1 || w.Attached[0].ID != w1.ID || w.Attached[0].VLAN != 101 || w.Attached[0].Channel != core.NativeChannel {
		t.Errorf("attached to eth0: %+v", w.Attached)
	}
	if w.Action == nil || w.Action.UUID != "a2" || w.Action.NetworkID != w2.ID || w.Action.Channel != "vlan/102" {
		t.Fatalf("action of eth0: %+v", w.Action)
	}
	if w.Connect == nil || w.Connect.ID != w2.ID || w.Connect.VLAN != 102 || w.Connect.Label != "w2" {
		t.Errorf("network to connect to eth0: %+v", w.Connect)
	}
}

func TestWorkIsInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		w1 := f.network(t, "w1", 101)
		f.connect(t, "first", 1, w1, core.NativeChannel)
		f.connect(t, "second", 0, w1, core.NativeChannel)
		work := f.due(t)
		if len(work) != 2 || work[0].Action.UUID != "first" || work[1].Action.UUID != "second" {
			t.Errorf("the order of work is %s, %s", work[0].Label, work[1].Label)
		}
	})
}

func TestWorkCostsTheSameForManyPorts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		w1 := f.network(t, "w1", 101)
		f.connect(t, "a0", 0, w1, core.NativeChannel)
		few := countWork(t, f)
		for i := 2; i < 20; i++ {
			f.addNIC(t, i)
			f.connect(t, "a"+f.nics[i].Label, i, w1, core.NativeChannel)
		}
		if many := countWork(t, f); many != few {
			t.Errorf("%d statements for 19 ports, %d for one", many, few)
		}
	})
}

func countWork(t *testing.T, f *site) int64 {
	t.Helper()
	var n statements
	get(f.WithHook(&n).Work(t.Context(), f.sw.ID))(t)
	if n.Load() == 0 {
		t.Error("no statement was counted")
	}
	return n.Load()
}

func TestSettle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		w1, w2 := f.network(t, "w1", 101), f.network(t, "w2", 102)

		f.connect(t, "connect", 0, w1, core.NativeChannel)
		f.seen(t, 101)
		wantAction(t, f, "connect", core.Done, "")
		wantAttached(t, f, 0, map[string]string{core.NativeChannel: "w1"})

		f.connect(t, "tagged", 0, w2, "vlan/102")
		f.connect(t, "other NIC", 1, w2, core.NativeChannel)
		f.seen(t, 101, 102)
		wantAttached(t, f, 0, map[string]string{core.NativeChannel: "w1", "vlan/102": "w2"})

		f.detach(t, "detach", 0, "vlan/102")
		f.seen(t, 101)
		wantAction(t, f, "detach", core.Done, "")
		wantAttached(t, f, 0, map[string]string{core.NativeChannel: "w1"})
		wantAttached(t, f, 1, map[string]string{core.NativeChannel: "w2"})

		f.revert(t, "revert", 0)
		f.seen(t)
		wantAction(t, f, "revert", core.Done, "")
		wantAttached(t, f, 0, map[string]string{})
		wantAttached(t, f, 1, map[string]string{core.NativeChannel: "w2"})
		if p := f.port(t, 0); !p.Settled() {
			t.Errorf("the port is %+v", p)
		}
	})
}

func TestSettleManyKindsInOneVisit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		f.addNIC(t, 2)
		w1 := f.network(t, "w1", 101)
		f.connect(t, "a", 0, w1, core.NativeChannel)
		f.connect(t, "b", 1, w1, core.NativeChannel)
		f.seen(t, 101)
		f.detach(t, "detach", 0, core.NativeChannel)
		f.revert(t, "revert", 1)
		f.connect(t, "connect", 2, w1, core.NativeChannel)
		f.seen(t)
		wantAttached(t, f, 0, map[string]string{})
		wantAttached(t, f, 1, map[string]string{})
		wantAttached(t, f, 2, map[string]string{core.NativeChannel: "w1"})
	})
}

func TestSettleFailure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		w1 := f.network(t, "w1", 101)
		f.connect(t, "connect", 0, w1, core.NativeChannel)
		f.settle(t, store.Outcome{Work: f.due(t)[0], Failure: "% Invalid interface"})
		wantAction(t, f, "connect", core.Failed, "% Invalid interface")
		wantAttached(t, f, 0, map[string]string{})
		work := f.due(t)
		if len(work) != 1 || work[0].Action != nil {
			t.Fatalf("the port is not wanted as it was before: %+v", work)
		}
		// The action holds nothing any more, so the NIC is free for the next one and the network may go.
		f.connect(t, "again", 0, w1, core.NativeChannel)
		f.settle(t, store.Outcome{Work: f.due(t)[0], Failure: "no"})
		must(t, s.DeleteNetwork(t.Context(), w1.ID))
		wantAction(t, f, "connect", core.Failed, "% Invalid interface")
	})
}

func TestSettleRetry(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		at := time.UnixMilli(1000)
		f := newSite(t, s.WithClock(func() time.Time { return at }))
		w1 := f.network(t, "w1", 101)
		f.connect(t, "connect", 0, w1, core.NativeChannel)
		f.settle(t, store.Outcome{Work: f.due(t)[0], Retry: "no answer", RetryAt: 5000})
		wantAction(t, f, "connect", core.Pending, "")
		if p := f.port(t, 0); p.Attempts != 1 || p.LastError != "no answer" || p.Settled() {
			t.Errorf("the port is %+v", p)
		}
		if work := f.due(t); len(work) != 0 {
			t.Errorf("due before its time: %+v", work)
		}
		at = time.UnixMilli(5000)
		f.seen(t, 101)
		wantAction(t, f, "connect", core.Done, "")
		if p := f.port(t, 0); p.Attempts != 0 || p.LastError != "" || p.RetryAt != 0 {
			t.Errorf("the port is %+v", p)
		}
	})
}

func TestWishDuringAVisit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		must(t, s.WantPort(t.Context(), f.ports[0].ID))
		must(t, s.WantPort(t.Context(), f.ports[1].ID))
		visited := byLabel(f.due(t))
		// While the switch is visited, somebody wants something new of both ports.
		w1 := f.network(t, "w1", 101)
		f.connect(t, "meanwhile", 0, w1, core.NativeChannel)
		must(t, s.WantPort(t.Context(), f.ports[1].ID))
		f.settle(t,
			store.Outcome{Work: visited["p0"], Seen: true},
			store.Outcome{Work: visited["p1"], Retry: "no answer", RetryAt: s.Now() + long})
		wantAction(t, f, "meanwhile", core.Pending, "")
		work := byLabel(f.due(t))
		if work["p0"].Action == nil || work["p1"].Label == "" || work["p1"].Attempts != 0 {
			t.Errorf("what was wanted meanwhile is not due: %+v", work)
		}
	})
}

func TestPortVLANs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		w1 := f.network(t, "w1", 101)
		f.connect(t, "connect", 0, w1, core.NativeChannel)
		work := f.due(t)[0]
		port := work.Port.ID
		for range 2 {
			must(t, s.NotePortVLANs(ctx, []core.PortVLAN{{PortID: port, VLAN: 101}, {PortID: port, VLAN: 55}}))
		}
		f.settle(t, store.Outcome{Work: work, Retry: "no answer"})
		wantCarried(t, f, 55, 101)
		f.settle(t, store.Outcome{Work: f.due(t)[0], Failure: "no"})
		wantCarried(t, f, 55, 101)
		f.settle(t, store.Outcome{Work: f.due(t)[0], Seen: true, VLANs: []int{55}})
		wantCarried(t, f, 55)
		if taken := get(s.TakenVLANs(ctx))(t); !maps.Equal(taken, map[int]bool{55: true, 101: true}) {
			t.Errorf("taken VLANs are %v", taken)
		}
		if use := get(s.NICUse(ctx, f.node.ID))(t); use.Leftovers != 1 {
			t.Errorf("%d leftovers, want VLAN 55", use.Leftovers)
		}
	})
}

func wantCarried(t *testing.T, f *site, vlans ...int) {
	t.Helper()
	port := f.ports[0].ID
	if got := get(f.PortVLANs(t.Context(), port))(t)[port]; !slices.Equal(got, vlans) {
		t.Errorf("the port may carry %v, want %v", got, vlans)
	}
}

func wantAction(t *testing.T, f *site, uuid string, status core.ActionStatus, words string) {
	t.Helper()
	a := get(f.Action(t.Context(), uuid))(t)
	if a.Status != status || a.Error != words || a.ProjectID != f.project.ID || (a.FinishedAt != 0) != (status != core.Pending) {
		t.Errorf("action %s is %+v, want %s %q", uuid, a, status, words)
	}
}

func wantAttached(t *testing.T, f *site, nic int, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, a := range get(f.AttachedTo(t.Context(), f.nics[nic].ID))(t) {
		got[a.Channel] = a.Label
	}
	if !maps.Equal(got, want) {
		t.Errorf("eth%d is on %v, want %v", nic, got, want)
	}
}
