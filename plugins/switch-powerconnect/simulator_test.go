// A program cannot be imported, so its tests are inside.

package main

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// rounds are how many visits a random test pays, brokenRounds those of one that waits for deadlines.
const rounds, brokenRounds = 40, 10

// touched are the ports that tests change.
func touched() []string { return []string{"gi1/0/1", "gi1/0/2", "gi1/0/3", "gi1/0/5", "te1/0/1"} }

// guard watches that no port carries more than it may, after each command.
type guard struct {
	t       *testing.T
	sw      *powerconnect55.Switch
	mu      sync.Mutex
	allowed map[string]cli.VLANs // guarded by mu; nil while anything is
}

func newGuard(t *testing.T, sw *powerconnect55.Switch) *guard {
	g := &guard{t: t, sw: sw}
	sw.OnCommand(g.check)
	return g
}

func (g *guard) check(c consoletest.Typed) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for port, allowed := range g.allowed {
		if strange := carried(g.sw, port).Minus(allowed); !strange.Empty() {
			g.t.Errorf("after %q port %s carries %s, allowed were %s", c.Raw, port, strange, allowed)
		}
	}
}

// allow lets each port carry what it carries now, and what is wanted.
func (g *guard) allow(want ...netswitch.PortState) {
	allowed := map[string]cli.VLANs{}
	for _, port := range g.sw.Ports() {
		allowed[port] = carried(g.sw, port)
	}
	for _, w := range want {
		allowed[w.Port] = allowed[w.Port].Plus(cli.VLANsOf(w.VLANs()...))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.allowed = allowed
}

func (g *guard) allowAnything() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.allowed = nil
}

// carried is what a port carries, and would if more VLANs existed.
func carried(sw *powerconnect55.Switch, port string) cli.VLANs {
	c := sw.Configured(port)
	return cli.VLANsOf(append(slices.Clone(c.Tagged), c.Native)...)
}

func TestNoCommandExposesAPort(t *testing.T) {
	t.Parallel()
	for name, p := range personalities() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw, target := simulated(t, console.Telnet, p)
			s, g, r := open(t, target), newGuard(t, sw), rand.New(rand.NewPCG(7, 7))
			for range rounds {
				g.allowAnything()
				meddle(t, sw, r)
				want := someStates(r)
				g.allow(want...)
				reach(t, s, sw, want)
			}
		})
	}
}

// reach wants Apply to reach the states, the switch to show and to do just that, and nothing to be left to do.
func reach(t *testing.T, s netswitch.Session, sw *powerconnect55.Switch, want []netswitch.PortState) {
	t.Helper()
	results, err := s.Apply(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if results[i].Err != nil {
			t.Fatalf("%s: %v", w.Port, results[i].Err)
		}
		c := sw.Carried(w.Port)
		if c.Native != w.Native || !slices.Equal(c.Tagged, w.Tagged) {
			t.Errorf("%s carries %+v, want %+v", w.Port, c, w)
		}
		shown, err := s.Read(t.Context(), []string{w.Port})
		if err != nil || !shown[0].Equal(w) {
			t.Errorf("%s is read as %+v, %v, want %+v", w.Port, shown, err, w)
		}
	}
	if lines, err := s.Plan(t.Context(), want); err != nil || len(lines) != 0 {
		t.Errorf("still to do: %q, %v", lines, err)
	}
}

func someStates(r *rand.Rand) []netswitch.PortState {
	var want []netswitch.PortState
	for _, i := range r.Perm(len(touched()))[:1+r.IntN(len(touched()))] {
		state := someState(r)
		state.Port = touched()[i]
		want = append(want, state)
	}
	return want
}

