package service_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// sweep runs the world's sweeper until the test ends.
func (w *world) sweep(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.Powers.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
}

// names are the nodes of a list.
func names(list []service.NodePower) []string {
	var all []string
	for _, p := range list {
		all = append(all, p.Node)
	}
	return all
}

func TestPowersAreListedToThoseConcerned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.sweep(t)
		list := func(who context.Context) []service.NodePower { return get(w.NodePowerList(who, true))(t) }
		if got := names(list(w.admin)); !slices.Equal(got, []string{"bare", "f1", "n1", "n2"}) {
			t.Errorf("an administrator sees %v", got)
		}
		w.obm.noted()
		if got := list(w.nobody); got == nil || len(got) != 0 {
			t.Errorf("nobody sees %+v", got)
		}
		got := list(w.u1)
		if len(got) != 1 || got[0].Node != "n1" || got[0].Project != "p1" || got[0].Power != "on" || got[0].Error != "" || !got[0].Asked {
			t.Errorf("a member sees %+v", got)
		}
		if asked := w.obm.noted(); !slices.Equal(asked, []string{"status n1"}) {
			t.Errorf("a member and nobody asked for %v", asked)
		}
		if open := w.obm.open.Load(); open != 0 {
			t.Errorf("%d sessions were not closed", open)
		}
	})
}

func TestPowersThatAreNotKnown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		one := func(fresh bool) service.NodePower { return get(w.NodePowerList(w.u1, fresh))(t)[0] }
		if p := one(false); p.Power != "unknown" || p.Asked || !strings.Contains(p.Error, "not been asked") {
			t.Errorf("before it was asked: %+v", p)
		}
		w.sweep(t)
		if p := one(true); p.Power != "on" {
			t.Errorf("asked: %+v", p)
		}
		w.obm.fail(&sdk.Error{Code: sdk.Unavailable, Text: "no answer from 10.0.0.1"})
		if p := one(true); p.Power != "unknown" || !p.Asked || p.Error != "no answer from 10.0.0.1" {
			t.Errorf("after a failure: %+v", p)
		}
		w.obm.fail(nil)
		must(t, w.NodeSetOBM(w.u1, "n1", false))
		w.obm.noted()
		p := one(true)
		if asked := w.obm.noted(); p.Power != "unknown" || p.Asked || !strings.Contains(p.Error, "disabled") || len(asked) != 0 {
			t.Errorf("disabled: %+v, asked %v", p, asked)
		}
	})
}

// TestPowersAreWantedAfterAChange looks at what is due without anybody asking for it.
func TestPowersAreWantedAfterAChange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, call := range map[string]func() error{
			"on":          func() error { return w.NodePowerOn(w.u1, "n1") },
			"off":         func() error { return w.NodePowerOff(w.u1, "n1") },
			"cycle":       func() error { return w.NodePowerCycle(w.u1, "n1", true) },
			"enable":      func() error { return errors.Join(w.NodeSetOBM(w.u1, "n1", false), w.NodeSetOBM(w.u1, "n1", true)) },
			"on, in vain": func() error { return w.inVain(w.NodePowerOn) },
			"cycle, in vain": func() error {
				return w.inVain(func(ctx context.Context, n string) error { return w.NodePowerCycle(ctx, n, false) })
			},
		} {
			must(t, call())
			if wanted := w.wanted(t); !slices.Equal(wanted, []string{"n1"}) {
				t.Errorf("after %s %v are wanted", name, wanted)
			}
		}
		must(t, drop(w.NodePowerStatus(w.u1, "n1")))
		must(t, w.NodeSetBootDevice(w.u1, "n1", "pxe", false))
		wantKind(t, w.NodePowerOn(w.u1, "n2"), core.Unauthorized)
		if wanted := w.wanted(t); len(wanted) != 0 {
			t.Errorf("%v are wanted although nothing has changed", wanted)
		}
	})
}

// inVain makes a call on n1 whose controller fails.
func (w *world) inVain(call func(context.Context, string) error) error {
	w.obm.fail(&sdk.Error{Code: sdk.Timeout, Text: "no answer"})
	defer w.obm.fail(nil)
	if call(w.u1, "n1") == nil {
		return errors.New("the controller did not fail")
	}
	return nil
}

// wanted are the nodes that somebody wants to know of, whose wishes it fulfils.
func (w *world) wanted(t *testing.T) []string {
	t.Helper()
	var found []string
	must(t, w.s.InTx(t.Context(), func(ctx context.Context, q store.Queries) error {
		claims, _, err := q.ClaimPowers(ctx, store.ClaimTerms{Most: 10, Rate: 1000, AheadMS: 1000, LeaseMS: deadline.Milliseconds()})
		var outcomes []store.PowerOutcome
		for _, c := range claims {
			found = append(found, c.Label)
			outcomes = append(outcomes, store.PowerOutcome{PowerClaim: c, State: "on"})
		}
		return errors.Join(err, q.SettlePowers(ctx, outcomes))
	}))
	return found
}

func TestPowersInADryRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		list := get(w.NodePowerList(w.u1, true))(t)
		if p := list[0]; p.Power != "unknown" || p.Asked || !strings.Contains(p.Error, "dry run") {
			t.Errorf("told %+v", p)
		}
	}, func(c *service.Config) { c.DryRun = true })
}

func TestAskPower(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ask := service.AskPower(w.Drivers, hclog.NewNullLogger())
		n := get(w.s.Node(t.Context(), "n1"))(t)
		if state := get(ask(t.Context(), n))(t); state != "on" {
			t.Errorf("the state is %s", state)
		}
		foreign := n
		foreign.OBMType = "http://example.com/obm/none"
		for name, c := range map[string]struct {
			node core.Node
			fail error
			want string
		}{
			"no driver":          {foreign, nil, "none"},
			"the driver's words": {n, &sdk.Error{Code: sdk.Denied, Text: "the password is wrong"}, "the password is wrong"},
			"no answer":          {n, context.DeadlineExceeded, "did not answer in time"},
			"the server's own":   {n, errors.New("inner life"), "its log says why"},
		} {
			w.obm.fail(c.fail)
			state, err := ask(t.Context(), c.node)
			if err == nil || state != "" || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "inner life") {
				t.Errorf("%s: told %q, %v", name, state, err)
			}
		}
		w.obm.fail(nil)
		w.obm.power(obm.PowerUnknown)
		if state, err := ask(t.Context(), n); err == nil || state != "" {
			t.Errorf("a controller that does not know: told %q, %v", state, err)
		}
		if open := w.obm.open.Load(); open != 0 {
			t.Errorf("%d sessions were not closed", open)
		}
	})
}
