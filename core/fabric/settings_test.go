package fabric_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/fabric"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// addressed is a driver that finds devices by the setting "at", and by the switch's name as long as there is none. Its
// sessions stay open until they are released.
type addressed struct{ *process }

var _ netswitch.Releaser = addressed{}

// at is the target that the settings lead to.
func at(target sdk.Target) sdk.Target {
	var settings struct{ At string }
	if err := json.Unmarshal(target.Settings, &settings); err == nil && settings.At != "" {
		target.Name = settings.At
	}
	return target
}

// Open logs in where the settings lead to.
func (a addressed) Open(ctx context.Context, target sdk.Target) (netswitch.Session, error) {
	return a.process.Open(ctx, at(target))
}

// Release logs out there.
func (a addressed) Release(ctx context.Context, target sdk.Target) error {
	return a.process.Release(ctx, at(target))
}

// moved makes the settings of switch sw lead to another device.
func (f *site) moved(t testing.TB, device string) {
	t.Helper()
	where := json.RawMessage(`"` + device + `"`)
	must(t, f.SwitchUpdate(f.ctx, "sw", service.DriverSettings{Settings: map[string]json.RawMessage{"at": where}}))
}

// lingering runs a server that stays with its session, and looks for work so often that no knock is needed.
func (f *site) lingering(t testing.TB, l *logins, changes ...func(*fabric.Config)) {
	t.Helper()
	linger := func(c *fabric.Config) {
		c.Drivers, c.Linger = drivers.Static{Switches: []netswitch.Driver{addressed{&process{f.rack, l}}}}, time.Hour
	}
	f.run(t, append([]func(*fabric.Config){linger}, changes...)...)
}

// released wants no session with a device any more.
func released(t testing.TB, l *logins, device string) {
	t.Helper()
	storetest.Eventually(t, "the session with "+device+" is released", func() (bool, any) {
		open, _, _ := l.state(device)
		return open == 0, open
	})
}

// TestOtherSettingsAreUsedAtOnce: a lane that lingers with a warm session takes its ports to the device that the new
// settings lead to, which may carry anything, and asks that one.
func TestOtherSettingsAreUsedAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw", "new")
		f.nodes(t, "sw", 2)
		f.network(t, "w1")
		l := newLogins()
		f.lingering(t, l)
		f.done(t, f.connect(t, "n1", "w1"))
		f.devices["new"].set(netswitch.PortState{Port: "n2", Native: 999, Up: true})
		f.moved(t, "new")
		f.settled(t, "sw", "n1", 100)
		f.settled(t, "sw", "n2")
		carried := netswitch.PortState{Port: "n1", Native: 100, Up: true}
		for port, want := range map[string]netswitch.PortState{"n1": carried, "n2": netswitch.Closed("n2")} {
			if got := f.devices["new"].port(port); !got.Equal(want) {
				t.Errorf("port %s of the new device carries %+v, want %+v", port, got, want)
			}
		}
		released(t, l, "sw")
		f.moved(t, "sw")
		if _, err := f.SwitchTest(f.ctx, "sw"); err != nil {
			t.Error(err)
		}
		released(t, l, "new")
	})
}

// TestQuestionsGoWhereTheSettingsLead: nothing but the question is there to tell the lane of its new settings.
func TestQuestionsGoWhereTheSettingsLead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw", "new")
		l := newLogins()
		f.lingering(t, l)
		for _, device := range []string{"sw", "new", "sw", "new"} {
			f.moved(t, device)
			if _, err := f.SwitchTest(f.ctx, "sw"); err != nil {
				t.Error(err)
			}
			if open, _, crowd := l.state(device); open != 1 || crowd != 1 {
				t.Errorf("%d sessions with %s are open, %d at a time", open, device, crowd)
			}
		}
		released(t, l, "sw")
	})
}

// TestWhatWasDoneByOldSettingsIsVoid: the device that was visited is not the switch any more when the visit ends.
func TestWhatWasDoneByOldSettingsIsVoid(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw", "new")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		held, answers := newStuck(), newStuck()
		f.devices["sw"].play(script{apply: func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
			results, err := f.devices["sw"].obey(ctx, want)
			if held := held.hold(ctx); held != nil {
				return nil, held
			}
			return results, err
		}})
		f.devices["new"].play(script{open: answers.hold})
		id := f.connect(t, "n1", "w1")
		f.lingering(t, newLogins())
		held.await(t)
		f.moved(t, "new")
		close(held.released)
		answers.await(t)
		f.untouched(t, id)
		close(answers.released)
		f.done(t, id)
		f.settled(t, "sw", "n1", 100)
	})
}

// TestAVisitIsAbandonedWhenTheSettingsChange: a device that does not answer is not waited for.
func TestAVisitIsAbandonedWhenTheSettingsChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw", "new")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		held := newStuck()
		f.devices["sw"].play(script{open: held.hold})
		id := f.connect(t, "n1", "w1")
		f.lingering(t, newLogins(), func(c *fabric.Config) { c.Lease = shortLease })
		held.await(t)
		f.moved(t, "new")
		f.done(t, id)
	})
}

// TestOtherSettingsEndTheWait: a password was rejected, and nobody waits for the end of the back-off once it is mended.
func TestOtherSettingsEndTheWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := newSite(t, s, "sw", "new")
		f.nodes(t, "sw", 1)
		f.network(t, "w1")
		f.devices["sw"].play(script{open: func(context.Context) error {
			return &sdk.Error{Code: sdk.Denied, Text: "login incorrect"}
		}})
		id := f.connect(t, "n1", "w1")
		f.lingering(t, newLogins(), func(c *fabric.Config) { c.RetryDelay, c.RetryMaxDelay = time.Hour, time.Hour })
		if a := f.ended(t, id); a.Status != string(core.Failed) {
			t.Errorf("the action ended as %+v", a)
		}
		storetest.Eventually(t, "the switch is left alone", func() (bool, any) { l := f.lane(t, "sw"); return l.Failures > 0, l })
		f.moved(t, "new")
		f.settled(t, "sw", "n1")
		f.done(t, f.connect(t, "n1", "w1"))
		if l := f.lane(t, "sw"); l.Failures != 0 || l.LastError != "" {
			t.Errorf("the lane is %+v", l)
		}
	})
}
