package fabric

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	return true, l.end(ctx, errands, failed)
}

// begin finds the ports that are due, and records which VLANs they may carry from now on, before the device is told.
func (l *lane) begin(ctx context.Context) ([]errand, error) {
	var errands []errand
	err := l.locked(ctx, func(ctx context.Context, q store.Queries) error {
		work, err := q.DueWork(ctx, l.sw.ID)
		if err != nil || len(work) == 0 {
			return err
		}
		errands = plan(inOrder(work))
		if err := q.NotePortVLANs(ctx, notes(errands)); err != nil {
			return err
		}
		return q.MarkUnsaved(ctx, l.sw.ID)
	})
	return errands, err
}

// inOrder leaves to the next visit a connect that was asked for after a detach of the same project and network: users
// rely on a network never being on both NICs at once.
func inOrder(work []store.Work) []store.Work {
	type place struct{ project, network int64 }
	leaving := map[place]int64{}
	for _, w := range work {
		if w.Action != nil && w.Connect == nil {
			for _, a := range w.Attached {
				leaving[place{w.ProjectID, a.ID}] = max(leaving[place{w.ProjectID, a.ID}], w.Action.ID)
			}
		}
	}
	return slices.DeleteFunc(work, func(w store.Work) bool {
		if w.Connect == nil {
			return false
		}
		left, ok := leaving[place{w.ProjectID, w.Connect.ID}]
		return ok && left < w.Action.ID
	})
}

func plan(work []store.Work) []errand {
	errands := make([]errand, 0, len(work))
	for _, w := range work {
		errands = append(errands, errand{Work: w, want: wanted(w)})
	}
	return errands
}

// wanted is the full state of a port: the networks on its NIC with the pending action done. A port without a NIC, or of
// a free node, is closed.
func wanted(w store.Work) netswitch.PortState {
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

// carry tells the switch, and reads back. An error means that nothing is known of any port.
func (l *lane) carry(ctx context.Context, errands []errand) error {
	return l.session(ctx, func(ctx context.Context, s netswitch.Session) error {
		if err := apply(ctx, s, errands); err != nil {
			return err
		}
		return readBack(ctx, s, errands)
	})
}

// session runs fn on a session with the switch, within the time of a visit.
func (l *lane) session(ctx context.Context, fn func(context.Context, netswitch.Session) error) error {
	driver, err := l.Drivers.Switch(l.sw.Type)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, l.VisitTimeout)
	defer cancel()
	s, err := driver.Open(ctx, sdk.Target{Name: l.sw.Label, Type: l.sw.Type, Settings: sdk.Settings(l.sw.Settings)})
	if err != nil {
		return err
	}
	return errors.Join(fn(ctx, s), s.Close())
}

func apply(ctx context.Context, s netswitch.Session, errands []errand) error {
	want := make([]netswitch.PortState, 0, len(errands))
	for _, e := range errands {
		want = append(want, e.want)
	}
	results, err := s.Apply(ctx, want)
	if err != nil {
		return err
	}
	if len(results) != len(errands) {
		return &sdk.Error{Code: sdk.Internal, Text: fmt.Sprintf("the driver answered for %d of %d ports", len(results), len(errands))}
	}
	for i, r := range results {
		errands[i].fault = r.Err
	}
	return nil
}

// readBack asks the running configuration about every port that the switch knows.
func readBack(ctx context.Context, s netswitch.Session, errands []errand) error {
	var known []*errand
	var ports []string
	for i := range errands {
		e := &errands[i]
		if e.fault == nil || e.fault.Code != sdk.NotFound {
			known, ports = append(known, e), append(ports, e.want.Port)
		}
	}
	if len(ports) == 0 {
		return nil
	}
	states, err := s.Read(ctx, ports)
	if err != nil {
		return err
	}
	if len(states) != len(ports) {
		return &sdk.Error{Code: sdk.Internal, Text: fmt.Sprintf("the driver read %d of %d ports", len(states), len(ports))}
	}
	for i, e := range known {
		if states[i].Port == e.want.Port {
			e.seen = &states[i]
		}
	}
	return nil
}

// describe says what a port carries, for people.
func describe(p netswitch.PortState) string {
	if len(p.VLANs()) == 0 && !p.Up {
		return "closed"
	}
	tagged := make([]string, 0, len(p.Tagged))
	for _, v := range p.Tagged {
		tagged = append(tagged, strconv.Itoa(v))
	}
	state := map[bool]string{true: "up", false: "shut down"}[p.Up]
	return fmt.Sprintf("%s, native VLAN %d, tagged VLANs [%s]", state, p.Native, strings.Join(tagged, " "))
}
