package fabric_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store/storetest"
)

// lives is how many worlds are tried; the number of one is its seed.
const lives = 12

// TestInvariants lets three users of several projects do as they please, on switches that fail, lie, hang, die and
// forget to answer, worked by servers that are stopped and killed. At every change of a device the oracle is asked. When
// the trouble is over, all actions have ended and the devices show what the database says.
func TestInvariants(t *testing.T) {
	t.Parallel()
	for seed := range uint64(lives) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, []string{storetest.SQLite, storetest.Postgres}[seed%2], seed)
			w.trouble = []float64{0, 0.03, 0.1, 0.3}[seed/2%4]
			w.live(t, seed)
			w.settleDown(t)
			writes, err := w.verdict()
			if err != nil || writes == 0 {
				t.Errorf("at %d changes: %v", writes, err)
			}
		})
	}
}

// live runs the users and, beside them, servers that come and go.
func (w *world) live(t *testing.T, seed uint64) {
	t.Helper()
	var users sync.WaitGroup
	for i := range uint64(3) {
		users.Go(func() { w.wish(t, rand.New(rand.NewPCG(seed, 2+i))) })
	}
	over := make(chan struct{})
	go func() { users.Wait(); close(over) }()
	dice := rand.New(rand.NewPCG(seed, 99))
	for {
		stop := []func(){w.serve(t, dice), w.serve(t, dice)}
		select {
		case <-time.After(time.Duration(50+dice.IntN(150)) * time.Millisecond):
		case <-over:
			stop[0]()
			stop[1]()
			return
		}
		stop[0]()
		stop[1]()
	}
}

// serve runs a server until it is stopped, or killed: then it cannot give its lanes back, and their leases end.
func (w *world) serve(t *testing.T, dice *rand.Rand) (end func()) {
	t.Helper()
	var m meter
	kill := dice.IntN(2) == 0
	stop := w.run(t, func(c *fabric.Config) {
		c.Store, c.VisitTimeout, c.Poll, c.Check = w.Store.WithHook(&m), 20*time.Millisecond, 20*time.Millisecond, 30*time.Millisecond
	})
	return func() {
		m.gone.Store(kill)
		stop()
		for sw := range w.devices {
			if l := w.lane(t, sw); kill {
				must(t, w.FreeLane(w.ctx, l))
			}
		}
	}
}

// settleDown ends the trouble, and waits until nothing is left to do.
func (w *world) settleDown(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	w.trouble = 0
	w.mu.Unlock()
	w.run(t)
	storetest.Eventually(t, "everything settles", func() (bool, any) {
		now, err := w.Look(w.ctx)
		must(t, err)
		return now.Unsettled() == "", now.Unsettled()
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	now, err := w.Look(w.ctx)
	must(t, err)
	w.judge(now)
}

// wishes is how many calls a user makes.
const wishes = 120

// wish makes random calls. Most are refused for good reasons, none for an internal one.
func (w *world) wish(t *testing.T, dice *rand.Rand) {
	calls := w.calls(dice)
	for range wishes {
		call := calls[dice.IntN(len(calls))]
		if err := call(w.ctx); err != nil && core.KindOf(err) == core.Internal {
			t.Errorf("a call failed: %v", err)
		}
	}
}

// calls are the calls that users make, with random arguments; those listed often are made often.
func (w *world) calls(dice *rand.Rand) []func(context.Context) error {
	name := func(prefix string, n int) string { return fmt.Sprint(prefix, dice.IntN(n)) }
	project := func() string { return fmt.Sprint("p", 1+dice.IntN(2)) }
	node, nic, net := func() string { return name("n", nodes) }, func() string { return fmt.Sprint(dice.IntN(nics)) }, func() string { return name("w", networks) }
	cable := func() (sw, port, n, i string) {
		k, j := dice.IntN(nodes), dice.IntN(nics)
		return fmt.Sprint("s", (k+j)%switches), fmt.Sprintf("n%d/%d", k, j), fmt.Sprint("n", k), fmt.Sprint(j)
	}
	create := func(ctx context.Context) error {
		p := project()
		return w.NetworkCreate(ctx, net(), p, service.Access{Projects: []string{p}}, "")
	}
	open := func(ctx context.Context) error {
		return w.NetworkCreate(ctx, net(), "admin", service.Access{Public: true}, "")
	}
	reserve := func(ctx context.Context) error { return w.ProjectConnectNode(ctx, project(), node()) }
	connect := func(ctx context.Context) error {
		label, channel := net(), ""
		if n, err := w.Network(ctx, label); err == nil && dice.IntN(2) == 0 {
			channel = n.TaggedChannel()
		}
		_, err := w.NodeConnectNetwork(ctx, node(), nic(), label, channel)
		return err
	}
	detach := func(ctx context.Context) error {
		_, err := w.NodeDetachNetwork(ctx, node(), nic(), net())
		return err
	}
	revert := func(ctx context.Context) error {
		sw, port, _, _ := cable()
		_, err := w.PortRevert(ctx, sw, port)
		return err
	}
	// Nobody waits long for an answer: the servers come and go.
	inquire := func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		defer cancel()
		_, planned := w.NodeConnectNetworkPlan(ctx, node(), nic(), net(), "")
		_, checked := w.SwitchCheck(ctx, name("s", switches))
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil
		}
		return errors.Join(planned, checked)
	}
	recable := func(ctx context.Context) error {
		sw, port, n, i := cable()
		_ = w.PortDetachNIC(ctx, sw, port) // the next call says what counts
		return w.PortConnectNIC(ctx, sw, port, n, i)
	}
	release := func(ctx context.Context) error { return w.ProjectDetachNode(ctx, project(), node(), false) }
	remove := func(ctx context.Context) error { return w.NetworkDelete(ctx, net()) }
	grant := func(ctx context.Context) error { return w.NetworkGrantAccess(ctx, net(), project()) }
	revoke := func(ctx context.Context) error { return w.NetworkRevokeAccess(ctx, net(), project()) }
	return []func(context.Context) error{
		create, create, open, reserve, reserve, connect, connect, connect, connect, detach, detach, detach,
		revert, recable, inquire, release, release, remove, remove, grant, revoke,
	}
}
