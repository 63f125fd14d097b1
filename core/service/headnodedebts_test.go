package service_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
)

// unreachable is what a host's driver says whose host is down.
var unreachable = &sdk.Error{Code: sdk.Unavailable, Text: "no route to host", Retryable: true}

// owing starts h1 on network pub and deletes it while its host is down.
func (w *world) owing(t *testing.T) (machine string) {
	t.Helper()
	must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "provider", false))
	must(t, w.HeadnodeStart(w.u1, "h1"))
	machine = "headnode-" + get(w.HeadnodeShow(w.u1, "h1"))(t).UUID
	w.host.cut(unreachable)
	must(t, w.HeadnodeDelete(w.u1, "h1"))
	wantKind(t, drop(w.HeadnodeShow(w.u1, "h1")), core.NotFound)
	return machine
}

// payDebts runs the payer of debts until the test ends, or it is stopped.
func (w *world) payDebts(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.Debts.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

func TestDeleteWhileTheHostIsDown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		machine := w.owing(t)
		debts := get(w.HeadnodeDebtList(w.admin))(t)
		if len(debts) != 1 || debts[0].Machine != machine || debts[0].Headnode != "h1" || debts[0].Project != "p1" ||
			debts[0].Tries != 1 || !strings.Contains(debts[0].LastError, "no route to host") || debts[0].RetryAt <= debts[0].Since {
			t.Errorf("the debts are %+v", debts)
		}
		err := w.NetworkDelete(w.admin, "provider")
		wantKind(t, err, core.Blocked)
		for _, word := range []string{machine, "h1", "its host", time.UnixMilli(debts[0].Since).UTC().Format(time.DateOnly), "haas headnode debts"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("the error does not name %q: %v", word, err)
			}
		}
		wantKind(t, w.NetworkRevokeAccess(w.admin, "provider", "p1"), core.Blocked)
		must(t, w.HeadnodeCreate(w.u1, "h1", "p1", "img1", service.HeadnodeSeed{})) // the label is free

		w.host.cut(nil)
		w.payDebts(t)
		storetest.Eventually(t, "the machine is gone, and nothing is owed", func() (bool, any) {
			debts, specs := get(w.HeadnodeDebtList(w.admin))(t), w.host.specs()
			return len(debts) == 0 && len(specs) == 0, debts
		})
		must(t, w.NetworkRevokeAccess(w.admin, "provider", "p1"))
		must(t, w.NetworkDelete(w.admin, "provider"))
	})
}

// TestDebtsAreTriedAgain while the host stays down.
func TestDebtsAreTriedAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.owing(t)
		stop := w.payDebts(t)
		storetest.Eventually(t, "it is tried again", func() (bool, any) {
			debts := get(w.HeadnodeDebtList(w.admin))(t)
			return len(debts) == 1 && debts[0].Tries > 2, debts
		})
		stop()
		if got := w.host.specs(); len(got) != 1 {
			t.Errorf("on the host that is down: %+v", got)
		}
	})
}

func TestForgive(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		machine := w.owing(t)
		forgive := func(ctx context.Context) error { return w.HeadnodeForgive(ctx, machine) }
		try(t,
			attempt{"the list, by a member", w.u1, func(ctx context.Context) error { return drop(w.HeadnodeDebtList(ctx)) }, core.Unauthorized},
			attempt{"by a member", w.u1, forgive, core.Unauthorized},
			attempt{"a machine that is not owed", w.admin, func(ctx context.Context) error { return w.HeadnodeForgive(ctx, "headnode-x") }, core.NotFound},
			attempt{"by an administrator", w.admin, forgive, success},
			attempt{"twice", w.admin, forgive, core.NotFound},
			attempt{"then the network is free", w.admin, func(ctx context.Context) error { return w.NetworkDelete(ctx, "provider") }, success},
		)
	})
}

// TestADebtWaitsForTheStartUnderWay, which makes the machine after the host has confirmed that there is none.
func TestADebtWaitsForTheStartUnderWay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "provider", false))
		w.host.meanwhile = func() {
			must(t, w.HeadnodeDelete(w.u1, "h1"))
			if debts := get(w.HeadnodeDebtList(w.admin))(t); len(debts) != 1 || !strings.Contains(debts[0].LastError, "started") {
				t.Errorf("the debts are %+v", debts)
			}
			wantKind(t, w.NetworkDelete(w.admin, "provider"), core.Blocked)
		}
		wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.NotFound)
		if debts, specs := get(w.HeadnodeDebtList(w.admin))(t), w.host.specs(); len(debts)+len(specs) != 0 {
			t.Errorf("left are %+v and %+v", debts, specs)
		}
		must(t, w.NetworkDelete(w.admin, "provider"))
	})
}

func TestDeleteWithoutADriver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.HeadnodeStart(w.u1, "h1"))
		c := w.Config
		c.Headnodes.Type = "http://example.com/headnodes/none"
		c.Debts = service.NewDebts(service.DebtsConfig{Store: w.s, Drivers: c.Drivers, Headnodes: c.Headnodes, Log: c.Log})
		must(t, service.New(c).HeadnodeDelete(w.u1, "h1"))
		if debts := get(w.HeadnodeDebtList(w.admin))(t); len(debts) != 1 || !strings.Contains(debts[0].LastError, "no headnode driver") {
			t.Errorf("the debts are %+v", debts)
		}
	})
}
