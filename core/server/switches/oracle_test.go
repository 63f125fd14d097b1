package switches_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// oracle holds the ports of all nodes against the database after each command of a switch. What another administrator
// or a reboot does to a port is no breach of the server's, for as long as the server has not mended it.
type oracle struct {
	t   *testing.T
	eye storetest.Eye

	mu sync.Mutex
	// The fields below are guarded by mu.
	ports map[string]*watched
	// owners are the last networks of the VLANs; reused counts how often a VLAN got another.
	owners   map[int]int64
	reused   int
	commands int
	broken   bool
}

// watched is a node's port.
type watched struct {
	place
	last consoletest.Carried
	// put are the IDs of the networks for which the port carries its VLANs.
	put map[int]int64
	// strange are VLANs that somebody else put there; meddled says that somebody else has changed the port, and that the
	// server has not seen it in order since.
	strange map[int]bool
	meddled bool
	// forced says that its node was released by force, whatever the port carries.
	forced bool
}

// newOracle reads the room's database. It is made before a server runs, so that it sees what the server does to its end.
func newOracle(t *testing.T, r *room) *oracle {
	t.Helper()
	return &oracle{t: t, eye: storetest.OpenEye(t, r.uri), ports: map[string]*watched{}, owners: map[int]int64{}}
}

// watch begins to watch the ports of the room's nodes, which are as they came from the factory.
func (o *oracle) watch(r *room) {
	for _, at := range r.nodes {
		w := &watched{place: at, put: map[int]int64{}, strange: map[int]bool{}, meddled: true, last: at.Configured(at.port)}
		for _, vlan := range stateOf(at.port, w.last).VLANs() {
			w.strange[vlan] = true
		}
		o.ports[at.port] = w
	}
	for _, d := range r.switches {
		d.OnCommand(func(cmd consoletest.Typed) { o.attend(d, cmd) })
	}
}

// stateOf is what a port carries, as drivers say it.
func stateOf(port string, c consoletest.Carried) netswitch.PortState {
	return netswitch.PortState{Port: port, Native: c.Native, Tagged: c.Tagged, Up: !c.Nothing()}
}

// attend is called with each command that has taken effect on a switch, which stands still meanwhile.
func (o *oracle) attend(d *device, cmd consoletest.Typed) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.commands++; o.broken {
		return
	}
	now, err := o.eye.Look(context.Background())
	o.count(now)
	for _, w := range o.ports {
		if err == nil && w.device == d {
			state := w.look(now, cmd.Session == 0)
			err = w.judge(now, state)
		}
	}
	if err != nil {
		o.broken = true
		o.t.Errorf("%s, after %q: %v; entered were\n%s", d.label, cmd.Line, err, entered(d))
	}
}

// entered are the last lines entered on a switch, by session.
func entered(d *device) string {
	var b strings.Builder
	history := d.History()
	for _, cmd := range history[max(0, len(history)-40):] {
		fmt.Fprintf(&b, "%d %s> %s %s\n", cmd.Session, cmd.Mode, cmd.Line, cmd.Refused)
	}
	return b.String()
}

// count looks for VLANs that have another network than before.
func (o *oracle) count(now storetest.Truth) {
	for vlan := firstVLAN; vlan <= lastVLAN; vlan++ {
		id := now.Owner(vlan)
		if id == 0 {
			continue
		}
		if before := o.owners[vlan]; before != 0 && before != id {
			o.reused++
		}
		o.owners[vlan] = id
	}
}

// look brings what is known of a port up to date.
func (w *watched) look(now storetest.Truth, meddling bool) netswitch.PortState {
	before, after := w.last, w.Configured(w.port)
	state, put := stateOf(w.port, after), map[int]int64{}
	w.meddled = w.meddled || meddling && !after.Equal(before)
	for _, vlan := range state.VLANs() {
		if id, ok := w.put[vlan]; ok {
			put[vlan] = id
			continue
		}
		put[vlan] = now.Owner(vlan)
		w.strange[vlan] = w.strange[vlan] || meddling
	}
	w.last, w.put, w.forced = after, put, w.forced && state.Up
	// Strange VLANs may be in store behind another mode or a shut port, until the server has seen the port in order.
	if now.Settled(w.port) && now.Confirms(state) == nil {
		w.meddled = false
		clear(w.strange)
	}
	return state
}

// judge holds what a port carries against the law.
func (w *watched) judge(now storetest.Truth, state netswitch.PortState) error {
	own := w.own(state)
	err := now.Permits(own, w.put)
	if !w.forced {
		err = errors.Join(err, now.PermitsFree(own))
	}
	if !w.meddled {
		err = errors.Join(err, now.Confirms(state))
	}
	return err
}

// own is a state without strange VLANs.
func (w *watched) own(state netswitch.PortState) netswitch.PortState {
	own := netswitch.PortState{Port: state.Port, Up: state.Up}
	if !w.strange[state.Native] {
		own.Native = state.Native
	}
	for _, vlan := range state.Tagged {
		if !w.strange[vlan] {
			own.Tagged = append(own.Tagged, vlan)
		}
	}
	return own
}

// suspect is told what another administrator gave a port, for it may be in store there.
func (o *oracle) suspect(port string, vlan int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ports[port].strange[vlan] = true
}

// force is told before a node is released by force.
func (o *oracle) force(at place) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ports[at.port].forced = true
}

// attended is how many commands were held against the law.
func (o *oracle) attended() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.commands
}
