package service_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// several gives a world hosts a, b and c, of which headnodes may have 3, 2 and 1 GiB.
func several(c *service.Config) {
	found := c.Drivers.(drivers.Static)
	found.Headnodes = []headnode.Driver{fakeHosts{"a": newFakeHost(3 << 10), "b": newFakeHost(64 << 10), "c": newFakeHost(1 << 10)}}
	c.Drivers = found
	c.Headnodes = service.HeadnodeConfig{
		Type: hostsType, Images: c.Headnodes.Images,
		Hosts: []service.HeadnodeHost{{Name: "c"}, {Name: "b", Capacity: 2 << 10}, {Name: "a", Capacity: 64 << 10}},
	}
}

// hosts are the world's several hosts.
func (w *world) hosts() fakeHosts { return w.Drivers.(drivers.Static).Headnodes[0].(fakeHosts) }

// machines are how many machines each host has: "a 1, b 0, c 0".
func (w *world) machines() string {
	var words []string
	for _, name := range []string{"a", "b", "c"} {
		words = append(words, fmt.Sprint(name, " ", len(w.hosts()[name].specs())))
	}
	return strings.Join(words, ", ")
}

func (w *world) wantMachines(t *testing.T, want string) {
	t.Helper()
	if got := w.machines(); got != want {
		t.Errorf("the hosts have %s, want %s", got, want)
	}
}

// more makes headnodes of p1.
func (w *world) more(t *testing.T, labels ...string) {
	t.Helper()
	for _, l := range labels {
		must(t, w.HeadnodeCreate(w.u1, l, "p1", "img1", service.HeadnodeSeed{}))
	}
}

// with is a service in the world that is configured otherwise.
func (w *world) with(change func(*service.HeadnodeConfig)) *service.Service {
	c := w.Config
	change(&c.Headnodes)
	c.Debts = service.NewDebts(service.DebtsConfig{Store: w.s, Drivers: c.Drivers, Headnodes: c.Headnodes, Log: c.Log})
	return service.New(c)
}

func TestHeadnodesArePlacedWhereMostMemoryIsFree(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.more(t, "h2", "h3", "h4", "h5", "h6", "h7")
		for i, want := range []string{"a 1, b 0, c 0", "a 1, b 1, c 0", "a 2, b 1, c 0", "a 2, b 1, c 1", "a 2, b 2, c 1", "a 3, b 2, c 1"} {
			must(t, w.HeadnodeStart(w.u1, fmt.Sprint("h", i+1)))
			w.wantMachines(t, want)
		}
		must(t, w.HeadnodeCreateHNIC(w.u1, "h7", "eth0"))
		err := w.HeadnodeStart(w.u1, "h7")
		wantKind(t, err, core.Exhausted)
		if err == nil || !strings.Contains(err.Error(), "a: 0 MiB are free, 1024 are needed") {
			t.Errorf("the error does not say how full the hosts are: %v", err)
		}
		w.wantMachines(t, "a 3, b 2, c 1")
		must(t, w.HeadnodeDeleteHNIC(w.u1, "h7", "eth0"))
		must(t, w.HeadnodeStop(w.u1, "h2"))
		must(t, w.HeadnodeStart(w.u1, "h2")) // it stays where it is
		must(t, w.HeadnodeDelete(w.u1, "h2"))
		w.wantMachines(t, "a 3, b 1, c 1")
		must(t, w.HeadnodeStart(w.u1, "h7"))
		w.wantMachines(t, "a 3, b 2, c 1")
	}, several)
}

// TestAPlaceIsTakenBeforeTheMachineIsMade has a second headnode started while the first one's machine is made.
func TestAPlaceIsTakenBeforeTheMachineIsMade(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.more(t, "h2")
		a := w.hosts()["a"]
		w.hosts()["b"].total = 0 // nothing else is free but c, which has less than a has
		a.meanwhile = func() {
			a.meanwhile = nil
			a.total = 2 << 10
			must(t, w.HeadnodeStart(w.u1, "h2"))
		}
		must(t, w.HeadnodeStart(w.u1, "h1"))
		w.wantMachines(t, "a 1, b 0, c 1")
	}, several)
}

