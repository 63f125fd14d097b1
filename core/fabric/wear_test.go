package fabric_test

import (
	"context"
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestAPortThatNeverSettlesDoesNotWearTheSwitchOut: it is tried for ever, but a switch is not saved for ever because of it,
// for its flash bears so many writes only. A change that comes about in the end is saved.
func TestAPortThatNeverSettlesDoesNotWearTheSwitchOut(t *testing.T) {
	t.Parallel()
	f := onSQLite(t, "sw")
	f.node(t, "sw", "n1")
	d := f.devices["sw"]
	d.set(netswitch.PortState{Port: "n1", Native: 103, Up: true})
	d.play(script{apply: func(_ context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		return refused(want, &sdk.Error{Code: sdk.Refused, Text: "is a member of port-channel 24"}), nil
	}})
	f.run(t)
	visited := func(more int) func() (bool, any) {
		before, _, _ := d.count()
		return func() (bool, any) {
			applies, _, _ := d.count()
			return applies >= before+more, applies
		}
	}
	storetest.Eventually(t, "the port is tried in vain", visited(6))
	_, _, before := d.count()
	storetest.Eventually(t, "the port is tried in vain again", visited(30))
	if _, _, saves := d.count(); saves > before+1 {
		t.Errorf("%d saves although nothing changes", saves-before)
	}
	_, _, before = d.count()
	d.play(script{})
	f.settled(t, "sw", "n1")
	storetest.Eventually(t, "the change is saved", func() (bool, any) {
		_, _, saves := d.count()
		return saves > before && f.lane(t, "sw").UnsavedSince == 0, saves
	})
}
