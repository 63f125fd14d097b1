// A program cannot be imported, so its tests are inside.

package main

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

var set = cli.Settings{DummyVLAN: dummy}

func TestChange(t *testing.T) {
	t.Parallel()
	closed := cli.Port{Mode: cli.Trunk, Access: 1, Shut: true}
	fresh := cli.Port{Access: 1, Native: 1, Allowed: cli.AllVLANs()}
	trunk := cli.Port{Mode: cli.Trunk, Access: 1, Native: 10, Allowed: cli.VLANsOf(10, 20, 30)}
	for name, c := range map[string]struct {
		from cli.Port
		want netswitch.PortState
		send []string
	}{
		"open a closed port": {closed, up(10), []string{
			"switchport trunk native vlan 10", "switchport trunk allowed vlan add 10", "no shutdown"}},
		"open a closed port for tagged VLANs": {closed, up(0, 20, 21, 30), []string{
			"switchport trunk allowed vlan add 20-21,30", "no shutdown"}},
		"close": {trunk, netswitch.Closed(""), []string{
			"shutdown", "switchport trunk allowed vlan none", "switchport trunk native vlan 2222"}},
		"a port as the factory has it": {fresh, up(10), []string{
			"switchport trunk allowed vlan none", "switchport trunk native vlan 10", "switchport trunk allowed vlan add 10", "switchport mode trunk"}},
		"close a port as the factory has it": {fresh, netswitch.Closed(""), []string{
			"shutdown", "switchport trunk allowed vlan none", "switchport trunk native vlan 2222", "switchport mode trunk"}},
		"one more": {trunk, up(10, 20, 30, 40), []string{"switchport trunk allowed vlan add 40"}},
		"one less": {trunk, up(10, 20), []string{"switchport trunk allowed vlan remove 30"}},
		"no native": {trunk, up(0, 20, 30), []string{
			"switchport trunk allowed vlan remove 10", "switchport trunk native vlan 2222"}},
		"another native": {trunk, up(40, 20), []string{
			"switchport trunk allowed vlan remove 10,30", "switchport trunk native vlan 40", "switchport trunk allowed vlan add 40"}},
		"a trunk with all VLANs": {cli.Port{Mode: cli.Trunk, Native: 1, Allowed: cli.AllVLANs()}, up(10), []string{
			"switchport trunk allowed vlan none", "switchport trunk native vlan 10", "switchport trunk allowed vlan add 10"}},
		"nothing to do": {trunk, up(10, 20, 30), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := change(c.from, c.want, set); !slices.Equal(got, c.send) {
				t.Errorf("from %+v\nsends %q\nwant  %q", c.from, got, c.send)
			}
		})
	}
}

// TestNoLineExposesAPort brings ports from random states to others, and looks after each line.
func TestNoLineExposesAPort(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 4_000 {
		m, want := randomModel(r), randomWant(r)
		before := m
		from := m.read(t)
		mayCarry := m.carried().Plus(cli.VLANsOf(want.VLANs()...))
		lines := change(from, want, set)
		for i, line := range lines {
			if err := m.enter(line); err != nil {
				t.Fatal(err)
			}
			if stray := m.carried().Minus(mayCarry); !stray.Empty() {
				t.Fatalf("%+v to %+v: after %q the port carries %s", before, want, lines[:i+1], stray)
			}
			if len(line) > interfaceWidth {
				t.Fatalf("a line of %d characters: %q", len(line), line)
			}
		}
		got := m.read(t)
		if state := got.State(); !state.Equal(want) || got.Mode != cli.Trunk {
			t.Fatalf("%+v to %+v: %q lead to %+v", before, want, lines, state)
		}
		if again := change(got, want, set); len(again) > 0 {
			t.Fatalf("%+v to %+v: there is more to do: %q", before, want, again)
		}
	}
}

// TestChangeMayBeRepeated begins anew after any line, as happens when a line is refused to a group of ports.
func TestChangeMayBeRepeated(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 1_000 {
		m, want := randomModel(r), randomWant(r)
		mayCarry := m.carried().Plus(cli.VLANsOf(want.VLANs()...))
		lines := change(m.read(t), want, set)
		if len(lines) == 0 {
			continue
		}
		for _, line := range slices.Concat(lines[:r.IntN(len(lines))], lines) {
			if err := m.enter(line); err != nil {
				t.Fatal(err)
			}
			if stray := m.carried().Minus(mayCarry); !stray.Empty() {
				t.Fatalf("to %+v: %q again carries %s", want, lines, stray)
			}
		}
		if state := m.read(t).State(); !state.Equal(want) {
			t.Fatalf("%q again lead to %+v, want %+v", lines, state, want)
		}
	}
}

func (m *model) read(t *testing.T) cli.Port {
	t.Helper()
	ports, err := parseRunning(m.running(), dummy)
	if err != nil || len(ports) != 1 {
		t.Fatalf("%v in %s", err, m.running())
	}
	return ports[0]
}

func randomModel(r *rand.Rand) model {
	m := model{trunk: r.IntN(4) > 0, shut: r.IntN(2) == 0, access: 1 + r.IntN(3), native: pick(r, 1, 2, 10, 11, dummy)}
	switch r.IntN(6) {
	case 0:
		m.allowed = cli.AllVLANs()
	case 1:
		m.allowed = cli.AllVLANs().Minus(randomVLANs(r))
	case 2:
		m.allowed = randomVLANs(r).Plus(cli.VLANsOf(m.native))
	case 3:
	default:
		m.allowed = randomVLANs(r)
	}
	return m
}

func randomWant(r *rand.Rand) netswitch.PortState {
	tagged := randomVLANs(r)
	native := pick(r, 0, 0, 2, 10, 11)
	w := netswitch.PortState{Port: "Ethernet1/1", Native: native, Tagged: tagged.Minus(cli.VLANsOf(native)).IDs()}
	if r.IntN(4) == 0 {
		w = netswitch.Closed(w.Port)
	}
	w.Up = len(w.VLANs()) > 0
	return w
}

// randomVLANs are few of a few ids, so that sets overlap, or now and then so many that lists are split.
func randomVLANs(r *rand.Rand) cli.VLANs {
	var v cli.VLANs
	if r.IntN(20) == 0 {
		for range 300 {
			v = v.Plus(cli.VLANsOf(2 + r.IntN(2000)))
		}
		return v
	}
	for range r.IntN(5) {
		v = v.Plus(cli.VLANsOf(1 + r.IntN(14)))
	}
	return v
}

func pick(r *rand.Rand, of ...int) int { return of[r.IntN(len(of))] }

func up(native int, tagged ...int) netswitch.PortState {
	return netswitch.PortState{Native: native, Tagged: tagged, Up: true}
}