func TestADeadHostIsAvoidedAndShown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.hosts()["a"].cut(unreachable)
		must(t, w.HeadnodeStart(w.u1, "h1"))
		w.wantMachines(t, "a 0, b 1, c 0")
		wantKind(t, drop(w.HeadnodeHostList(w.u1)), core.Unauthorized)
		first := get(w.HeadnodeHostList(w.admin))(t)
		if len(first) != 3 || first[0].Name != "c" || first[1].Name != "b" || first[2].Name != "a" {
			t.Fatalf("the hosts are %+v", first)
		}
		if b := first[1]; !b.Known || b.Capacity != 2<<10 || b.Used != 1<<10 || b.Error != "" || !b.Since.IsZero() {
			t.Errorf("host b is %+v", b)
		}
		if a := first[2]; a.Known || !strings.Contains(a.Error, "no route to host") || a.Since.IsZero() {
			t.Errorf("host a is %+v", a)
		}
		if again := get(w.HeadnodeHostList(w.admin))(t); !again[2].Since.Equal(first[2].Since) {
			t.Errorf("host a is down since %v, then since %v", first[2].Since, again[2].Since)
		}
		w.hosts()["a"].cut(nil)
		if a := get(w.HeadnodeHostList(w.admin))(t)[2]; a.Capacity != 3<<10 || a.Error != "" || !a.Since.IsZero() {
			t.Errorf("host a, which is back, is %+v", a)
		}
	}, several)
}

// TestAFirstStartThatFailsMayGoElsewhere, and only administrators are told where.
func TestAFirstStartThatFailsMayGoElsewhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.hosts()["a"].fail(&sdk.Error{Code: sdk.Refused, Text: "no memory"})
		wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.Refused)
		w.wantMachines(t, "a 0, b 0, c 0")
		if got := get(w.HeadnodeShow(w.admin, "h1"))(t).Host; got != "" {
			t.Errorf("a headnode that was never started is on host %s", got)
		}
		w.hosts()["a"].cut(unreachable)
		must(t, w.HeadnodeStart(w.u1, "h1"))
		w.wantMachines(t, "a 0, b 1, c 0")
		if got := get(w.HeadnodeShow(w.admin, "h1"))(t).Host; got != "b" {
			t.Errorf("an administrator is told host %q", got)
		}
		if got := get(w.HeadnodeShow(w.u1, "h1"))(t).Host; got != "" {
			t.Errorf("a member is told host %q", got)
		}
	}, several)
}

func TestNoHostAnswers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for _, h := range w.hosts() {
			h.cut(unreachable)
		}
		err := w.HeadnodeStart(w.u1, "h1")
		wantKind(t, err, core.Unavailable)
		if err == nil || strings.Count(err.Error(), "no route to host") != 3 {
			t.Errorf("the error does not say so of each: %v", err)
		}
		must(t, w.HeadnodeDeleteHNIC(w.u1, "h1", "hn0"))
	}, several)
}

func TestAHostWithoutTheImageIsAvoided(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.hosts()["a"].fits = []string{"img2"}
		w.hosts()["b"].fits = []string{}
		must(t, w.HeadnodeStart(w.u1, "h1"))
		w.wantMachines(t, "a 0, b 0, c 1")
		w.hosts()["c"].fits = []string{}
		w.more(t, "h2")
		wantKind(t, w.HeadnodeStart(w.u1, "h2"), core.BadArgument)
	}, several)
}

// TestAHeadnodeOfADeadHost goes to no other, and is deleted when its host is back.
func TestAHeadnodeOfADeadHost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.HeadnodeStart(w.u1, "h1"))
		w.hosts()["a"].cut(unreachable)
		wantKind(t, w.HeadnodeStop(w.u1, "h1"), core.Unavailable)
		wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.Unavailable)
		must(t, w.HeadnodeDelete(w.u1, "h1"))
		w.wantMachines(t, "a 1, b 0, c 0")
		if debts := get(w.HeadnodeDebtList(w.admin))(t); len(debts) != 1 || debts[0].Host != "a" {
			t.Errorf("the debts are %+v", debts)
		}
		w.hosts()["a"].cut(nil)
		w.payDebts(t)
		storetest.Eventually(t, "the machine is gone", func() (bool, any) { return w.machines() == "a 0, b 0, c 0", w.machines() })
	}, several)
}

// TestAHostThatIsNotConfiguredAnyMore is told, and still owes what it has.
func TestAHostThatIsNotConfiguredAnyMore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.HeadnodeStart(w.u1, "h1"))
		without := w.with(func(c *service.HeadnodeConfig) { c.Hosts = c.Hosts[:2] })
		err := without.HeadnodeStop(w.u1, "h1")
		wantKind(t, err, core.Unavailable)
		if err == nil || !strings.Contains(err.Error(), "host a") {
			t.Errorf("the error does not name the host: %v", err)
		}
		must(t, without.HeadnodeDelete(w.u1, "h1"))
		if debts := get(w.HeadnodeDebtList(w.admin))(t); len(debts) != 1 || !strings.Contains(debts[0].LastError, "not in the configuration any more") {
			t.Errorf("the debts are %+v", debts)
		}
		w.payDebts(t)
		storetest.Eventually(t, "the machine is gone", func() (bool, any) { return w.machines() == "a 0, b 0, c 0", w.machines() })
	}, several)
}

