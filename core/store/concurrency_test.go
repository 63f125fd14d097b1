package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

func TestEightReserveOneNode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var projects [8]core.Project
		for i := range projects {
			label := fmt.Sprint("p", i)
			must(t, s.CreateProject(ctx, label))
			projects[i] = get(s.Project(ctx, label))(t)
		}
		must(t, s.CreateNode(ctx, &core.Node{Label: "n1", OBMSettings: "{}"}))
		for name, reserve := range map[string]func(ctx context.Context, q store.Queries, project int64) error{
			"locked":   reserveLocked,
			"unlocked": reserveUnlocked,
		} {
			oneWins(t, atOnce(func(i int) error {
				return s.InTx(ctx, func(ctx context.Context, q store.Queries) error { return reserve(ctx, q, projects[i].ID) })
			}), core.Blocked)
			owned := get(s.Node(ctx, "n1"))(t)
			if owned.ProjectID == 0 {
				t.Errorf("%s: nobody has the node", name)
			}
			must(t, s.SetNodeProject(ctx, owned.ID, owned.ProjectID, 0))
		}
	})
}

// reserveLocked is how a careful caller reserves.
func reserveLocked(ctx context.Context, q store.Queries, project int64) error {
	n, err := q.LockNode(ctx, "n1")
	if err != nil {
		return err
	}
	if n.ProjectID != 0 {
		return core.Errorf(core.Blocked, "taken")
	}
	return q.SetNodeProject(ctx, n.ID, 0, project)
}

// reserveUnlocked forgets the lock; the statement itself lets one win.
func reserveUnlocked(ctx context.Context, q store.Queries, project int64) error {
	n, err := q.Node(ctx, "n1")
	if err != nil {
		return err
	}
	if n.ProjectID != 0 {
		return core.Errorf(core.Blocked, "taken")
	}
	return q.SetNodeProject(ctx, n.ID, 0, project)
}

func TestEightChooseAVLAN(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var chosen [8]int
		errs := atOnce(func(i int) error {
			return s.InTx(ctx, func(ctx context.Context, q store.Queries) error {
				if err := q.LockPool(ctx); err != nil {
					return err
				}
				taken, err := q.TakenVLANs(ctx)
				if err != nil {
					return err
				}
				chosen[i] = 1
				for taken[chosen[i]] {
					chosen[i]++
				}
				return q.CreateNetwork(ctx, &core.Network{Label: fmt.Sprint("w", i), VLAN: chosen[i]})
			})
		})
		given := map[int]bool{}
		for i, err := range errs {
			must(t, err)
			if given[chosen[i]] {
				t.Errorf("VLAN %d was given twice", chosen[i])
			}
			given[chosen[i]] = true
		}
	})
}

func TestEightTakeOneVLAN(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		oneWins(t, atOnce(func(i int) error {
			return s.CreateNetwork(t.Context(), &core.Network{Label: fmt.Sprint("w", i), VLAN: 77})
		}), core.Duplicate)
	})
}

func TestEightActionsOnOneNIC(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s)
		n := f.network(t, "w1", 101)
		oneWins(t, atOnce(func(i int) error {
			return s.InTx(t.Context(), func(ctx context.Context, q store.Queries) error {
				a := f.action(fmt.Sprint("a", i), 0, core.NativeChannel)
				a.NetworkID, a.NewNetwork = n.ID, n.Label
				return q.CreateAction(ctx, a, f.ports[0].ID)
			})
		}), core.Blocked)
		if p := f.port(t, 0); p.WantedGen != 1 {
			t.Errorf("the port was wanted %d times, want once: the losers left something", p.WantedGen)
		}
	})
}

// TestDeadlockIsRunAgain locks two nodes in opposite orders, which PostgreSQL resolves by giving one transaction up.
func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(t, s.CreateNode(ctx, &core.Node{Label: "n0", OBMSettings: "{}"}))
		must(t, s.CreateNode(ctx, &core.Node{Label: "n1", OBMSettings: "{}"}))
		for i, err := range atOnce(func(i int) error {
			return s.InTx(ctx, func(ctx context.Context, q store.Queries) error {
				if _, err := q.LockNode(ctx, fmt.Sprint("n", i%2)); err != nil {
					return err
				}
				_, err := q.LockNode(ctx, fmt.Sprint("n", 1-i%2))
				return err
			})
		}) {
			if err != nil {
				t.Errorf("transaction %d: %v", i, err)
			}
		}
	})
}
