// A program cannot be imported, so its tests are inside.

package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestNoPortIsEverExposed brings ports from state to state, beside another administrator, while lines are lost and
// conversations cut, and looks at every port after every line.
func TestNoPortIsEverExposed(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			sw, target := simulated(t, console.Telnet, map[string]any{"deadline": "1s"})
			w := watch(sw)
			r := rand.New(rand.NewPCG(seed, 1))
			d := newDriver(t)
			for range 15 {
				trouble(t, sw, r)
				want := wishes(r)
				w.expect(want)
				visit(t, d, target, want)
				sw.Heal()
			}
			want := wishes(r)
			w.expect(want)
			s, err := d.Open(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			apply(t, s, want)
			shows(t, sw, s, want...)
			for _, line := range w.strays() {
				t.Error(line)
			}
		})
	}
}

// TestALostLineExposesNobody loses each line of a visit in turn, on ports as the factory has them.
func TestALostLineExposesNobody(t *testing.T) {
	t.Parallel()
	for nth := range 22 {
		t.Run(fmt.Sprint(nth+1), func(t *testing.T) {
			t.Parallel()
			sw, target := simulated(t, console.Telnet, nil)
			s := open(t, target)
			w, want := watch(sw), []netswitch.PortState{state(first, 10), state(two, 0, 20), netswitch.Closed(three)}
			w.expect(want)
			sw.Inject(consoletest.Fault{Kind: consoletest.LoseCommand, Nth: nth + 1})
			if _, err := s.Apply(t.Context(), want); err != nil && !sdk.IsRetryable(err) {
				t.Error(err)
			}
			for _, line := range w.strays() {
				t.Error(line)
			}
		})
	}
}

// TestALostLineExposesNobodyThatOpensTogether loses each line of a visit in turn, on closed ports that are wanted on VLANs
// of their own.
func TestALostLineExposesNobodyThatOpensTogether(t *testing.T) {
	t.Parallel()
	for nth := range 28 {
		t.Run(fmt.Sprint(nth+1), func(t *testing.T) {
			t.Parallel()
			sw, target := simulated(t, console.Telnet, nil)
			s := open(t, target)
			var closed, want []netswitch.PortState
			for i := range 5 {
				port := fmt.Sprintf("Ethernet1/%d", i+1)
				closed, want = append(closed, netswitch.Closed(port)), append(want, state(port, 10+i))
			}
			apply(t, s, closed)
			w := watch(sw)
			w.expect(want)
			sw.Inject(consoletest.Fault{Kind: consoletest.LoseCommand, Nth: nth + 1})
			if _, err := s.Apply(t.Context(), want); err != nil && !sdk.IsRetryable(err) {
				t.Error(err)
			}
			for _, line := range w.strays() {
				t.Error(line)
			}
			sw.Heal()
			apply(t, open(t, target), want)
		})
	}
}

// visit applies as the server does: a failure is another visit's business.
func visit(t *testing.T, d *cli.Driver, target sdk.Target, want []netswitch.PortState) {
	t.Helper()
	s, err := d.Open(t.Context(), target)
	if err != nil {
		return
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Apply(t.Context(), want); err != nil && !sdk.IsRetryable(err) {
		t.Errorf("a fault that is not worth repeating: %v", err)
	}
}

// trouble breaks something now and then.
func trouble(t *testing.T, sw *nexus5k.Switch, r *rand.Rand) {
	t.Helper()
	kinds := []consoletest.Kind{
		0, consoletest.DropBefore, consoletest.DropAfter, consoletest.LoseCharacter, consoletest.TruncateOutput, consoletest.GarbleReply,
		consoletest.LoseCommand, consoletest.LoseCommand, consoletest.IgnoreConfig, consoletest.LogInside, consoletest.LogBehind, consoletest.ForcePager,
	}
	kind := kinds[r.IntN(len(kinds))]
	if kind != 0 {
		sw.Inject(consoletest.Fault{Kind: kind, Nth: 1 + r.IntN(25)})
	}
	if r.IntN(3) == 0 {
		port := fmt.Sprintf("interface Ethernet1/%d", 1+r.IntN(4))
		line := []string{"switchport mode access", "no shutdown", "shutdown", "switchport trunk allowed vlan 10-11"}[r.IntN(4)]
		if err := sw.Type("configure terminal", port, line); err != nil {
			t.Fatal(err)
		}
	}
}

func wishes(r *rand.Rand) []netswitch.PortState {
	var want []netswitch.PortState
	for i := range 4 {
		w := netswitch.Closed(fmt.Sprintf("Ethernet1/%d", i+1))
		if r.IntN(3) > 0 {
			w.Up, w.Native, w.Tagged = true, pick(r, 0, 10, 11), []int{20 + r.IntN(3)}
		}
		want = append(want, w)
	}
	return want
}

// watched are ports that are looked at after each line.
type watched struct {
	sw *nexus5k.Switch

	mu    sync.Mutex // guards the fields below
	may   map[string]cli.VLANs
	wrong []string
}

// watch looks at the first four ports from now on.
func watch(sw *nexus5k.Switch) *watched {
	w := &watched{sw: sw, may: map[string]cli.VLANs{}}
	sw.OnCommand(w.look)
	return w
}

// expect says what ports may carry from now on: what they carry, and what is wanted.
func (w *watched) expect(want []netswitch.PortState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range want {
		w.may[p.Port] = w.carried(p.Port).Plus(cli.VLANsOf(p.VLANs()...))
	}
}

func (w *watched) carried(port string) cli.VLANs {
	c := w.sw.Configured(port)
	return cli.VLANsOf(append(c.Tagged, c.Native)...)
}

func (w *watched) look(c consoletest.Typed) {
	if c.Session == 0 {
		return // the administrator's own doing
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for port, may := range w.may {
		if stray := w.carried(port).Minus(may); !stray.Empty() {
			w.wrong = append(w.wrong, fmt.Sprintf("%s carries %s after %q", port, stray, c.Raw))
		}
	}
}

func (w *watched) strays() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wrong
}