// TestFromOneHostToSeveral finds a machine that was made when there was one.
func TestFromOneHostToSeveral(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.hosts()["headnodes"] = w.hosts()["b"] // how the only host is called
		one := w.with(func(c *service.HeadnodeConfig) { c.Hosts = nil })
		must(t, one.HeadnodeStart(w.u1, "h1"))
		w.wantMachines(t, "a 0, b 1, c 0")
		must(t, w.HeadnodeStop(w.u1, "h1"))
		must(t, w.HeadnodeStart(w.u1, "h1"))
		w.wantMachines(t, "a 0, b 1, c 0")
		w.hosts()["c"].cut(unreachable)
		must(t, w.HeadnodeDelete(w.u1, "h1"))
		w.wantMachines(t, "a 0, b 0, c 0")
		if debts := get(w.HeadnodeDebtList(w.admin))(t); len(debts) != 1 {
			t.Errorf("host c, which may have the machine for all one knows, owes nothing: %+v", debts)
		}
		// And back again: what was placed on the host is still known to be there.
		w.hosts()["a"].total, w.hosts()["b"].total = 0, 2<<10
		w.more(t, "h2")
		must(t, w.HeadnodeStart(w.u1, "h2"))
		w.wantMachines(t, "a 0, b 1, c 0")
		one = w.with(func(c *service.HeadnodeConfig) { c.Hosts, c.URI = nil, "b" })
		must(t, one.HeadnodeStop(w.u1, "h2"))
	}, several)
}

// TestTheOnlyHostIsAnotherNow has no host confirm what another one has.
func TestTheOnlyHostIsAnotherNow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		only := func(name string) *service.Service {
			w.hosts()["headnodes"] = w.hosts()[name] // how the only host is called
			return w.with(func(c *service.HeadnodeConfig) { c.Hosts, c.URI = nil, name })
		}
		s := only("a")
		must(t, s.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", false))
		must(t, s.HeadnodeStart(w.u1, "h1"))
		must(t, s.HeadnodeStop(w.u1, "h1"))
		s = only("b")
		wantToldBy(t, s.HeadnodeStart(w.u1, "h1"), core.Unavailable, "host a", "put it back")
		wantToldBy(t, s.HeadnodeHostRename(w.admin, "a", "b"), core.Blocked, "of headnode h1")
		must(t, s.HeadnodeDelete(w.u1, "h1"))
		w.wantMachines(t, "a 1, b 0, c 0")
		wantToldBy(t, s.NetworkDelete(w.u1, "w1"), core.Blocked, "host a")
		w.payDebts(t)
		storetest.Eventually(t, "the machine is gone", func() (bool, any) { return w.machines() == "a 0, b 0, c 0", w.machines() })
	}, several)
}

// TestAHostIsRenamed because it is reached in another way: what is on it, and what it owes, goes along.
func TestAHostIsRenamed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.hosts()["headnodes"] = w.hosts()["a"] // how the only host is called
		named := func(name string) *service.Service {
			return w.with(func(c *service.HeadnodeConfig) { c.Hosts, c.URI = nil, name })
		}
		w.more(t, "h2")
		s := named("old")
		must(t, s.HeadnodeStart(w.u1, "h1"))
		must(t, s.HeadnodeStart(w.u1, "h2"))
		s = named("new")
		must(t, s.HeadnodeDelete(w.u1, "h2"))
		rename := func(from, to string) func(context.Context) error {
			return func(ctx context.Context) error { return s.HeadnodeHostRename(ctx, from, to) }
		}
		try(t,
			attempt{"by a member", w.u1, rename("old", "new"), core.Unauthorized},
			attempt{"what is there", w.admin, rename("new", "new"), core.BadArgument},
			attempt{"to what is not there", w.admin, rename("old", "newer"), core.BadArgument},
			attempt{"to nothing", w.admin, rename("old", ""), core.BadArgument},
			attempt{"what never was", w.admin, rename("older", "new"), core.NotFound},
		)
		must(t, s.HeadnodeHostRename(w.admin, "old", "new"))
		must(t, s.HeadnodeStop(w.u1, "h1"))
		if debts := get(s.HeadnodeDebtList(w.admin))(t); len(debts) != 1 || debts[0].Host != "new" {
			t.Errorf("the debts are %+v", debts)
		}
		must(t, s.HeadnodeDelete(w.u1, "h1"))

		// All that is left is owed, and may be gone.
		must(t, named("newer").HeadnodeHostRename(w.admin, "new", "newer"))
		for _, machine := range w.hosts()["a"].specs() {
			must(t, w.hosts()["a"].Delete(t.Context(), machine.ID))
		}
		wantToldBy(t, named("latest").HeadnodeHostRename(w.admin, "newer", "latest"), core.Blocked, "forgive")
	}, several)
}
