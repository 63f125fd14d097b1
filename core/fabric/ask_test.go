package fabric_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// lacks makes a device answer reads as if it did not have a port.
func lacks(d *device, lost string) func(context.Context, []string) ([]netswitch.PortState, error) {
	return func(_ context.Context, ports []string) ([]netswitch.PortState, error) {
		if slices.Contains(ports, lost) {
			return nil, &sdk.Error{Code: sdk.NotFound, Text: "no interface " + lost}
		}
		states := []netswitch.PortState{}
		for _, p := range ports {
			states = append(states, d.port(p))
		}
		return states, nil
	}
}

func TestASwitchIsChecked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 4)
		f.network(t, "w1")
		must(t, f.SwitchRegisterPort(f.ctx, "sw", "uplink"))
		d := f.devices["sw"]
		f.run(t)
		f.done(t, f.connect(t, "n1", "w1"), f.connect(t, "n2", "w1"))
		d.set(netswitch.PortState{Port: "n2", Native: 103, Up: true}, netswitch.PortState{Port: "uplink", Tagged: []int{7}, Up: true})
		d.play(script{read: lacks(d, "n3")})
		c, err := f.SwitchCheck(f.ctx, "sw")
		must(t, err)
		if c.Switch != "sw" || c.InOrder || len(c.Ports) != 5 {
			t.Fatalf("the check says %+v", c)
		}
		for i, want := range []struct {
			inOrder    bool
			difference string
		}{
			{true, ""}, {false, "running carries VLAN 103 (native), wanted VLAN 100 (native)"},
			{false, "the switch does not have the port"}, {true, ""}, {true, ""},
		} {
			if p := c.Ports[i]; p.InOrder != want.inOrder || p.Difference != want.difference || p.Pending {
				t.Errorf("port %s is %+v", p.Port, p)
			}
		}
		if p := c.Ports[2]; p.Running != nil || p.Wanted == nil || !strings.Contains(p.Error, "does not have the port") {
			t.Errorf("the lost port is %+v", p)
		}
		if p := c.Ports[4]; p.Wanted != nil || p.Running == nil || p.Node != "" {
			t.Errorf("the port that is nobody's to keep is %+v", p)
		}
		one, err := f.PortState(f.ctx, "sw", "n1")
		must(t, err)
		if !one.InOrder || one.Running.Native != 100 || !one.Wanted.Up || one.Node != "n1" || one.NIC != "n1" || one.DeviceName != "n1" {
			t.Errorf("the port is %+v", one)
		}
	})
}

func TestASwitchIsTested(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	must(t, f.SwitchRegisterPort(f.ctx, "sw", "typo"))
	d.play(script{read: lacks(d, "typo")})
	f.run(t)
	got, err := f.SwitchTest(f.ctx, "sw")
	if err != nil || got.Listed || len(got.Ports) != 0 || !slices.Equal(got.Missing, []string{"typo"}) {
		t.Errorf("without a list: %+v, %v", got, err)
	}
	d.play(script{list: func(context.Context) ([]string, error) { return []string{"n1", "n2"}, nil }})
	got, err = f.SwitchTest(f.ctx, "sw")
	if err != nil || !got.Listed || !slices.Equal(got.Ports, []string{"n1", "n2"}) || len(got.Missing) != 0 {
		t.Errorf("with a list: %+v, %v", got, err)
	}
	for code, kind := range map[sdk.Code]core.Kind{
		sdk.Denied: core.Refused, sdk.Unavailable: core.Unavailable, sdk.Timeout: core.Deadline,
	} {
		d.play(script{open: func(context.Context) error { return &sdk.Error{Code: code, Text: "% no"} }})
		if _, err := f.SwitchTest(f.ctx, "sw"); core.KindOf(err) != kind || err.Error() != "% no" {
			t.Errorf("%v: %v", code, err)
		}
	}
}

func TestASwitchThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "hung")
	must(t, f.CreateSwitch(f.ctx, &core.Switch{Label: "odd", Type: "http://example.com/switches/none", Settings: "{}"}))
	f.devices["hung"].play(script{open: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
	f.run(t, func(c *fabric.Config) { c.VisitTimeout = 20 * time.Millisecond })
	for sw, want := range map[string]struct {
		kind core.Kind
		text string
	}{
		"odd":  {core.Unavailable, "http://example.com/switches/none"},
		"hung": {core.Deadline, "did not answer in time"},
	} {
		if _, err := f.SwitchTest(f.ctx, sw); core.KindOf(err) != want.kind || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: %v", sw, err)
		}
	}
}

