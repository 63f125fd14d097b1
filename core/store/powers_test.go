package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// everything is the scope of an administrator.
var everything = store.PowerScope{Everywhere: true}

// plenty are terms that let everything be claimed that is due.
var plenty = store.ClaimTerms{Most: 100, Rate: 1000, AheadMS: 1000, Unwanted: true, LeaseMS: long}

// newPowerSite is a site whose node's controller may be asked.
func newPowerSite(t *testing.T, s *store.Store) *site {
	t.Helper()
	f := newSite(t, s)
	must(t, s.SetNodeOBM(t.Context(), f.node.ID, true))
	return f
}

// claim claims nodes on the terms, and gives them by their labels.
func claim(t *testing.T, s *store.Store, terms store.ClaimTerms) map[string]store.PowerClaim {
	t.Helper()
	found, _ := tryClaim(t, s, terms)
	return found
}

func tryClaim(t *testing.T, s *store.Store, terms store.ClaimTerms) (found map[string]store.PowerClaim, more bool) {
	t.Helper()
	var claims []store.PowerClaim
	must(t, s.InTx(t.Context(), func(ctx context.Context, q store.Queries) (err error) {
		claims, more, err = q.ClaimPowers(ctx, terms)
		return err
	}))
	found = map[string]store.PowerClaim{}
	for _, c := range claims {
		found[c.Label] = c
	}
	if len(found) != len(claims) {
		t.Errorf("claimed twice: %+v", claims)
	}
	return found, more
}

func settlePowers(t *testing.T, s *store.Store, outcomes ...store.PowerOutcome) {
	t.Helper()
	must(t, s.InTx(t.Context(), func(ctx context.Context, q store.Queries) error { return q.SettlePowers(ctx, outcomes) }))
}

// powers are the nodes of the scope by their labels.
func powers(t *testing.T, s *store.Store, scope store.PowerScope) map[string]store.NodePower {
	t.Helper()
	found := map[string]store.NodePower{}
	for _, p := range get(s.NodePowers(t.Context(), scope))(t) {
		found[p.Node] = p
	}
	return found
}

func TestPowerIsClaimedAndSettled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newPowerSite(t, s)
		if p := powers(t, s, everything)["n1"]; p.Asked || p.State != core.PowerUnknown || p.Project != "p1" || !p.OBMEnabled {
			t.Errorf("before it was asked: %+v", p)
		}
		claimed := claim(t, s, plenty)["n1"]
		if claimed.OBMSettings != f.node.OBMSettings || claimed.ID != f.node.ID || claimed.ClaimedUntil == 0 {
			t.Errorf("claimed %+v", claimed)
		}
		if again := claim(t, s, plenty); len(again) != 0 {
			t.Errorf("claimed again: %+v", again)
		}
		settlePowers(t, s, store.PowerOutcome{PowerClaim: claimed, State: "on", NextMS: long})
		if p := powers(t, s, everything)["n1"]; !p.Asked || p.State != "on" || p.Error != "" || p.AgeMS < 0 || p.AgeMS > long {
			t.Errorf("settled: %+v", p)
		}
		if again := claim(t, s, plenty); len(again) != 0 {
			t.Errorf("claimed before it is due: %+v", again)
		}
	})
}

func TestPowerIsDueAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		newPowerSite(t, s)
		settlePowers(t, s, store.PowerOutcome{PowerClaim: claim(t, s, plenty)["n1"], State: "off", NextMS: -1})
		never := plenty
		never.Unwanted = false
		if found := claim(t, s, never); len(found) != 0 {
			t.Errorf("claimed what nobody wants: %+v", found)
		}
		claimed := claim(t, s, plenty)["n1"]
		settlePowers(t, s, store.PowerOutcome{PowerClaim: claimed, State: core.PowerUnknown, Error: "it's \"dead\" ☠ ? {0}", NextMS: -1})
		if p := powers(t, s, everything)["n1"]; p.State != core.PowerUnknown || p.Error != "it's \"dead\" ☠ ? {0}" {
			t.Errorf("settled: %+v", p)
		}
	})
}

