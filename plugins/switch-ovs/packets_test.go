// A program cannot be imported, so its tests are inside.

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// A frame that has not arrived soon never will; one that must arrive may be late on a busy machine.
const (
	soon = 200 * time.Millisecond
	late = 20 * time.Second
)

// lab is a bridge with machines at its ports p1, p2, ..., of which each has the address 10.0.0.n.
type lab struct {
	sw       *ovstest.Switch
	session  netswitch.Session
	machines []*ovstest.Namespace
}

func newLab(t testing.TB, machines int) *lab {
	t.Helper()
	l := &lab{sw: newSwitch(t)}
	for n := range machines {
		m, err := ovstest.NewMachine(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = m.Close() })
		err = errors.Join(
			l.sw.Plug(t.Context(), "br0", portOf(n), m, "eth0"),
			m.SetAddress(t.Context(), "eth0", address(n)+"/24"))
		if err != nil {
			t.Fatal(err)
		}
		l.machines = append(l.machines, m)
	}
	l.session = open(t, target(t, l.sw.Endpoint()))
	return l
}

func portOf(machine int) string  { return fmt.Sprintf("p%d", machine+1) }
func address(machine int) string { return fmt.Sprintf("10.0.0.%d", machine+1) }

// matrix says who reaches whom: "1>2 2>1". All ask at once, because silence takes a second.
func (l *lab) matrix(t testing.TB) string {
	t.Helper()
	var mu sync.Mutex
	var pairs []string // guarded by mu
	var asking sync.WaitGroup
	for from, m := range l.machines {
		for to := range l.machines {
			asking.Go(func() {
				reaches, err := m.Ping(t.Context(), address(to))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if reaches && from != to {
					pairs = append(pairs, fmt.Sprintf("%d>%d", from+1, to+1))
				}
			})
		}
	}
	asking.Wait()
	slices.Sort(pairs)
	return strings.Join(pairs, " ")
}

func (l *lab) wire(t testing.TB, machine int) *ovstest.Wire {
	t.Helper()
	w, err := l.machines[machine].OpenWire("eth0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func send(t testing.TB, w *ovstest.Wire, text string, tags ...int) {
	t.Helper()
	if err := w.Send(ovstest.Frame{Tags: tags, Text: text}); err != nil {
		t.Fatal(err)
	}
}

// hears wants the next frame to have a text and tags.
func hears(t testing.TB, w *ovstest.Wire, text string, tags ...int) {
	t.Helper()
	if f, err := w.Receive(late); err != nil || f.Text != text || !slices.Equal(f.Tags, tags) {
		t.Errorf("heard %+v, %v; want %s with tags %v", f, err, text, tags)
	}
}

func hearsNothing(t testing.TB, w *ovstest.Wire) {
	t.Helper()
	if f, err := w.Receive(soon); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("heard %+v, %v", f, err)
	}
}

func TestWhoReachesWhom(t *testing.T) {
	t.Parallel()
	l := newLab(t, 4)
	for _, step := range []struct {
		want   []netswitch.PortState
		matrix string
	}{
		{closed("p1", "p2", "p3", "p4"), ""},
		{[]netswitch.PortState{up("p1", 5), up("p2", 5), up("p3", 6)}, "1>2 2>1"},
		{[]netswitch.PortState{up("p4", 6, 5)}, "1>2 2>1 3>4 4>3"},
		{[]netswitch.PortState{up("p3", 5), up("p1", 6)}, "1>4 2>3 3>2 4>1"},
		{closed("p4", "p2"), ""},
	} {
		apply(t, l.session, step.want...)
		if got := l.matrix(t); got != step.matrix {
			t.Errorf("after %+v: %s, want %s", step.want, got, step.matrix)
		}
	}
}

func closed(ports ...string) (states []netswitch.PortState) {
	for _, p := range ports {
		states = append(states, netswitch.Closed(p))
	}
	return states
}

