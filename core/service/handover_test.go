package service_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk/obm"
)

// looked is a caller's context that does something once the caller was looked at: what is decided then is old afterwards.
type looked struct {
	context.Context //nolint:containedctx // it is one.
	then            func()
}

// Value finds the caller, among others.
func (c looked) Value(key any) any {
	v := c.Context.Value(key)
	if _, ok := v.(auth.Caller); ok {
		c.then()
	}
	return v
}

// opening are drivers that do something, once, before they give the driver of a controller.
type opening struct {
	service.Drivers
	before func()
}

// OBM gives the driver.
func (o opening) OBM(typeURL string) (obm.Driver, error) {
	o.before()
	return o.Drivers.OBM(typeURL)
}

// slow is the service as another server has it, where something happens before a controller is reached for the first time.
func (w *world) slow(before func()) *service.Service {
	c := w.Config
	var later atomic.Bool
	c.Drivers = opening{c.Drivers, func() {
		if !later.Swap(true) {
			before()
		}
	}}
	return service.New(c)
}

// handOver takes n1 from p1 and gives it to p2.
func (w *world) handOver(t *testing.T) {
	t.Helper()
	must(t, w.ProjectDetachNode(w.admin, "p1", "n1", false))
	must(t, w.ProjectConnectNode(w.admin, "p2", "n1"))
}

// takeBack is the way back.
func (w *world) takeBack(t *testing.T) {
	t.Helper()
	must(t, w.ProjectDetachNode(w.admin, "p2", "n1", false))
	must(t, w.ProjectConnectNode(w.admin, "p1", "n1"))
}

// TestLetInJustBefore is about calls that were found to be the owner's just before the node went to somebody else.
func TestLetInJustBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, c := range w.outOfBand() {
			w.obm.noted()
			late := looked{w.u1, sync.OnceFunc(func() { w.handOver(t) })}
			if err := c.call(late, "n1"); err == nil {
				t.Errorf("%s: it is done for the former owner", name)
			}
			if calls := w.obm.noted(); len(calls) > 0 {
				t.Errorf("%s: the next owner's controller is asked for %v", name, calls)
			}
			w.takeBack(t)
		}
	})
}

// TestHandedOverWhileOpening is the same where another server gave the node away while a controller took its time.
func TestHandedOverWhileOpening(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for _, who := range []context.Context{w.u1, w.admin} {
			w.obm.noted()
			if err := w.slow(func() { w.handOver(t) }).NodePowerOff(who, "n1"); err == nil {
				t.Error("it is done for the former owner")
			}
			if calls := w.obm.noted(); len(calls) > 0 {
				t.Errorf("the next owner's controller is asked for %v", calls)
			}
			if open := w.obm.open.Load(); open != 0 {
				t.Errorf("%d sessions were not closed", open)
			}
			w.takeBack(t)
		}
	})
}

// TestNobodyIsInAHurry is about a node whose controller is at work: it does not change hands before that is done, and no
// other work is begun.
func TestNobodyIsInAHurry(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		begun, goOn := make(chan struct{}), make(chan struct{})
		s := w.slow(func() { close(begun); <-goOn })
		done := make(chan error, 2)
		go func() { done <- s.NodePowerOff(w.u1, "n1") }()
		<-begun
		go func() {
			err := s.ProjectDetachNode(w.u1, "p1", "n1", false)
			if calls := w.obm.noted(); !slices.Contains(calls, "off n1") {
				t.Errorf("released with %v, before the controller is done", calls)
			}
			done <- err
		}()
		late := refused(t, func() error { return drop(s.NodePowerStatus(w.u1, "n1")) })
		wantKind(t, late, core.Blocked)
		close(goOn)
		must(t, <-done)
		must(t, <-done)
		must(t, w.ProjectConnectNode(w.admin, "p2", "n1"))
		must(t, drop(s.NodePowerStatus(w.u2, "n1")))
	})
}

// refused waits until a call is.
func refused(t *testing.T, call func() error) error {
	t.Helper()
	for limit := time.After(time.Minute); ; {
		if err := call(); err != nil {
			return err
		}
		select {
		case <-limit:
			t.Fatal("it is never refused")
		case <-time.After(time.Millisecond):
		}
	}
}

// TestLateStopOfAConsole leaves the next owner's as it is.
func TestLateStopOfAConsole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var next *console.Viewer
		late := looked{w.u1, sync.OnceFunc(func() {
			w.handOver(t)
			next = get(w.NodeConsoleShow(w.u2, "n1", console.Want{Tail: console.All}))(t)
			firstLine(t, next)
		})}
		must(t, w.NodeConsoleStop(late, "n1"))
		if text := get(w.NodeConsoleShowRemembered(w.u2, "n1", console.All))(t); string(text) != "boot log of n1\n" {
			t.Errorf("the next owner's console remembers %q", text)
		}
		if _, c, err := w.s.NodeConsole(t.Context(), "n1"); err != nil || c.Server == "" || get(w.s.Console(t.Context(), c.NodeID))(t).Closing {
			t.Errorf("the next owner's console is %+v, %v", c, err)
		}
		must(t, next.Close())
	})
}

// TestLateStartOfAHeadnode starts no other that has got the same name.
func TestLateStartOfAHeadnode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		late := looked{w.u1, sync.OnceFunc(func() {
			must(t, w.HeadnodeDelete(w.admin, "h1"))
			must(t, w.HeadnodeCreate(w.u2, "h1", "p2", "img1", service.HeadnodeSeed{}))
		})}
		wantKind(t, w.HeadnodeStart(late, "h1"), core.NotFound)
		if got := w.host.specs(); len(got) > 0 {
			t.Errorf("made for somebody else: %+v", got)
		}
		must(t, w.HeadnodeCreateHNIC(w.u2, "h1", "hn0")) // it is not frozen
	})
}

// TestLateShutDown does not turn the next owner's node off, though an administrator may.
func TestLateShutDown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.obm.noted()
		late := w.slow(func() { w.handOver(t) })
		late.Maintenance.Shutdown = true
		wantKind(t, late.ProjectDetachNode(w.admin, "p1", "n1", true), core.NotFound)
		if calls := w.obm.noted(); len(calls) > 0 {
			t.Errorf("the next owner's controller is asked for %v", calls)
		}
	})
}