// meddle is another administrator who does something to a port.
func meddle(t *testing.T, sw *powerconnect55.Switch, r *rand.Rand) {
	t.Helper()
	for range r.IntN(3) {
		habits := [][]string{
			{"switchport mode access", "switchport access vlan 10"},
			{"switchport mode general", "switchport general allowed vlan add 10,20 tagged", "switchport general pvid 10"},
			{"switchport mode trunk", "switchport trunk allowed vlan all"},
			{"switchport mode trunk", "switchport trunk native vlan 20"},
			{"switchport trunk allowed vlan add 40-50"},
			{"switchport mode access", "switchport trunk allowed vlan all"},
			{"shutdown"}, {"no shutdown"},
		}
		lines := append([]string{"configure", "vlan database", "vlan 10,20", "exit", "interface " + touched()[r.IntN(len(touched()))]},
			habits[r.IntN(len(habits))]...)
		if err := sw.Type(lines...); err != nil {
			t.Fatalf("%q: %v", lines, err)
		}
	}
}

func TestPortsWithEqualLinesAreConfiguredTogether(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	s := open(t, target)
	var closed, opened []netswitch.PortState
	for _, port := range sw.Ports()[:24] {
		closed = append(closed, netswitch.Closed(port))
		opened = append(opened, netswitch.PortState{Port: port, Native: 10, Tagged: []int{20}, Up: true})
	}
	reach(t, s, sw, closed)
	lines, err := s.Plan(t.Context(), opened)
	want := []string{
		"configure", "vlan database", "vlan 10,20", "exit", "interface range gi1/0/1-24",
		"sw trunk allowed vlan add 10,20", "switchport trunk native vlan 10", "no shutdown", "end",
	}
	if err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v, want %q", lines, err, want)
	}
	reach(t, s, sw, opened)
	more := opened[:1]
	more[0].Tagged = []int{20, 30}
	reach(t, s, sw, more)
}

func TestVLANsThatExistAreNotCreatedAgain(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	s := open(t, target)
	first := []netswitch.PortState{{Port: "gi1/0/1", Native: 10, Up: true}}
	reach(t, s, sw, first)
	lines, err := s.Plan(t.Context(), []netswitch.PortState{{Port: "gi1/0/2", Native: 10, Up: true}})
	if err != nil || slices.Contains(lines, "vlan database") {
		t.Errorf("%q, %v", lines, err)
	}
}

func TestAMemberOfAPortChannelIsRefusedAlone(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	if err := sw.Type("configure", "interface gi1/0/5", "channel-group 1 mode on"); err != nil {
		t.Fatal(err)
	}
	results, err := open(t, target).Apply(t.Context(), []netswitch.PortState{up(10), {Port: "gi1/0/5", Native: 10, Up: true}})
	if err != nil || results[0].Err != nil {
		t.Fatalf("%+v, %v", results, err)
	}
	if e := results[1].Err; e == nil || e.Code != sdk.Refused || !strings.Contains(e.Text, "port-channel") {
		t.Errorf("%v", e)
	}
}

func TestAVisitLocksNobodyOutAfterwards(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	first, second := open(t, target), open(t, target)
	reach(t, first, sw, []netswitch.PortState{up(10)})
	reach(t, second, sw, []netswitch.PortState{up(20)})
}

func TestALockedConfigurationIsBusy(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	s, want := open(t, target), []netswitch.PortState{up(10)}
	release := sw.HoldLock()
	results, err := s.Apply(t.Context(), want)
	if err != nil || results[0].Err == nil || results[0].Err.Code != sdk.Busy || !results[0].Err.Retryable {
		t.Errorf("%+v, %v", results, err)
	}
	release()
	reach(t, s, sw, want)
}

func TestAUserWithoutPrivilegeGetsIt(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{Username: "haas", Password: secret, Enable: "more"}, powerconnect55.Unprivileged)
	target := targetOf(t, sw.Start(t, console.Telnet), console.Telnet)
	if _, err := cli.New(powerconnect(), hclog.NewNullLogger()).Open(t.Context(), target); sdk.CodeOf(err) != sdk.Denied {
		t.Errorf("without the enable password: %v", err)
	}
	with := strings.Replace(string(target.Settings), "{", `{"enable_password":"more",`, 1)
	target.Settings = sdk.Settings(with)
	reach(t, open(t, target), sw, []netswitch.PortState{up(10)})
}

