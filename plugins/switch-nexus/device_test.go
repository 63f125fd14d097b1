// A program cannot be imported, so its tests are inside.

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

const (
	first, two, three, four = "Ethernet1/1", "Ethernet1/2", "Ethernet1/3", "Ethernet1/4"
)

func open(t *testing.T, target sdk.Target) netswitch.Session {
	t.Helper()
	s, err := newDriver(t).Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func state(port string, native int, tagged ...int) netswitch.PortState {
	return netswitch.PortState{Port: port, Native: native, Tagged: tagged, Up: true}
}

// apply wants a result for each port, with the words of a fault, "" for none.
func apply(t *testing.T, s netswitch.Session, want []netswitch.PortState, faults ...string) []netswitch.PortResult {
	t.Helper()
	results, err := s.Apply(t.Context(), want)
	if err != nil || len(results) != len(want) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for i, r := range results {
		fault := append(slices.Clone(faults), make([]string, len(want))...)[i]
		text := ""
		if r.Err != nil {
			text = r.Err.Text
		}
		if (text == "") != (fault == "") || !strings.Contains(text, fault) {
			t.Errorf("%s: %q, want %q", r.Port, text, fault)
		}
	}
	return results
}

// shows wants the device to carry each state, and the driver to say so.
func shows(t *testing.T, sw *nexus5k.Switch, s netswitch.Session, want ...netswitch.PortState) {
	t.Helper()
	var ports []string
	for _, w := range want {
		ports = append(ports, w.Port)
		if c := sw.Carried(w.Port); c.Native != w.Native || !slices.Equal(c.Tagged, w.Tagged) {
			t.Errorf("%s carries %+v, want %+v", w.Port, c, w)
		}
	}
	read, err := s.Read(t.Context(), ports)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range read {
		if !got.Equal(want[i]) {
			t.Errorf("read %+v, want %+v", got, want[i])
		}
	}
}

// typed are the lines entered since the login's.
func typed(sw *nexus5k.Switch, skip int) []string {
	var lines []string
	for _, c := range sw.History()[skip:] {
		lines = append(lines, c.Raw)
	}
	return lines
}

func TestAWarmConnectIsSevenCommands(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	s := open(t, target)
	apply(t, s, []netswitch.PortState{netswitch.Closed(first)})
	if _, err := s.Read(t.Context(), []string{first}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		before := sw.Commands()
		apply(t, s, []netswitch.PortState{state(first, 10)})
		shows(t, sw, s, state(first, 10))
		lines := typed(sw, before)
		want := []string{
			"show running-config interface Ethernet1/1", "vlan 10", "interface Ethernet1/1", "switchport trunk native vlan 10",
			"switchport trunk allowed vlan add 10", "no shutdown", "show running-config interface Ethernet1/1",
		}
		if !slices.Equal(lines, want) {
			t.Errorf("typed %q, want %q", lines, want)
		}
		apply(t, s, []netswitch.PortState{netswitch.Closed(first)})
	}
}

func TestPortsWithEqualStatesGoTogether(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	s := open(t, target)
	var want []netswitch.PortState
	for i := range 48 {
		want = append(want, netswitch.Closed(fmt.Sprintf("Ethernet1/%d", i+1)))
	}
	apply(t, s, want)
	for i := range want {
		want[i] = state(want[i].Port, 100, 200, 300+i%2)
	}
	before := sw.Commands()
	apply(t, s, want)
	shows(t, sw, s, want...)
	if lines := typed(sw, before); len(lines) > 24 {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	apply(t, s, want)
	if lines := typed(sw, sw.Commands()-1); lines[0] != showPorts {
		t.Errorf("what is there already makes it say %q", lines)
	}
}

func TestForeignPortsAndWrongVLANs(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	if err := sw.Type("configure terminal", "interface Ethernet1/1", "channel-group 24", "interface Ethernet1/2", "no switchport"); err != nil {
		t.Fatal(err)
	}
	s := open(t, target)
	results := apply(t, s, []netswitch.PortState{
		state(first, 10), state(two, 10), state("Ethernet1/99", 10), state(three, 4000), state(four, dummy), state("Ethernet1/5", 10),
	}, "is a member of port-channel 24", "is a routed port", "no port", "3968-4047,4094", "dummy_vlan")
	for i, code := range []sdk.Code{sdk.Refused, sdk.Refused, sdk.NotFound, sdk.Invalid, sdk.Invalid} {
		if results[i].Err.Code != code {
			t.Errorf("%s: %v, want %v", results[i].Port, results[i].Err.Code, code)
		}
	}
	shows(t, sw, s, state("Ethernet1/5", 10))
}

// TestARefusedVLANFailsItsPortsOnly wants a VLAN that only newer releases reserve, told at once and late.
func TestARefusedVLANFailsItsPortsOnly(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string][]nexus5k.Quirk{
		"at once": {nexus5k.NewerRelease},
		"late":    {nexus5k.NewerRelease, nexus5k.LateRefusals},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw, target := simulated(t, console.Telnet, nil, quirks...)
			s := open(t, target)
			for range 2 {
				apply(t, s, []netswitch.PortState{state(first, 10), state(two, 4060), state(three, 10, 4061)}, "", "VLAN 4060 is reserved", "VLAN 4061 is reserved")
				shows(t, sw, s, state(first, 10))
				for _, port := range []string{two, three} {
					if c := sw.Configured(port); c.Native > 1 || len(c.Tagged) > 4093 {
						t.Errorf("%s carries %+v", port, c)
					}
				}
			}
		})
	}
}

