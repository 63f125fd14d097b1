package fabric_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store/storetest"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// world is a site on switches that misbehave, watched by an oracle at every change of a device.
type world struct {
	*site
	storetest.Eye
	mu sync.Mutex
	// The fields below are guarded by mu, and so is every change of a device.
	dice *rand.Rand
	// trouble is the probability of each fault.
	trouble float64
	// put are the networks' IDs by port and VLAN: for whom a port carries it.
	put      map[string]map[int]int64
	breaches []error
	// outage is how often a switch is not to be reached yet.
	outage map[*device]int
	writes int
}

// The sizes of a world. The pool has fewer VLANs than there are names of networks.
const (
	nodes    = 4
	nics     = 2
	switches = 3
	networks = 6
)

// newWorld has free nodes whose NICs are spread over the switches, and networks to come.
func newWorld(t testing.TB, kind string, seed uint64) *world {
	t.Helper()
	uri := storetest.URI(t, kind)
	s := storetest.OpenURI(t, uri)
	must(t, s.Migrate(t.Context()))
	w := &world{
		site: newSite(t, s, "s0", "s1", "s2"), Eye: storetest.OpenEye(t, uri),
		dice: rand.New(rand.NewPCG(seed, 1)), put: map[string]map[int]int64{}, outage: map[*device]int{},
	}
	for i := range nodes {
		node := fmt.Sprintf("n%d", i)
		must(t, w.CreateNode(w.ctx, &core.Node{Label: node, OBMSettings: "{}"}))
		for j := range nics {
			sw, port := fmt.Sprintf("s%d", (i+j)%switches), fmt.Sprintf("%s/%d", node, j)
			must(t, w.NodeRegisterNIC(w.ctx, node, port[3:], "52:54:00:00:00:01"))
			must(t, w.SwitchRegisterPort(w.ctx, sw, port))
			must(t, w.PortConnectNIC(w.ctx, sw, port, node, port[3:]))
		}
	}
	for _, d := range w.devices {
		d.play(script{open: w.open(d), apply: w.apply(d), read: w.read(d), save: w.save})
	}
	return w
}

// hit throws the dice; mu is not held.
func (w *world) hit() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.Float64() < w.trouble
}

func (w *world) pick(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(n)
}

// failure is one of the ways a call can end without an answer.
func (w *world) failure(ctx context.Context) error {
	switch w.pick(4) {
	case 0:
		<-ctx.Done()
		return ctx.Err()
	case 1:
		return &sdk.Error{Code: sdk.Gone, Text: "the driver died", Retryable: true}
	case 2:
		return &sdk.Error{Code: sdk.Refused, Text: "% not today"}
	default:
		return &sdk.Error{Code: sdk.Unavailable, Text: "connection reset", Retryable: true}
	}
}

// longest is how many visits an outage lasts at most: more than an action is tried.
const longest = 20

func (w *world) open(d *device) func(context.Context) error {
	return func(ctx context.Context) error {
		if w.hit() {
			return w.failure(ctx)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		switch {
		case w.trouble == 0:
			return nil
		case w.outage[d] > 0:
			w.outage[d]--
			return noRoute(ctx)
		case w.dice.Float64() < w.trouble:
			w.outage[d] = w.dice.IntN(longest)
		}
		return nil
	}
}

func (w *world) save(ctx context.Context) error {
	if w.hit() {
		return w.failure(ctx)
	}
	return nil
}

func (w *world) read(d *device) func(context.Context, []string) ([]netswitch.PortState, error) {
	return func(ctx context.Context, ports []string) ([]netswitch.PortState, error) {
		if w.hit() {
			return nil, w.failure(ctx)
		}
		states := make([]netswitch.PortState, 0, len(ports))
		for _, p := range ports {
			states = append(states, d.port(p))
		}
		return states, nil
	}
}

// apply works on the ports one by one, dies in between, and loses the answer.
func (w *world) apply(d *device) func(context.Context, []netswitch.PortState) ([]netswitch.PortResult, error) {
	return func(ctx context.Context, want []netswitch.PortState) ([]netswitch.PortResult, error) {
		results := accepted(want)
		for i, p := range want {
			if w.hit() {
				return nil, w.failure(ctx)
			}
			results[i].Err = w.applyPort(ctx, d, p)
		}
		if w.hit() {
			return nil, w.failure(ctx)
		}
		return results, nil
	}
}

// applyPort is a port's change: made, refused, half made, or said to be made.
func (w *world) applyPort(ctx context.Context, d *device, want netswitch.PortState) *sdk.Error {
	if !w.hit() {
		w.write(ctx, d, want)
		return nil
	}
	switch w.pick(4) {
	case 0:
		return nil
	case 1:
		return &sdk.Error{Code: sdk.Busy, Text: "% locked", Retryable: true}
	case 2:
		w.write(ctx, d, half(d.port(want.Port), want))
		return &sdk.Error{Code: sdk.Refused, Text: "% half way"}
	default:
		w.write(ctx, d, want)
		return &sdk.Error{Code: sdk.Refused, Text: "% but done"}
	}
}

// half is a port between two lines: still on what it was tagged with, already on the new native VLAN.
func half(old, want netswitch.PortState) netswitch.PortState {
	s := netswitch.PortState{Port: want.Port, Native: want.Native, Up: old.Up}
	for _, v := range old.Tagged {
		if v != want.Native {
			s.Tagged = append(s.Tagged, v)
		}
	}
	return s
}

// write changes a port, unless whoever asked is gone, and calls the oracle.
func (w *world) write(ctx context.Context, d *device, state netswitch.PortState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	d.set(state)
	w.writes++
	now, err := w.Look(w.ctx)
	if err != nil {
		w.breaches = append(w.breaches, err)
		return
	}
	w.remember(now, state)
	w.judge(now)
}

// remember notes for whom the port carries its VLANs: those that are new to it, for the networks that have them now.
func (w *world) remember(now storetest.Truth, state netswitch.PortState) {
	before, after := w.put[state.Port], map[int]int64{}
	for _, v := range state.VLANs() {
		if id, ok := before[v]; ok {
			after[v] = id
		} else {
			after[v] = now.Owner(v)
		}
	}
	w.put[state.Port] = after
}

// judge holds the invariants against all ports of all devices.
func (w *world) judge(now storetest.Truth) {
	for _, d := range w.devices {
		for port := range d.ports() {
			carried := d.port(port)
			if err := errors.Join(now.Permits(carried, w.put[port]), now.PermitsFree(carried), now.Confirms(carried)); err != nil {
				w.breaches = append(w.breaches, err)
			}
		}
	}
}

// verdict is what the oracle found so far, and at how many changes it was asked.
func (w *world) verdict() (writes int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writes, errors.Join(w.breaches...)
}
