package service_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// TestPluggingFails has the host refuse, or lose its answer, at each of its calls. The caller, who is told one text, learns
// from it what is not known.
func TestPluggingFails(t *testing.T) {
	t.Parallel()
	connect := func(w *world) error { return w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "pub", true) }
	again := func(w *world) error { return w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true) }
	detach := func(w *world) error { return w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true) }
	for name, c := range map[string]struct {
		on   string
		call func(*world) error
		// refused and lost are the numbers of the host's calls that are not done, and that are done without an answer.
		refused, lost  []int
		plugged, noted int
		words          string
	}{
		"detach is refused":                        {"w1", detach, []int{1}, nil, 101, 101, "still counts as on its network"},
		"detach is lost":                           {"w1", detach, nil, []int{1}, 0, 101, "still counts as on its network"},
		"a connected one is not unplugged":         {"w1", connect, []int{1}, nil, 101, 101, "still counts as on its network"},
		"one that is on none is not unplugged":     {"", connect, []int{1}, nil, 0, 0, "no cable"},
		"it is not plugged in":                     {"w1", connect, []int{2}, nil, 0, 0, "no cable"},
		"it is plugged in without saying so":       {"w1", connect, nil, []int{2}, 0, 0, "no cable"},
		"it is plugged in, and nobody can tell":    {"w1", connect, []int{3}, []int{2}, 103, 103, "may be on network pub"},
		"it is not plugged in, and nobody can say": {"", connect, []int{2, 3}, nil, 0, 103, "may be on network pub"},
		"the same once more fails":                 {"w1", again, []int{1}, nil, 101, 101, "may be on network w1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.startedOn(t, c.on)
				calls := 0
				fails := func(at []int) error {
					if !slices.Contains(at, calls) {
						return nil
					}
					return &sdk.Error{Code: sdk.Refused, Text: "no cable"}
				}
				w.host.plugging = func(headnode.NIC) error { calls++; return fails(c.refused) }
				w.host.plugged = func(headnode.NIC) error { return fails(c.lost) }
				wantToldBy(t, c.call(w), core.Refused, c.words, "no cable")
				w.is(t, c.plugged, c.noted)
				w.host.plugging, w.host.plugged = nil, nil
				must(t, connect(w)) // nothing is in the way of another try
				w.is(t, 103, 103)
			})
		})
	}
}

// wantToldBy wants the first error that callers are told of to be of the kind, and its text to contain words.
func wantToldBy(t *testing.T, err error, kind core.Kind, words ...string) {
	t.Helper()
	wantKind(t, err, kind)
	told, _ := errors.AsType[*core.Error](err)
	for _, word := range words {
		if told == nil || !strings.Contains(told.Text, word) {
			t.Errorf("the caller is told %v, not %q", told, word)
		}
	}
}

// TestManyPluggingsAtOnce has two servers on one database plug and unplug at once, with answers that are lost. Whenever the
// host is told something, the NIC is on no other network than the one that is noted.
func TestManyPluggingsAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.startedOn(t, "")
		servers := []*service.Service{w.Service, service.New(w.Config)}
		var wrong sync.Map
		look := func(n headnode.NIC) error {
			if on := w.card(); on != 0 && on != w.noted(t) {
				wrong.Store(fmt.Sprintf("the machine is on VLAN %d, which is not noted", on), true)
			}
			if n.VLAN != 0 && n.VLAN != w.noted(t) {
				wrong.Store(fmt.Sprintf("VLAN %d is plugged in, and not noted", n.VLAN), true)
			}
			return nil
		}
		var calls atomic.Int64
		w.host.plugging = look
		w.host.plugged = func(n headnode.NIC) error {
			_ = look(n)
			if calls.Add(1)%3 == 0 {
				return &sdk.Error{Code: sdk.Timeout, Text: "no answer"}
			}
			return nil
		}
		for round := range 20 {
			errs := atOnce(func(i int) error {
				s := servers[i%2]
				if i%4 == 3 {
					return s.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true)
				}
				return s.HeadnodeConnectNetwork(w.u1, "h1", "hn0", []string{"w1", "pub", "provider"}[(i+round)%3], true)
			})
			for _, err := range errs {
				if kind := core.KindOf(err); err != nil && kind != core.Blocked && kind != core.Deadline {
					t.Errorf("somebody is told %v", err)
				}
			}
		}
		wrong.Range(func(text, _ any) bool { t.Error(text); return true })
		if calls.Load() == 0 {
			t.Error("nobody has changed anything")
		}
	})
}

// TestStartedAgainWhereItBelongs has a machine be on a network that its NIC was detached from, when it is started again.
func TestStartedAgainWhereItBelongs(t *testing.T) {
	t.Parallel()
	detach := func(t *testing.T, w *world) {
		must(t, w.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true))
		must(t, w.NetworkDelete(w.u1, "w1"))
	}
	for name, spoil := range map[string]func(t *testing.T, w *world, id string){
		"its host was restored from a backup": func(t *testing.T, w *world, id string) {
			detach(t, w)
			must(t, w.host.move(id, headnode.NIC{Label: "hn0", VLAN: 101}))
		},
		"it is gone, and made anew as it was when the start began": func(t *testing.T, w *world, id string) {
			w.host.meanwhile = func() {
				w.host.meanwhile = nil
				detach(t, w)
				must(t, w.host.Delete(t.Context(), id))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.startedOn(t, "w1")
				w.host.plugging = nil
				must(t, w.HeadnodeStop(w.u1, "h1"))
				spoil(t, w, w.host.specs()[0].ID)
				w.host.started = func() { w.is(t, 0, 0) }
				must(t, w.HeadnodeStart(w.u1, "h1"))
				must(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "pub", true)) // nobody holds it
			})
		})
	}
}

// TestNotStartedWhereItDoesNotBelong: a host that cannot plug is asked for no more than before.
func TestNotStartedWhereItDoesNotBelong(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.startedOn(t, "w1")
		must(t, w.HeadnodeStop(w.u1, "h1"))
		starts := w.host.starts
		w.host.plugging = func(headnode.NIC) error { return errHost }
		wantKind(t, w.HeadnodeStart(w.u1, "h1"), core.Unavailable)
		if w.host.starts != starts {
			t.Error("it was started, wherever it is")
		}
		w.host.plugging = func(headnode.NIC) error { return &sdk.Error{Code: sdk.Unsupported, Text: "cannot plug"} }
		must(t, w.HeadnodeStart(w.u1, "h1"))
		w.is(t, 101, 101)
	})
}

// TestNothingIsNotedForAHostThatCannotPlug: nobody could take the NIC off that network again.
func TestNothingIsNotedForAHostThatCannotPlug(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.startedOn(t, "")
		w.host.plugging = func(headnode.NIC) error { return &sdk.Error{Code: sdk.Unsupported, Text: "cannot plug"} }
		wantKind(t, w.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "w1", true), core.Refused)
		w.is(t, 0, 0)
	})
}

// TestPluggingInADryRun touches no host, and so notes nothing.
func TestPluggingInADryRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		plugged := w.startedOn(t, "w1")
		c := w.Config
		c.DryRun = true
		s := service.New(c)
		for _, err := range []error{
			s.HeadnodeConnectNetwork(w.u1, "h1", "hn0", "pub", true), s.HeadnodeDetachNetwork(w.u1, "h1", "hn0", true),
		} {
			wantToldBy(t, err, core.Blocked, "dry run")
		}
		if len(*plugged) > 0 {
			t.Errorf("the host was told %v", *plugged)
		}
		w.is(t, 101, 101)
	})
}