func TestWishForAPower(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newPowerSite(t, s)
		wanted := plenty
		wanted.Unwanted = false
		must(t, s.WantPower(ctx, f.node.ID))
		claimed := claim(t, s, wanted)["n1"]
		// A wish while the controller is being asked may want to know what came after the answer.
		later := get(s.WantPowers(ctx, everything))(t)
		settlePowers(t, s, store.PowerOutcome{PowerClaim: claimed, State: "on", NextMS: long})
		open := get(s.PowerWishes(ctx))(t)
		if len(later) != 1 || len(open) != 1 || open[0].NodeID != f.node.ID || open[0].Gen >= later[0].Gen {
			t.Errorf("wished %+v, still open %+v", later, open)
		}
		settlePowers(t, s, store.PowerOutcome{PowerClaim: claim(t, s, wanted)["n1"], State: "on", NextMS: long})
		if open := get(s.PowerWishes(ctx))(t); len(open) != 0 {
			t.Errorf("still open: %+v", open)
		}
		if again := claim(t, s, wanted); len(again) != 0 {
			t.Errorf("claimed again: %+v", again)
		}
	})
}

func TestPowerOfANodeThatMayNotBeAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newPowerSite(t, s)
		wishes := get(s.WantPowers(ctx, everything))(t)
		must(t, s.SetNodeOBM(ctx, f.node.ID, false))
		if open := get(s.PowerWishes(ctx))(t); len(wishes) != 1 || len(open) != 0 {
			t.Errorf("of the wishes %+v are open %+v", wishes, open)
		}
		if wishes := get(s.WantPowers(ctx, everything))(t); len(wishes) != 0 {
			t.Errorf("wished %+v", wishes)
		}
		must(t, s.WantPower(ctx, f.node.ID))
		must(t, s.SpreadPowers(ctx, 1))
		if found := claim(t, s, plenty); len(found) != 0 {
			t.Errorf("claimed %+v", found)
		}
		if p := powers(t, s, everything)["n1"]; p.OBMEnabled {
			t.Errorf("shown as %+v", p)
		}
	})
}

func TestClaimOfAServerThatDied(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		newPowerSite(t, s)
		dying := plenty
		dying.LeaseMS = -1
		late := claim(t, s, dying)["n1"]
		taken := claim(t, s, plenty)["n1"]
		if taken.ID == 0 || taken.ClaimedUntil == late.ClaimedUntil {
			t.Fatalf("taken %+v after %+v", taken, late)
		}
		settlePowers(t, s, store.PowerOutcome{PowerClaim: late, State: "off", NextMS: -1})
		if p := powers(t, s, everything)["n1"]; p.Asked {
			t.Errorf("the late server wrote %+v", p)
		}
		if again := claim(t, s, plenty); len(again) != 0 {
			t.Errorf("the late server gave away another's claim: %+v", again)
		}
	})
}

func TestAbandonedClaim(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newPowerSite(t, s)
		must(t, s.WantPower(t.Context(), f.node.ID))
		settlePowers(t, s, store.PowerOutcome{PowerClaim: claim(t, s, plenty)["n1"], State: core.PowerUnknown, Abandoned: true})
		if p := powers(t, s, everything)["n1"]; p.Asked {
			t.Errorf("shown as %+v", p)
		}
		if again := claim(t, s, plenty)["n1"]; again.WantedGen != 1 {
			t.Errorf("claimed %+v, want the same wish again", again)
		}
	})
}

// addNodes makes nodes of nobody.
func addNodes(t *testing.T, s *store.Store, labels ...string) {
	t.Helper()
	for _, l := range labels {
		must(t, s.CreateNode(t.Context(), &core.Node{Label: l, OBMType: "t", OBMSettings: "{}", OBMEnabled: true}))
	}
}

func TestWantedPowersAreClaimedFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addNodes(t, s, "a", "b", "c")
		must(t, s.WantPower(t.Context(), get(s.Node(t.Context(), "b"))(t).ID))
		few := plenty
		few.Most = 1
		found, more := tryClaim(t, s, few)
		if _, ok := found["b"]; !ok || !more {
			t.Errorf("claimed %+v, more %t", found, more)
		}
	})
}