// TestASwitchThatDoesNothingIsFoundOut: it says yes, and the next reading says no.
func TestASwitchThatDoesNothingIsFoundOut(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	s := open(t, target)
	apply(t, s, []netswitch.PortState{netswitch.Closed(first)})
	sw.Inject(consoletest.Fault{Kind: consoletest.IgnoreConfig, On: regexp.MustCompile(`^switchport|shutdown`), Always: true})
	apply(t, s, []netswitch.PortState{state(first, 10)})
	read, err := s.Read(t.Context(), []string{first})
	if err != nil || read[0].Equal(state(first, 10)) {
		t.Errorf("%+v, %v", read, err)
	}
	apply(t, s, []netswitch.PortState{state(two, 10)}, "does not show that the port is closed")
}

func TestCutAndGarbledAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for _, kind := range []consoletest.Kind{consoletest.TruncateOutput, consoletest.GarbleReply} {
		for _, ports := range [][]string{{first}, {first, two}} {
			sw, target := simulated(t, console.Telnet, map[string]any{"deadline": "1s"})
			s := open(t, target)
			sw.Inject(consoletest.Fault{Kind: kind, On: regexp.MustCompile("^show running"), Always: true})
			if got, err := s.Read(t.Context(), ports); err == nil || !sdk.IsRetryable(err) {
				t.Errorf("fault %d: %+v, %v", kind, got, err)
			}
		}
	}
}

func TestSave(t *testing.T) {
	t.Parallel()
	for _, quirks := range [][]nexus5k.Quirk{nil, {nexus5k.NewerRelease}} {
		sw, target := simulated(t, console.Telnet, nil, quirks...)
		s := open(t, target)
		apply(t, s, []netswitch.PortState{state(first, 10)})
		if err := s.Save(t.Context()); err != nil || !sw.Saved() {
			t.Errorf("%v, saved: %v", err, sw.Saved())
		}
		sw.Inject(consoletest.Fault{Kind: consoletest.LoseCommand, On: regexp.MustCompile("^copy")})
		if err := s.Save(t.Context()); err == nil {
			t.Error("a save that was lost is a success")
		}
	}
}

// TestASlowSaveIsWaitedFor although the switch is silent for longer than with any other command.
func TestASlowSaveIsWaitedFor(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{Username: "haas", Password: password, Save: 1500 * time.Millisecond})
	s := open(t, targetOf(t, sw.Start(t, console.Telnet), console.Telnet, map[string]any{"deadline": "1s"}))
	apply(t, s, []netswitch.PortState{state(first, 10)})
	if err := s.Save(t.Context()); err != nil || !sw.Saved() {
		t.Errorf("%v, saved: %v", err, sw.Saved())
	}
}

func TestListPorts(t *testing.T) {
	t.Parallel()
	sw, target := simulated(t, console.Telnet, nil)
	got, err := open(t, target).(netswitch.PortLister).ListPorts(t.Context())
	if err != nil || !slices.Equal(got, sw.Ports()) {
		t.Errorf("%q, %v; want %q", got, err, sw.Ports())
	}
}

func TestLogins(t *testing.T) {
	t.Parallel()
	_, target := simulated(t, console.Telnet, map[string]any{"password": "wrong"})
	if _, err := newDriver(t).Open(t.Context(), target); sdk.CodeOf(err) != sdk.Denied {
		t.Errorf("a wrong password: %v", err)
	}
	sw, target := simulated(t, console.Telnet, nil)
	sw.Inject(consoletest.Fault{Kind: consoletest.RefuseSession})
	if _, err := newDriver(t).Open(t.Context(), target); !sdk.IsRetryable(err) {
		t.Errorf("no session left: %v", err)
	}
}