func TestARejectedPasswordIsDenied(t *testing.T) {
	t.Parallel()
	_, target := simulated(t, console.Telnet, nil)
	target.Settings = sdk.Settings(strings.Replace(string(target.Settings), secret, "wrong", 1))
	if _, err := cli.New(powerconnect(), hclog.NewNullLogger()).Open(t.Context(), target); sdk.CodeOf(err) != sdk.Denied {
		t.Errorf("%v", err)
	}
}

func TestSaveBelievesOnlyTheWordsOfSuccess(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	s := open(t, target)
	reach(t, s, sw, []netswitch.PortState{up(10, 20)})
	if sw.Saved() {
		t.Error("saved before it was asked for")
	}
	lost := sw.Inject(consoletest.Fault{Kind: consoletest.LoseCommand, On: regexp.MustCompile("^copy")})
	if err := s.Save(t.Context()); err == nil || lost.Hits() != 1 {
		t.Errorf("a lost save: %v, hit %d times", err, lost.Hits())
	}
	if err := s.Save(t.Context()); err != nil || !sw.Saved() {
		t.Errorf("saved: %v, %v", sw.Saved(), err)
	}
}

// breakages are the faults that may befall any line of a visit.
func breakages() []consoletest.Kind {
	return []consoletest.Kind{
		consoletest.DropBefore, consoletest.DropAfter, consoletest.LoseCommand, consoletest.LoseCharacter, consoletest.TruncateOutput,
		consoletest.GarbleReply, consoletest.LogInside, consoletest.LogBehind, consoletest.ForcePager, consoletest.IgnoreConfig,
	}
}

// TestABrokenSwitchExposesNoPort has one line of each visit go wrong. What is then read to be as wanted must be so.
func TestABrokenSwitchExposesNoPort(t *testing.T) {
	t.Parallel()
	for name, p := range personalities() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw, target := simulated(t, console.Telnet, p)
			g, r := newGuard(t, sw), rand.New(rand.NewPCG(3, 3))
			for range brokenRounds {
				g.allowAnything()
				meddle(t, sw, r)
				want := someStates(r)
				g.allow(want...)
				fault := consoletest.Fault{Kind: breakages()[r.IntN(len(breakages()))], Nth: 1 + r.IntN(20)}
				sw.Inject(fault)
				believed := believe(t, target, want)
				sw.Heal()
				for _, w := range believed {
					if c := sw.Carried(w.Port); c.Native != w.Native || !slices.Equal(c.Tagged, w.Tagged) {
						t.Errorf("after %+v %s was believed to carry %+v, and carries %+v", fault, w.Port, w, c)
					}
				}
				reachAnew(t, target, sw, want)
			}
		})
	}
}

// reachAnew is reach in a session of its own.
func reachAnew(t *testing.T, target sdk.Target, sw *powerconnect55.Switch, want []netswitch.PortState) {
	t.Helper()
	s, err := cli.New(powerconnect(), hclog.NewNullLogger()).Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	reach(t, s, sw, want)
}

// believe applies states, and gives those that the switch then is read to have.
func believe(t *testing.T, target sdk.Target, want []netswitch.PortState) (reached []netswitch.PortState) {
	t.Helper()
	s, err := cli.New(powerconnect(), hclog.NewNullLogger()).Open(t.Context(), target)
	if err != nil {
		return nil
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Apply(t.Context(), want); err != nil {
		return nil
	}
	for _, w := range want {
		if shown, err := s.Read(t.Context(), []string{w.Port}); err == nil && shown[0].Equal(w) {
			reached = append(reached, w)
		}
	}
	return reached
}
