package store_test

import (
	"context"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestQuestions(t *testing.T) {
	t.Parallel()
	storetest.EachURI(t, func(t *testing.T, uri string) {
		ctx := t.Context()
		s := storetest.OpenURI(t, uri)
		must(t, s.Migrate(ctx))
		sw := newSite(t, s).sw.ID
		first := get(s.Ask(ctx, sw, "who?", long))(t)
		second := get(s.Ask(ctx, sw, "what?", long))(t)
		get(s.Ask(ctx, sw, "too late", -1))(t)
		waiting := get(s.Questions(ctx, sw))(t)
		if len(waiting) != 2 || waiting[0].What != "who?" || waiting[1].ID != second.ID || waiting[0].LeftMS <= 0 || waiting[0].LeftMS > long {
			t.Errorf("waiting are %+v", waiting)
		}
		must(t, s.AnswerQuestion(ctx, first.ID, "me"))
		if q := get(s.Question(ctx, first.ID))(t); !q.Answered || q.Answer != "me" {
			t.Errorf("the question is %+v", q)
		}
		must(t, s.ForgetQuestion(ctx, second.ID))
		must(t, s.AnswerQuestion(ctx, second.ID, "nobody cares"))
		_, err := s.Question(ctx, second.ID)
		wantKind(t, err, core.NotFound)
		if waiting := get(s.Questions(ctx, sw))(t); len(waiting) != 0 {
			t.Errorf("waiting are %+v", waiting)
		}
		// Those that nobody came back for go with the next question.
		execute(t, uri, "UPDATE questions SET until = 1")
		get(s.Ask(ctx, sw, "again", long))(t)
		_, err = s.Question(ctx, first.ID)
		wantKind(t, err, core.NotFound)
	})
}

// TestLanesThatAreAsked: somebody waits, so the lane has work even while the switch is left alone.
func TestLanesThatAreAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		sw := newSite(t, s).sw.ID
		work := func(owner string) bool { return len(get(s.LanesWithWork(ctx, owner, ever))(t)) == 1 }
		get(s.Ask(ctx, sw, "too late", -1))(t)
		if work("a") {
			t.Error("a question that nobody waits for is work")
		}
		must(t, s.LaneFailed(ctx, sw, s.Now()+long, "no route"))
		q := get(s.Ask(ctx, sw, "what?", long))(t)
		if !work("a") {
			t.Error("a question is no work")
		}
		get(s.TakeLane(ctx, sw, "a", long))(t)
		if !work("a") || work("b") {
			t.Error("the question is not for the lane's owner alone")
		}
		must(t, s.AnswerQuestion(ctx, q.ID, ""))
		if work("a") {
			t.Error("an answered question is work")
		}
	})
}

func TestLanesThatAreToBeChecked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		sw := f.sw.ID
		due := func(before int64) bool {
			return len(get(s.LanesWithWork(ctx, "a", store.Chores{SaveBefore: -1, CheckBefore: before}))(t)) == 1
		}
		must(t, s.MarkChecked(ctx, sw, 1000))
		if due(1000) {
			t.Error("a switch without a port to keep is to be checked")
		}
		must(t, s.WantPort(ctx, f.ports[0].ID))
		f.seen(t)
		if !due(1000) || due(999) || get(s.Lane(ctx, sw))(t).CheckedAt != 1000 {
			t.Error("the time of the last check does not count")
		}
		must(t, s.WantCheck(ctx, sw))
		if !due(0) || due(-1) {
			t.Error("a switch is not to be checked at once, or against all orders")
		}
		must(t, s.LaneFailed(ctx, sw, s.Now()+long, "no route"))
		if due(0) {
			t.Error("a switch that is left alone is to be checked")
		}
	})
}

func TestDrifted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newSite(t, s)
		must(t, s.WantPort(ctx, f.ports[0].ID))
		f.seen(t)
		settled := get(s.Settled(ctx, f.sw.ID))(t)
		if len(settled) != 1 || settled[0].Node != "n1" || settled[0].NIC != "eth0" {
			t.Fatalf("settled are %+v", settled)
		}
		everything := make([]int, 4094)
		for i := range everything {
			everything[i] = i + 1
		}
		must(t, s.InTx(ctx, func(ctx context.Context, q store.Queries) error { return q.Drifted(ctx, f.ports[0].ID, everything) }))
		if len(f.due(t)) != 1 || len(get(s.Settled(ctx, f.sw.ID))(t)) != 0 {
			t.Error("the port is not to be visited")
		}
		if noted := get(s.TakenVLANs(ctx))(t); len(noted) != 4094 {
			t.Errorf("%d VLANs are noted", len(noted))
		}
		must(t, s.Drifted(ctx, 999, everything))
		if all := get(s.Ports(ctx, f.sw.ID))(t); len(all) != 2 || all[0].Label != "p0" {
			t.Errorf("the ports are %+v", all)
		}
	})
}
