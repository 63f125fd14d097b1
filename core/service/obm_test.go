package service_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
)

// outOfBand are the calls that reach a node's controller, and what the controller is asked on n1.
func (w *world) outOfBand() map[string]struct {
	call  func(ctx context.Context, node string) error
	asked string
} {
	return map[string]struct {
		call  func(ctx context.Context, node string) error
		asked string
	}{
		"power on":     {w.NodePowerOn, "on n1"},
		"power off":    {w.NodePowerOff, "off n1"},
		"power cycle":  {func(ctx context.Context, n string) error { return w.NodePowerCycle(ctx, n, false) }, "cycle n1"},
		"reset":        {func(ctx context.Context, n string) error { return w.NodePowerCycle(ctx, n, true) }, "reset n1"},
		"power status": {func(ctx context.Context, n string) error { return drop(w.NodePowerStatus(ctx, n)) }, "status n1"},
		"boot device":  {func(ctx context.Context, n string) error { return w.NodeSetBootDevice(ctx, n, "pxe", false) }, "boot n1 pxe"},
		"next boot":    {func(ctx context.Context, n string) error { return w.NodeSetBootDevice(ctx, n, "disk", true) }, "next boot n1 disk"},
		"sensors":      {func(ctx context.Context, n string) error { return drop(w.NodeSensors(ctx, n)) }, "sensors n1"},
		"inventory":    {func(ctx context.Context, n string) error { return drop(w.NodeInventory(ctx, n)) }, "inventory n1"},
		"identify":     {func(ctx context.Context, n string) error { return w.NodeIdentify(ctx, n, 20) }, "identify n1 20s"},
		"show console": {func(ctx context.Context, n string) error {
			v, err := w.NodeConsoleShow(ctx, n, console.Want{Tail: console.All})
			if err != nil {
				return err
			}
			return v.Close()
		}, "console n1"},
	}
}

func TestOutOfBandChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, c := range w.outOfBand() {
			on := func(n string) func(context.Context) error {
				return func(ctx context.Context) error { return c.call(ctx, n) }
			}
			try(t,
				attempt{name + ": missing as nobody", w.nobody, on("none"), core.NotFound},
				attempt{name + ": free node as member", w.u1, on("f1"), core.Unauthorized},
				attempt{name + ": another's node", w.u1, on("n2"), core.Unauthorized},
				attempt{name + ": free node as administrator", w.admin, on("f1"), success},
				attempt{name + ": another's node as administrator", w.admin, on("n2"), success},
			)
			w.obm.noted()
			try(t, attempt{name + ": own node", w.u1, on("n1"), success})
			if got := w.obm.noted(); !slices.Equal(got, []string{c.asked}) {
				t.Errorf("%s: asked for %v, want %s", name, got, c.asked)
			}
			must(t, w.NodeSetOBM(w.u1, "n1", false))
			try(t,
				attempt{name + ": disabled, another's node", w.u2, on("n1"), core.Unauthorized},
				attempt{name + ": disabled", w.u1, on("n1"), core.Blocked},
				attempt{name + ": disabled, as administrator", w.admin, on("n1"), core.Blocked},
			)
			must(t, w.NodeSetOBM(w.u1, "n1", true))
		}
		wantKind(t, w.NodeSetBootDevice(w.u1, "n1", "floppy", false), core.BadArgument)
		if got := get(w.NodePowerStatus(w.u1, "n1"))(t); got != "on" {
			t.Errorf("the power is %q", got)
		}
	})
}

func TestNodeSetOBMChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		set := func(n string) func(context.Context) error {
			return func(ctx context.Context) error { return w.NodeSetOBM(ctx, n, true) }
		}
		try(t,
			attempt{"missing as nobody", w.nobody, set("none"), core.NotFound},
			attempt{"free node as member", w.u1, set("f1"), core.Unauthorized},
			attempt{"another's node", w.u1, set("n2"), core.Unauthorized},
			attempt{"own node, as it is", w.u1, set("n1"), success},
			attempt{"free node as administrator", w.admin, set("f1"), success},
		)
	})
}