// TestAPlanRecordsNothing: neither the database nor the device is another one afterwards.
func TestAPlanRecordsNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		f.network(t, "w2")
		f.run(t)
		f.done(t, f.connect(t, "n1", "w1"))
		f.settled(t, "sw", "n1", 100)
		applies, _, _ := f.devices["sw"].count()
		before := f.port(t, "sw", "n1")
		for want, plan := range map[string]func() (service.Plan, error){
			"set n1 to [100 101]": func() (service.Plan, error) { return f.NodeConnectNetworkPlan(f.ctx, "n1", "n1", "w2", "vlan/101") },
			"set n1 to []":        func() (service.Plan, error) { return f.NodeDetachNetworkPlan(f.ctx, "n1", "n1", "w1") },
			"set n1 to [] ":       func() (service.Plan, error) { return f.PortRevertPlan(f.ctx, "sw", "n1") },
		} {
			p, err := plan()
			if err != nil || p.Switch != "sw" || p.Port != "n1" || !slices.Equal(p.Lines, []string{strings.TrimSpace(want)}) {
				t.Errorf("the plan is %+v, %v, want %q", p, err, want)
			}
		}
		if _, err := f.NodeConnectNetworkPlan(f.ctx, "n1", "n1", "w2", ""); core.KindOf(err) != core.Blocked {
			t.Errorf("a plan of what would be refused: %v", err)
		}
		after := f.port(t, "sw", "n1")
		if now, _, _ := f.devices["sw"].count(); now != applies || after != before {
			t.Errorf("%d applies, and the port is %+v, was %+v", now-applies, after, before)
		}
		noted, err := f.PortVLANs(f.ctx, after.ID)
		must(t, err)
		if !slices.Equal(noted[after.ID], []int{100}) {
			t.Errorf("noted are %v", noted)
		}
		f.done(t, f.detach(t, "n1", "w1")) // there is no pending action
	})
}

// TestQuestionsDuringABackOff: the next visit is an hour away, and somebody asks now.
func TestQuestionsDuringABackOff(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.nodes(t, "sw", 2)
	f.network(t, "w1")
	d := f.devices["sw"]
	d.play(script{open: noRoute})
	id := f.connect(t, "n1", "w1")
	f.run(t, func(c *fabric.Config) { c.Retries, c.RetryDelay, c.RetryMaxDelay = 1000, time.Hour, time.Hour })
	storetest.Eventually(t, "the switch is left alone", func() (bool, any) { return f.lane(t, "sw").Failures == 1, f.lane(t, "sw") })
	f.connect(t, "n2", "w1") // it waits for the next visit, and comes with no question
	if _, err := f.SwitchTest(f.ctx, "sw"); core.KindOf(err) != core.Unavailable {
		t.Errorf("the question got %v", err)
	}
	d.play(script{})
	if c, err := f.SwitchCheck(f.ctx, "sw"); err != nil || !c.Ports[0].Pending || c.Ports[0].InOrder || c.LastError == "" {
		t.Errorf("the check says %+v, %v", c, err)
	}
	if l := f.lane(t, "sw"); l.Failures != 1 {
		t.Errorf("the questions changed the lane to %+v", l)
	}
	if applies, _, _ := d.count(); applies != 0 {
		t.Errorf("%d visits before their time", applies)
	}
	f.untouched(t, id)
}

func TestAQuestionThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		sw := f.lane(t, "sw").SwitchID
		c := f.config()
		c.VisitTimeout = 50 * time.Millisecond
		if _, err := fabric.New(c).Ask(f.ctx, sw, fabric.Question{}); core.KindOf(err) != core.Deadline {
			t.Errorf("after its time: %v", err)
		}
		ctx, cancel := context.WithTimeout(f.ctx, 50*time.Millisecond)
		defer cancel()
		if _, err := fabric.New(f.config()).Ask(ctx, sw, fabric.Question{}); core.KindOf(err) != core.Deadline {
			t.Errorf("after its asker's time: %v", err)
		}
		gone, leave := context.WithCancel(f.ctx)
		leave()
		if _, err := fabric.New(f.config()).Ask(gone, sw, fabric.Question{}); !errors.Is(err, context.Canceled) {
			t.Errorf("without an asker: %v", err)
		}
		if left, err := f.Questions(f.ctx, sw); err != nil || len(left) != 0 {
			t.Errorf("questions are left: %+v, %v", left, err)
		}
	})
}

// TestAServerStopsWhileAQuestionWaits: the next one to hold the lane answers it; whoever asked at the server itself is
// told at once.
func TestAServerStopsWhileAQuestionWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw")
		f.nodes(t, "sw", 1)
		held, d := newStuck(), f.devices["sw"]
		d.play(script{read: func(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
			if err := held.hold(ctx); err != nil {
				return nil, err
			}
			return []netswitch.PortState{d.port(ports[0])}, nil
		}})
		stop := f.run(t)
		answered := make(chan error, 1)
		go func() {
			_, err := f.PortState(f.ctx, "sw", "n1")
			answered <- err
		}()
		held.await(t)
		stop()
		f.run(t)
		must(t, <-answered)
	})
}

func TestWhoAsksAServerThatStopsIsToldSo(t *testing.T) {
	t.Parallel()
	f, d := oneNode(t)
	held := newStuck()
	d.play(script{open: held.hold})
	fab := fabric.New(f.config())
	ctx, cancel := context.WithCancel(t.Context())
	ended, answered := make(chan error, 1), make(chan error, 1)
	go func() { ended <- fab.Run(ctx) }()
	go func() {
		_, err := fab.Ask(f.ctx, f.lane(t, "sw").SwitchID, fabric.Question{})
		answered <- err
	}()
	held.await(t)
	cancel()
	must(t, <-ended)
	if err := <-answered; core.KindOf(err) != core.Unavailable {
		t.Error(err)
	}
}
