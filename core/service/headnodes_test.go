package service_test

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

func TestHeadnodeCreateChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		create := func(h, p, img string) func(context.Context) error {
			return func(ctx context.Context) error { return w.HeadnodeCreate(ctx, h, p, img, service.HeadnodeSeed{}) }
		}
		try(t,
			attempt{"unknown image, duplicate, as nobody", w.nobody, create("h1", "none", "none"), core.BadArgument},
			attempt{"duplicate for a missing project", w.nobody, create("h1", "none", "img1"), core.Duplicate},
			attempt{"missing project as nobody", w.nobody, create("h9", "none", "img1"), core.NotFound},
			attempt{"another's project", w.u2, create("h9", "p1", "img1"), core.Unauthorized},
			attempt{"bad label", w.u1, create("a/b", "p1", "img1"), core.BadArgument},
			attempt{"second one of a project", w.u1, create("h9", "p1", "img2"), success},
		)
		if got := get(w.HeadnodeImages(w.nobody))(t); !slices.Equal(got, []string{"img1", "img2"}) {
			t.Errorf("images are %v", got)
		}
	})
}

// headnodeCalls are the calls on a headnode and, where it has one, a NIC.
func (w *world) headnodeCalls(hnic, network string) map[string]func(ctx context.Context, h string) error {
	return map[string]func(ctx context.Context, h string) error{
		"create hnic": func(ctx context.Context, h string) error { return w.HeadnodeCreateHNIC(ctx, h, "new") },
		"delete hnic": func(ctx context.Context, h string) error { return w.HeadnodeDeleteHNIC(ctx, h, hnic) },
		"connect": func(ctx context.Context, h string) error {
			return w.HeadnodeConnectNetwork(ctx, h, hnic, network, false)
		},
		"detach": func(ctx context.Context, h string) error { return w.HeadnodeDetachNetwork(ctx, h, hnic, false) },
	}
}

func TestHeadnodeChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		calls := w.headnodeCalls("none", "none")
		calls["start"], calls["stop"], calls["delete"] = w.HeadnodeStart, w.HeadnodeStop, w.HeadnodeDelete
		calls["show"] = func(ctx context.Context, h string) error { return drop(w.HeadnodeShow(ctx, h)) }
		calls["NICs"] = func(ctx context.Context, h string) error { return drop(w.HeadnodeHNICs(ctx, h)) }
		calls["console"] = func(ctx context.Context, h string) error { return drop(w.HeadnodeConsoleShow(ctx, h, console.Want{})) }
		calls["remembered console"] = func(ctx context.Context, h string) error { return drop(w.HeadnodeConsoleShowRemembered(ctx, h, 0)) }
		calls["connect live"] = func(ctx context.Context, h string) error {
			return w.HeadnodeConnectNetwork(ctx, h, "none", "none", true)
		}
		calls["detach live"] = func(ctx context.Context, h string) error { return w.HeadnodeDetachNetwork(ctx, h, "none", true) }
		calls["vnc"] = func(ctx context.Context, h string) error { return drop(w.HeadnodeVNC(ctx, h)) }
		for name, call := range calls {
			on := func(h string) func(context.Context) error {
				return func(ctx context.Context) error { return call(ctx, h) }
			}
			try(t,
				attempt{name + ": missing as nobody", w.nobody, on("none"), core.NotFound},
				attempt{name + ": as nobody", w.nobody, on("h1"), core.Unauthorized},
				attempt{name + ": another's", w.u2, on("h1"), core.Unauthorized},
			)
		}
	})
}

func TestHNICChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		create := func(i string) func(context.Context) error {
			return func(ctx context.Context) error { return w.HeadnodeCreateHNIC(ctx, "h1", i) }
		}
		connect := func(i, net string) func(context.Context) error {
			return func(ctx context.Context) error { return w.HeadnodeConnectNetwork(ctx, "h1", i, net, false) }
		}
		detach := func(i string) func(context.Context) error {
			return func(ctx context.Context) error { return w.HeadnodeDetachNetwork(ctx, "h1", i, false) }
		}
		remove := func(i string) func(context.Context) error {
			return func(ctx context.Context) error { return w.HeadnodeDeleteHNIC(ctx, "h1", i) }
		}
		try(t,
			attempt{"create a duplicate", w.u1, create("hn0"), core.Duplicate},
			attempt{"create a bad label", w.u1, create("a/b"), core.BadArgument},
			attempt{"create", w.u1, create("hn1"), success},
			attempt{"connect a missing one", w.u1, connect("none", "none"), core.NotFound},
			attempt{"connect to a missing network", w.u1, connect("hn0", "none"), core.NotFound},
			attempt{"connect to a given VLAN", w.u1, connect("hn0", "given"), core.BadArgument},
			attempt{"connect to another's network", w.u1, connect("hn0", "w2"), core.ProjectMismatch},
			attempt{"connect", w.u1, connect("hn0", "w1"), success},
			attempt{"connect again", w.u1, connect("hn0", "w1"), success},
			attempt{"connect elsewhere", w.u1, connect("hn0", "pub"), success},
			attempt{"network is free again", w.u1, func(ctx context.Context) error { return w.NetworkDelete(ctx, "w1") }, success},
			attempt{"detach a missing one", w.u1, detach("none"), core.NotFound},
			attempt{"detach", w.u1, detach("hn0"), success},
			attempt{"detach again", w.u1, detach("hn0"), success},
			attempt{"delete a missing one", w.u1, remove("none"), core.NotFound},
			attempt{"delete", w.u1, remove("hn1"), success},
			attempt{"delete the headnode with a NIC", w.u1, func(ctx context.Context) error { return w.HeadnodeDelete(ctx, "h1") }, success},
		)
	})
}

// TestGivenVLAN is for headnodes too if the trunk of their hosts carries it.
func TestGivenVLAN(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "given", false))
		must(t, w.HeadnodeCreateHNIC(w.u1, "h1", "spare"))
		if nics, want := get(w.HeadnodeHNICs(w.u1, "h1"))(t), []service.HNIC{{"hn0", "given"}, {"spare", ""}}; !slices.Equal(nics, want) {
			t.Errorf("its NICs are %v, want %v", nics, want)
		}
		must(t, w.HeadnodeStart(w.u1, "h1"))
		if nics := w.host.specs()[0].NICs; nics[0].VLAN != 900 {
			t.Errorf("made with %+v", nics)
		}
		must(t, w.NetworkCreate(w.admin, "other", "admin", service.Access{Public: true}, "901"))
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "other", true), core.BadArgument)
	}, func(c *service.Config) { c.Headnodes.Carries = func(vlan int) bool { return vlan == 900 } })
}

// TestQuotas are exact, whoever comes at the same time.
func TestQuotas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var made [2]atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			name := "x" + strconv.Itoa(i)
			for what, call := range []func() error{
				func() error { return w.HeadnodeCreate(w.u1, name, "p1", "img1", service.HeadnodeSeed{}) },
				func() error { return w.HeadnodeCreateHNIC(w.u1, "h1", name) },
			} {
				all.Go(func() {
					err := call()
					if err == nil {
						made[what].Add(1)
					} else if core.KindOf(err) != core.Blocked {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if made[0].Load() != 2 || made[1].Load() != 1 {
			t.Errorf("made %d headnodes and %d NICs", made[0].Load(), made[1].Load())
		}
		must(t, w.HeadnodeCreate(w.admin, "h9", "p2", "img1", service.HeadnodeSeed{})) // p2 has none
		must(t, w.HeadnodeDelete(w.u1, "h1"))
		must(t, w.HeadnodeCreate(w.u1, "h1", "p1", "img1", service.HeadnodeSeed{}))
	}, func(c *service.Config) { c.Headnodes.MaxPerProject, c.Headnodes.MaxHNICs = 3, 2 })
}

func TestHeadnodeFreezes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.HeadnodeCreateHNIC(w.u1, "h1", "hn1"))
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", false))
		before := get(w.HeadnodeShow(w.u1, "h1"))(t)
		want := service.Headnode{Name: "h1", Project: "p1", HNICs: []string{"hn0", "hn1"}, UUID: before.UUID, BaseImg: "img1"}
		if !reflect.DeepEqual(before, want) || before.UUID == "" {
			t.Errorf("before the start: %+v, want %+v", before, want)
		}
		wantKind(t, w.HeadnodeStop(w.u1, "h1"), core.Refused)
		for range 2 {
			must(t, w.HeadnodeStart(w.u1, "h1"))
		}
		specs := []headnode.Spec{{
			ID: "headnode-" + before.UUID, Image: "img1", NICs: []headnode.NIC{{Label: "hn0", VLAN: 101}, {Label: "hn1"}},
		}}
		if got := w.host.specs(); !reflect.DeepEqual(got, specs) {
			t.Errorf("made %+v, want %+v", got, specs)
		}
		want.VNCPort = 5901
		if got := get(w.HeadnodeShow(w.u1, "h1"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("after the start: %+v, want %+v", got, want)
		}
		for name, call := range w.headnodeCalls("hn0", "w2") {
			if err := call(w.u1, "h1"); core.KindOf(err) != core.IllegalState {
				t.Errorf("%s of a frozen headnode: %v", name, err)
			}
		}
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "given", false), core.BadArgument)
		wantKind(t, w.HeadnodeCreateHNIC(w.u1, "h1", "hn0"), core.Duplicate)
		must(t, w.HeadnodeStop(w.u1, "h1"))
		if got := get(w.HeadnodeShow(w.u1, "h1"))(t); got.VNCPort != 0 {
			t.Errorf("a headnode that is off has screen %d", got.VNCPort)
		}
		must(t, w.HeadnodeDelete(w.u1, "h1"))
		if got := w.host.specs(); len(got) != 0 {
			t.Errorf("left on the host: %+v", got)
		}
	})
}

