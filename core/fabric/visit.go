package fabric

import (
	"context"
	"errors"
	"slices"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// errand is a port of a visit with what it should carry.
type errand struct {
	store.Work
	want netswitch.PortState
	// fault is what the driver said of the port, nil if it said yes.
	fault *sdk.Error
	// seen is what the running configuration said afterwards, nil if it could not be read.
	seen *netswitch.PortState
}

// visit takes all ports that are due to the switch. It reports whether there may be more.
func (l *lane) visit(ctx context.Context) (bool, error) {
	errands, err := l.begin(ctx)
	if err != nil || len(errands) == 0 {
		return false, err
	}
	// What the device does after the lane is lost is another server's to find out; nothing is written then.
	failed := l.carry(ctx, errands)
	if err := ctx.Err(); err != nil {
		return false, err
	}
	l.changed = l.Store.Now()
	if len(errands) > 1 && vanished(failed) {
		return true, l.oneByOne(ctx, errands)
	}
	return true, l.end(ctx, errands, failed)
}

// oneByOne takes each port alone to a switch whose driver died of them together: one port must not fail the others.
func (l *lane) oneByOne(ctx context.Context, errands []errand) error {
	for _, e := range errands {
		alone := []errand{{Work: e.Work, want: e.want}}
		failed := l.carry(ctx, alone)
		if err := ctx.Err(); err != nil {
			return err
		}
		if fault, ok := errors.AsType[*sdk.Error](failed); ok && vanished(failed) {
			alone[0].fault, failed = fault, nil
		}
		if err := l.end(ctx, alone, failed); err != nil || l.unreached {
			return err
		}
	}
	return nil
}

// vanished reports that the driver died of what it was told.
func vanished(err error) bool { return errors.Is(err, &sdk.Error{Code: sdk.Gone}) }

// begin finds the ports that are due, and records which VLANs they may carry from now on, before the device is told.
func (l *lane) begin(ctx context.Context) ([]errand, error) {
	var errands []errand
	err := l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		work, err := l.nextWork(ctx, q)
		if err != nil || len(work) == 0 {
			errands = nil
			return err
		}
		errands = plan(work)
		if err := q.NotePortVLANs(ctx, notes(errands)); err != nil {
			return err
		}
		if !slices.ContainsFunc(work, func(w store.Work) bool { return !l.inVain(w) }) {
			return nil
		}
		return q.MarkUnsaved(ctx, l.sw.ID)
	})
	return errands, err
}

// inVain reports whether a port was tried in vain as often as an action is. It is tried for ever, and a switch that was
// saved after each time would be worn out, so it is unsaved only once the port settles: until then whatever the saved
// configuration gives the port is noted as what it may carry.
func (l *lane) inVain(w store.Work) bool { return w.Attempts >= l.Retries }

func plan(work []store.Work) []errand {
	errands := make([]errand, 0, len(work))
	for _, w := range work {
		errands = append(errands, errand{Work: w, want: Wanted(w)})
	}
	return errands
}

// Wanted is the full state of a port: the networks on its NIC with the pending action done. A port without a NIC, or of
// a free node, is closed.
func Wanted(w store.Work) netswitch.PortState {
	if w.NICID == 0 || w.ProjectID == 0 {
		return netswitch.Closed(w.DeviceName)
	}
	channels := map[string]int{}
	for _, a := range w.Attached {
		channels[a.Channel] = a.VLAN
	}
	if w.Action != nil {
		act(channels, w)
	}
	state := netswitch.PortState{Port: w.DeviceName, Up: len(channels) > 0}
	for channel, vlan := range channels {
		if channel == core.NativeChannel {
			state.Native = vlan
		} else {
			state.Tagged = append(state.Tagged, vlan)
		}
	}
	slices.Sort(state.Tagged)
	return state
}

func act(channels map[string]int, w store.Work) {
	switch {
	case w.Action.Type == core.RevertPort:
		clear(channels)
	case w.Connect != nil:
		channels[w.Action.Channel] = w.Connect.VLAN
	default:
		delete(channels, w.Action.Channel)
	}
}

func notes(errands []errand) []core.PortVLAN {
	var found []core.PortVLAN
	for _, e := range errands {
		for _, v := range e.want.VLANs() {
			found = append(found, core.PortVLAN{PortID: e.Port.ID, VLAN: v})
		}
	}
	return found
}