// TestControllerErrors maps a driver's codes to the caller's errors.
func TestControllerErrors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for code, want := range map[sdk.Code]core.Kind{
			sdk.Internal: core.Refused, sdk.Invalid: core.BadArgument, sdk.NotFound: core.Refused, sdk.Unsupported: core.Refused,
			sdk.Refused: core.Refused, sdk.Busy: core.Unavailable, sdk.Unavailable: core.Unavailable,
			sdk.Timeout: core.Deadline, sdk.Gone: core.Unavailable,
		} {
			w.obm.fail(&sdk.Error{Code: code, Text: "the device's words"})
			err := w.NodePowerOn(w.u1, "n1")
			e, ok := errors.AsType[*core.Error](err)
			if !ok || e.Kind != want || e.Device != "obm" || e.Text != "the device's words" {
				t.Errorf("code %v: got %+v, want kind %d", code, err, want)
			}
		}
		w.obm.fail(context.DeadlineExceeded)
		wantKind(t, w.NodePowerOn(w.u1, "n1"), core.Deadline)
		if open := w.obm.open.Load(); open != 0 {
			t.Errorf("%d sessions were not closed", open)
		}
	})
}

func TestDryRunTouchesNoDevice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, c := range w.outOfBand() {
			if name == "show console" {
				continue
			}
			if err := c.call(w.u1, "n1"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantKind(t, drop(w.NodeConsoleShow(w.u1, "n1", console.Want{Tail: console.All})), core.Blocked)
		must(t, w.HeadnodeStart(w.u1, "h1"))
		must(t, w.HeadnodeStop(w.u1, "h1"))
		if calls, machines := w.obm.noted(), w.host.specs(); len(calls)+len(machines) != 0 {
			t.Errorf("asked for %v, made %v", calls, machines)
		}
	}, func(c *service.Config) { c.DryRun = true })
}

func TestConsole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for name, end := range map[string]func() error{
			"stop":    func() error { return w.NodeConsoleStop(w.u1, "n1") },
			"disable": func() error { return errors.Join(w.NodeSetOBM(w.u1, "n1", false), w.NodeSetOBM(w.u1, "n1", true)) },
			"release": func() error { return w.ProjectDetachNode(w.u1, "p1", "n1", false) },
		} {
			must(t, w.NodeConsoleStart(w.u1, "n1"))
			v := get(w.NodeConsoleShow(w.u1, "n1", console.Want{Tail: console.All}))(t)
			if line := firstLine(t, v); line != "boot log of n1\n" {
				t.Errorf("the console says %q", line)
			}
			must(t, end())
			if _, err := io.Copy(io.Discard, v); err != nil {
				t.Errorf("%s: the viewer ended with %v", name, err)
			}
			must(t, v.Close())
			if name == "release" {
				must(t, w.ProjectConnectNode(w.u1, "p1", "n1"))
			}
		}
		if open := w.obm.open.Load(); open != 0 {
			t.Errorf("%d sessions were not closed", open)
		}
	})
}

func firstLine(t *testing.T, v *console.Viewer) string {
	t.Helper()
	return get(bufio.NewReader(v).ReadString('\n'))(t)
}

// TestRefusedDeleteKeepsConsole ends no console of a node that stays.
func TestRefusedDeleteKeepsConsole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		v := get(w.NodeConsoleShow(w.u1, "n1", console.Want{Tail: console.All}))(t)
		wantKind(t, w.NodeDelete(w.admin, "n1"), core.Blocked)
		if line := firstLine(t, v); line != "boot log of n1\n" {
			t.Errorf("the console says %q", line)
		}
		must(t, v.Close())
	})
}

func TestConsoleChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.NodeRegister(w.admin, "mute", device(muteType), nil))
		for name, call := range map[string]func(context.Context, string) error{
			"start": w.NodeConsoleStart, "stop": w.NodeConsoleStop,
		} {
			on := func(n string) func(context.Context) error {
				return func(ctx context.Context) error { return call(ctx, n) }
			}
			try(t,
				attempt{name + ": missing as nobody", w.nobody, on("none"), core.NotFound},
				attempt{name + ": as nobody", w.nobody, on("n1"), core.Unauthorized},
				attempt{name + ": another's", w.u2, on("n1"), core.Unauthorized},
				attempt{name + ": own", w.u1, on("n1"), success},
			)
		}
		wantKind(t, drop(w.NodeConsoleShow(w.admin, "mute", console.Want{Tail: console.All})), core.Refused)
		if open := w.obm.open.Load(); open != 0 {
			t.Errorf("%d sessions were not closed", open)
		}
	})
}