func TestClaimsKeepToTheRate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		addNodes(t, s, "a", "b", "c", "d", "e")
		terms := store.ClaimTerms{Most: 100, Rate: 1, AheadMS: 2000, Unwanted: true, LeaseMS: long}
		if found, more := tryClaim(t, s, terms); len(found) != 3 || !more {
			t.Errorf("in two seconds, %d claimed at a rate of one a second, more %t", len(found), more)
		}
		terms.AheadMS = 0
		if found, more := tryClaim(t, s, terms); len(found) != 0 || !more {
			t.Errorf("before the next second, %d claimed, more %t", len(found), more)
		}
	})
}

func TestManyServersClaimPowers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var labels []string
		for i := range 40 {
			labels = append(labels, fmt.Sprint("n", i))
		}
		addNodes(t, s, labels...)
		few := plenty
		few.Most = 7
		found := make([][]store.PowerClaim, 8)
		for _, err := range atOnce(func(i int) error {
			return s.InTx(t.Context(), func(ctx context.Context, q store.Queries) (err error) {
				found[i], _, err = q.ClaimPowers(ctx, few)
				return err
			})
		}) {
			must(t, err)
		}
		for range labels { // what they left to each other
			found = append(found, slices.Collect(mapValues(claim(t, s, few))))
		}
		claimed := map[string]int{}
		for _, c := range slices.Concat(found...) {
			claimed[c.Label]++
		}
		for _, l := range labels {
			if claimed[l] != 1 {
				t.Errorf("%s was claimed %d times", l, claimed[l])
			}
		}
	})
}

func mapValues[K comparable, V any](m map[K]V) func(func(V) bool) {
	return func(yield func(V) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

func TestSpreadPowers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		addNodes(t, s, "overdue", "wanted", "claimed", "new")
		found := claim(t, s, plenty)
		delete(found, "claimed")
		delete(found, "new")
		must(t, s.DeleteNode(ctx, get(s.Node(ctx, "new"))(t).ID))
		addNodes(t, s, "new")
		for _, c := range found {
			settlePowers(t, s, store.PowerOutcome{PowerClaim: c, State: "on", NextMS: -1})
		}
		must(t, s.WantPower(ctx, get(s.Node(ctx, "wanted"))(t).ID))
		// So long that the share of the node with the smallest ID is longer than the test.
		must(t, s.SpreadPowers(ctx, 1<<40))
		if found := claim(t, s, plenty); len(found) != 1 || found["wanted"].ID == 0 {
			t.Errorf("claimed %+v", found)
		}
		if p := powers(t, s, everything)["overdue"]; p.State != "on" {
			t.Errorf("what was seen is lost: %+v", p)
		}
		must(t, s.SpreadPowers(ctx, 0))
		if found := claim(t, s, plenty); len(found) != 0 {
			t.Errorf("what was spread is due at once: %+v", found)
		}
	})
}

func TestPowersOfAScope(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := newPowerSite(t, s)
		addNodes(t, s, "free", "B", "a")
		var order []string
		for _, p := range get(s.NodePowers(ctx, everything))(t) {
			order = append(order, p.Node)
		}
		if !slices.Equal(order, []string{"B", "a", "free", "n1"}) {
			t.Errorf("the order is %v", order)
		}
		own := store.PowerScope{Projects: []int64{f.project.ID, 999}}
		if shown := powers(t, s, own); len(shown) != 1 || shown["n1"].Project != "p1" {
			t.Errorf("a member is shown %+v", shown)
		}
		if wishes := get(s.WantPowers(ctx, own))(t); len(wishes) != 1 || wishes[0].NodeID != f.node.ID {
			t.Errorf("a member wishes %+v", wishes)
		}
		if shown, err := s.NodePowers(ctx, store.PowerScope{}); err != nil || shown == nil || len(shown) != 0 {
			t.Errorf("somebody without projects is shown %+v, %v", shown, err)
		}
		must(t, s.DeleteNode(ctx, get(s.Node(ctx, "free"))(t).ID))
	})
}