// TestClosedPortsHearNothing tries what a machine may do to its frames: no tag, a priority tag, the VLAN of closed ports,
// a VLAN that is in use, and two tags.
func TestClosedPortsHearNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t, 4)
	apply(t, l.session, netswitch.Closed("p1"), netswitch.Closed("p2"), up("p3", 5), up("p4", 0, 5, 6))
	one, two, three, four := l.wire(t, 0), l.wire(t, 1), l.wire(t, 2), l.wire(t, 3)
	for _, tags := range [][]int{nil, {0}, {4095}, {5}, {0, 5}, {4095, 5}, {5, 4095}, {4095, 4095}} {
		for _, from := range []*ovstest.Wire{one, two} {
			send(t, from, "closed", tags...)
		}
		send(t, three, "open", 4095)
		send(t, four, "open", tags...)
	}
	hearsNothing(t, one)
	hearsNothing(t, two)
	for {
		f, err := three.Receive(soon)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil || f.Text != "open" {
			t.Fatalf("an open port heard %+v, %v", f, err)
		}
	}
}

func TestTrunksCarryTheirVLANsOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	apply(t, l.session, up("p1", 5, 6), up("p2", 5), up("p3", 6))
	trunk, five, six := l.wire(t, 0), l.wire(t, 1), l.wire(t, 2)
	send(t, trunk, "seven", 7)
	send(t, trunk, "untagged")
	hears(t, five, "untagged")
	send(t, trunk, "priority", 0)
	hears(t, five, "priority")
	send(t, trunk, "six", 6)
	hears(t, six, "six")
	send(t, six, "back")
	hears(t, trunk, "back", 6)
	send(t, five, "back")
	hears(t, trunk, "back")
	send(t, five, "tagged", 6) // an access port takes no tags
	apply(t, l.session, up("p1", 0, 6))
	send(t, trunk, "untagged")
	hearsNothing(t, five)
	hearsNothing(t, six)
}

// TestNoVLANInBetween changes a port to and fro while its machine sends on all VLANs there are, and a port that hears
// every VLAN notes on which each frame came out. Frames sent during a change come out on an old or a wanted VLAN.
// VLANs below 128, and frames without a tag, are not among them: see the README about the memory of ovs-vswitchd.
func TestNoVLANInBetween(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2) // p2 stays a trunk of all VLANs
	apply(t, l.session, netswitch.Closed("p1"))
	states := []netswitch.PortState{
		netswitch.Closed("p1"), up("p1", 1005), up("p1", 1006), up("p1", 0, 1005, 1006), up("p1", 1005, 1006), up("p1", 1006, 1007), up("p1", 0, 1007),
	}
	from, to := l.wire(t, 0), l.wire(t, 1)
	heard := 0
	for step := range 40 {
		old, want := states[step%len(states)], states[(step+1+step/len(states))%len(states)]
		apply(t, l.session, old)
		during(t, from, fmt.Sprint(step), func() { apply(t, l.session, want) })
		heard += judge(t, to, fmt.Sprint(step), append(out(old), out(want)...))
	}
	if heard == 0 {
		t.Error("no frame came out at all")
	}
}

// out are the VLANs on which frames of a port come out.
func out(s netswitch.PortState) []int {
	if !s.Up {
		return []int{nowhere}
	}
	return s.VLANs()
}

// during sends frames with every tag while f runs.
func during(t testing.TB, w *ovstest.Wire, text string, f func()) {
	t.Helper()
	stop := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for {
			for _, tags := range [][]int{{1005}, {1006}, {1007}, {1008}, {nowhere}} {
				_ = w.Send(ovstest.Frame{Tags: tags, Text: text}) // a full queue drops frames, as cables do
			}
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond): // more frames than the other end can hold would be lost
			}
		}
	})
	defer sending.Wait()
	defer close(stop)
	f()
}

// judge listens until no more frames come, wants each to have come out where it may, and counts them.
func judge(t testing.TB, w *ovstest.Wire, step string, allowed []int) (heard int) {
	t.Helper()
	for ; ; heard++ {
		f, err := w.Receive(soon)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return heard
		}
		if err != nil || f.Text != step || len(f.Tags) != 1 {
			t.Fatalf("step %s: heard %+v, %v", step, f, err)
		}
		if !slices.Contains(allowed, f.Tags[0]) {
			t.Errorf("step %s: a frame came out on VLAN %d, allowed were %v", step, f.Tags[0], allowed)
		}
	}
}
