package fabric_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// flood is how many questions somebody asks at once, which every user may do by plans.
const flood = 60

func (f *site) flood(t testing.TB, sw string) {
	t.Helper()
	s, err := f.Store.Switch(f.ctx, sw)
	must(t, err)
	for range flood {
		_, err := f.Store.Ask(f.ctx, s.ID, `{"Want":[{"Port":"n1"}]}`, patience.Milliseconds())
		must(t, err)
	}
}

// unanswered is how many questions to a switch wait.
func (f *site) unanswered(t testing.TB, sw string) int {
	t.Helper()
	s, err := f.Store.Switch(f.ctx, sw)
	must(t, err)
	waiting, err := f.Questions(f.ctx, s.ID)
	must(t, err)
	return len(waiting)
}

// TestQuestionsDoNotKeepPortsWaiting: a visit has its turn after a few of them, and all are answered.
func TestQuestionsDoNotKeepPortsWaiting(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 1)
	f.network(t, "w1")
	f.flood(t, "sw")
	d := f.devices["sw"]
	first := atomic.Int64{}
	first.Store(-1)
	d.play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		first.CompareAndSwap(-1, int64(f.unanswered(t, "sw")))
		return d.obey(ctx, want)
	}})
	action := f.connect(t, "n1", "w1")
	f.run(t, func(c *fabric.Config) { c.Linger = time.Hour })
	f.done(t, action)
	if left := first.Load(); left < flood/2 {
		t.Errorf("%d of %d questions were answered before the port had its turn", flood-left, flood)
	}
	storetest.Eventually(t, "all questions are answered", func() (bool, any) {
		left := f.unanswered(t, "sw")
		return left == 0, left
	})
}

// TestADeadSwitchIsTriedOnceForAllWhoAsk: the failure of one question, if it is the switch's, is that of all who wait.
func TestADeadSwitchIsTriedOnceForAllWhoAsk(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 1)
	f.flood(t, "sw")
	var opened atomic.Int64
	f.devices["sw"].play(script{open: func(context.Context) error {
		opened.Add(1)
		return &sdk.Error{Code: sdk.Unavailable, Retryable: true, Text: "no route to host"}
	}})
	f.run(t)
	storetest.Eventually(t, "all questions are answered", func() (bool, any) {
		left := f.unanswered(t, "sw")
		return left == 0, left
	})
	if n := opened.Load(); n > flood/10 {
		t.Errorf("the switch was tried %d times for %d questions", n, flood)
	}
}

// TestPlansAreManyButNotEndless: every user may ask for plans, and each that waits costs a request and the database.
// Administrators ask beside them.
func TestPlansAreManyButNotEndless(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw", "other")
	c := f.config()
	c.VisitTimeout = patience
	asker := fabric.New(c) // no server answers yet
	sw, err := f.Store.Switch(f.ctx, "sw")
	must(t, err)
	other, err := f.Store.Switch(f.ctx, "other")
	must(t, err)
	plan := fabric.Question{Want: []netswitch.PortState{netswitch.Closed("n1")}}
	var asking sync.WaitGroup
	var refused atomic.Int64
	ask := func(sw int64, q fabric.Question) {
		asking.Go(func() {
			switch _, err := asker.Ask(f.ctx, sw, q); {
			case core.KindOf(err) == core.Unavailable:
				refused.Add(1)
			case err != nil:
				t.Error(err)
			}
		})
	}
	for range 2 * flood {
		ask(sw.ID, plan)
	}
	storetest.Eventually(t, "most plans wait, and some are refused", func() (bool, any) {
		waiting := f.unanswered(t, "sw")
		return refused.Load() > 0 && waiting+int(refused.Load()) == 2*flood, waiting
	})
	before := refused.Load()
	ask(sw.ID, fabric.Question{})
	ask(other.ID, plan)
	f.run(t)
	asking.Wait()
	if n := refused.Load(); n != before {
		t.Errorf("%d more are refused, who are an administrator, and somebody who asks another switch", n-before)
	}
	ask(sw.ID, plan)
	asking.Wait()
	if n := refused.Load(); n != before {
		t.Error("a plan is refused when nobody else waits any more")
	}
}