// TestFailedFirstStart leaves nothing, and the NICs may change again.
func TestFailedFirstStart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.host.fail(&sdk.Error{Code: sdk.Refused, Text: "no memory"})
		err := w.HeadnodeStart(w.u1, "h1")
		wantKind(t, err, core.Refused)
		if !strings.Contains(err.Error(), "no memory") {
			t.Errorf("the host's words are lost: %v", err)
		}
		if got := w.host.specs(); len(got) != 0 {
			t.Errorf("left on the host: %+v", got)
		}
		must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", false))
		w.host.fail(nil)
		must(t, w.HeadnodeStart(w.u1, "h1"))
		// A later start that fails changes nothing.
		w.host.fail(&sdk.Error{Code: sdk.Refused, Text: "no memory"})
		wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.Refused)
		if got := w.host.specs(); len(got) != 1 {
			t.Errorf("on the host: %+v", got)
		}
		wantKind(t, w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", false), core.IllegalState)
	})
}

// TestStartedAgainWhileTheFirstStartIsTakenBack leaves no machine that runs while the NICs may change as if there were none.
func TestStartedAgainWhileTheFirstStartIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, hook := range map[string]func(h *fakeHost) *func(){
		"before its machine is removed": func(h *fakeHost) *func() { return &h.started },
		"when its machine is removed":   func(h *fakeHost) *func() { return &h.deleted },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", false))
				w.host.fail(&sdk.Error{Code: sdk.Refused, Text: "no memory"})
				*hook(w.host) = func() {
					*hook(w.host) = nil
					w.host.fail(nil)
					must(t, w.HeadnodeStart(w.u1, "h1"))
				}
				wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.Refused)
				if made := w.host.specs(); len(made) != 1 || made[0].NICs[0].VLAN != 101 {
					t.Errorf("on the host: %+v", made)
				}
				wantKind(t, w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", false), core.IllegalState)
				must(t, w.HeadnodeDelete(w.u1, "h1"))
				if made := w.host.specs(); len(made) != 0 {
					t.Errorf("left on the host: %+v", made)
				}
			})
		})
	}
}

// TestHeadnodeDeletedWhileStarting leaves no machine that nobody knows of.
func TestHeadnodeDeletedWhileStarting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.host.meanwhile = func() { must(t, w.HeadnodeDelete(w.u1, "h1")) }
		wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.NotFound)
		if got := w.host.specs(); len(got) != 0 || w.host.starts > 0 {
			t.Errorf("left on the host: %+v, started %d times", got, w.host.starts)
		}
	})
}

func TestNoHostForHeadnodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.Unavailable)
		must(t, w.HeadnodeDelete(w.u1, "h1"))
	}, func(c *service.Config) { c.Headnodes.Type = "" })
}
