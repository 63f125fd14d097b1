// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// open gives a session that ends with the test.
func open(t testing.TB, target sdk.Target) netswitch.Session {
	t.Helper()
	s, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// apply wants every state to be accepted, and to be there afterwards.
func apply(t testing.TB, s netswitch.Session, want ...netswitch.PortState) {
	t.Helper()
	results, err := s.Apply(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Err != nil {
			t.Fatalf("port %s: %v", r.Port, r.Err)
		}
		if got := read(t, s, r.Port); !got.Equal(want[i]) {
			t.Fatalf("port %s is %+v, want %+v", r.Port, got, want[i])
		}
	}
}

func read(t testing.TB, s netswitch.Session, port string) netswitch.PortState {
	t.Helper()
	states, err := s.Read(t.Context(), []string{port})
	if err != nil {
		t.Fatal(err)
	}
	return states[0]
}

// TestBridgesOfOneOpenVSwitchTakeTurns has two, of which one is being changed.
func TestBridgesOfOneOpenVSwitchTakeTurns(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	d := newDriver(hclog.NewNullLogger())
	busy := d.turn(settingsOf(t, target(t, sw.Endpoint())).endpoint)
	s, err := d.Open(t.Context(), target(t, sw.Endpoint()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	busy <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Apply(ctx, []netswitch.PortState{up("p1", 5)}); sdk.CodeOf(err) != sdk.Timeout || !strings.Contains(err.Error(), "another bridge") {
		t.Errorf("while another bridge is changed: %v", err)
	}
	if got := read(t, s, "p1"); got.Native == 5 {
		t.Error("it was changed nevertheless")
	}
	<-busy
	apply(t, s, up("p1", 5))
}

func settingsOf(t testing.TB, target sdk.Target) settings {
	t.Helper()
	set, err := readSettings(target)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// columns are what is in the database, in the words of ovs-vsctl.
const columns = "vlan_mode,tag,trunks,cvlans,protected,other_config,external_ids"

func TestLeftoversAreCleared(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1", "p2")
	s := open(t, target(t, sw.Endpoint()))
	sw.MustCtl(t, "set", "Port", "p1", "vlan_mode=trunk", "tag=9", "trunks=7,8", "cvlans=3", "protected=true", "external_ids:owner=me")
	before := sw.MustCtl(t, "--columns="+columns, "list", "Port", "p2")
	apply(t, s, up("p1", 0, 7, 8))
	got := strings.Fields(sw.MustCtl(t, "--bare", "--columns=vlan_mode,tag,trunks,cvlans,protected,external_ids", "list", "Port", "p1"))
	if !slices.Equal(got, []string{"trunk", "7", "8", "false", "owner=me"}) {
		t.Errorf("the port has %q", got)
	}
	if after := sw.MustCtl(t, "--columns="+columns, "list", "Port", "p2"); after != before {
		t.Errorf("the other port became %s", after)
	}
}

// TestPlanIsWhatApplyDoes gives the plan to ovs-vsctl, and finds nothing left to do.
func TestPlanIsWhatApplyDoes(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1", "p2", "p3", "p4")
	s := open(t, target(t, sw.Endpoint()))
	want := []netswitch.PortState{up("p1", 5), up("p2", 0, 6, 7), up("p3", 5, 6), netswitch.Closed("p4")}
	lines, err := s.Plan(t.Context(), want)
	if err != nil || len(lines) != len(want) {
		t.Fatalf("%q, %v", lines, err)
	}
	for i, line := range lines {
		sw.MustCtl(t, strings.Fields(line)[1:]...)
		if got := read(t, s, want[i].Port); !got.Equal(want[i]) {
			t.Errorf("%s: %+v", line, got)
		}
	}
	if lines, err := s.Plan(t.Context(), want); err != nil || len(lines) != 0 {
		t.Errorf("when all is done: %q, %v", lines, err)
	}
}

func TestAPortOfAnotherBridgeIsAbsent(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	if err := sw.AddBridge(t.Context(), "br1"); err != nil {
		t.Fatal(err)
	}
	sw.MustCtl(t, "add-port", "br1", "p2", "tag=8", "--", "set", "Interface", "p2", "type=internal")
	s := open(t, target(t, sw.Endpoint()))
	results, err := s.Apply(t.Context(), []netswitch.PortState{up("p2", 7), up("p1", 7)})
	if err != nil || results[0].Err == nil || results[0].Err.Code != sdk.NotFound || results[1].Err != nil {
		t.Fatalf("%+v, %v", results, err)
	}
	if _, err := s.Read(t.Context(), []string{"p2"}); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("read: %v", err)
	}
	if got := sw.MustCtl(t, "get", "Port", "p2", "tag"); got != "8" {
		t.Errorf("the other bridge's port has tag %s", got)
	}
	if got := read(t, open(t, target(t, sw.Endpoint(), "ovs_bridge", "br1")), "p2"); !got.Equal(up("p2", 8)) {
		t.Errorf("on its own bridge it is %+v", got)
	}
}

func TestForeignPortsAreLeftAlone(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1", "p2")
	sw.MustCtl(t, "add-br", "fake", "br0", "50")
	sw.MustCtl(t, "--", "--id=@out", "get", "Port", "p2", "--", "--id=@m", "create", "Mirror", "name=m", "select_all=true",
		"output_port=@out", "--", "set", "Bridge", "br0", "mirrors=@m")
	s := open(t, target(t, sw.Endpoint()))
	results, err := s.Apply(t.Context(), []netswitch.PortState{up("br0", 7), up("fake", 7), up("p2", 7), up("p1", 7)})
	if err != nil || results[3].Err != nil {
		t.Fatalf("%+v, %v", results, err)
	}
	for _, r := range results[:3] {
		if r.Err == nil || r.Err.Code != sdk.Refused {
			t.Errorf("port %s: %v", r.Port, r.Err)
		}
	}
	if got := read(t, s, "fake"); !got.Equal(up("fake", 50, netswitch.Unknown)) {
		t.Errorf("the fake bridge is %+v", got)
	}
	ports, err := s.(netswitch.PortLister).ListPorts(t.Context())
	if err != nil || !slices.Equal(ports, []string{"p1", "p2"}) {
		t.Errorf("ports %q, %v", ports, err)
	}
}

func TestABridgeThatCannotBeServed(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	s := open(t, target(t, sw.Endpoint()))
	open := func(bridge string) error {
		_, err := newDriver(hclog.NewNullLogger()).Open(t.Context(), target(t, sw.Endpoint(), "ovs_bridge", bridge))
		return err
	}
	if err := open("br9"); sdk.CodeOf(err) != sdk.NotFound || !strings.Contains(err.Error(), "ovs_bridge") {
		t.Errorf("absent bridge: %v", err)
	}
	sw.MustCtl(t, "set-controller", "br0", "tcp:127.0.0.1:1")
	if err := open("br0"); sdk.CodeOf(err) != sdk.Refused || !strings.Contains(err.Error(), "del-controller br0") {
		t.Errorf("bridge with a controller: %v", err)
	}
	sw.MustCtl(t, "del-br", "br0")
	if _, err := s.Apply(t.Context(), []netswitch.PortState{up("p1", 7)}); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("deleted bridge: %v", err)
	}
}

func TestAPortRemovedInTheMiddleFailsAlone(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1", "p2")
	s := open(t, target(t, sw.Endpoint())).(*session)
	b, err := s.look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, refusal := b.change(up("p1", 7))
	if refusal != nil {
		t.Fatal(refusal)
	}
	// Another port takes the place and the name of the one that was seen.
	sw.MustCtl(t, "del-port", "p1", "--", "add-port", "br0", "p1", "tag=8", "--", "set", "Interface", "p1", "type=internal")
	answers, err := s.settle(t.Context(), c.operation())
	if err != nil || answers[0].Count != 0 {
		t.Errorf("%+v, %v", answers, err)
	}
	if got := read(t, s, "p1"); !got.Equal(up("p1", 8)) {
		t.Errorf("the new port is %+v", got)
	}
}

func TestManyPortsInOneVisit(t *testing.T) {
	t.Parallel()
	const n = 117
	sw := newSwitch(t)
	add, names := []string{}, []string{}
	for i := range n {
		name := "p" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		names = append(names, name)
		add = append(add, "--", "add-port", "br0", name, "--", "set", "Interface", name, "type=internal")
	}
	sw.MustCtl(t, add...)
	s := open(t, target(t, sw.Endpoint()))
	want := make([]netswitch.PortState, n)
	for i, name := range names {
		want[i] = up(name, i+1, 1000, 2000+i)
	}
	results, err := s.Apply(t.Context(), want)
	if err != nil || len(results) != n {
		t.Fatal(err)
	}
	got, err := s.Read(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if results[i].Err != nil || !got[i].Equal(want[i]) {
			t.Errorf("%+v, %v, want %+v", got[i], results[i].Err, want[i])
		}
	}
}

// TestADeadForwarderIsNeverOK kills ovs-vswitchd: its database takes everything, and no frame obeys.
func TestADeadForwarderIsNeverOK(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	want := []netswitch.PortState{up("p1", 7)}
	sw.Forwarder.Kill()
	for name, call := range map[string]func(netswitch.Session, context.Context) error{
		"Apply":       func(s netswitch.Session, ctx context.Context) error { _, err := s.Apply(ctx, want); return err },
		"Apply again": func(s netswitch.Session, ctx context.Context) error { _, err := s.Apply(ctx, want); return err },
		"Read": func(s netswitch.Session, ctx context.Context) error {
			_, err := s.Read(ctx, []string{"p1"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, target(t, sw.Endpoint()))
			s.(*session).patience = 100 * time.Millisecond // in vain, however long
			err := call(s, t.Context())
			if sdk.CodeOf(err) != sdk.Timeout || !sdk.IsRetryable(err) || !strings.Contains(err.Error(), "ovs-vswitchd") {
				t.Error(err)
			}
		})
	}
	if err := sw.Forwarder.Start(); err != nil {
		t.Fatal(err)
	}
	apply(t, open(t, target(t, sw.Endpoint())), want...)
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	sw := newSwitch(t, "p1")
	s := open(t, target(t, sw.Endpoint()))
	if err := sw.Database.Freeze(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Apply(ctx, []netswitch.PortState{up("p1", 7)})
	if sdk.CodeOf(err) != sdk.Timeout {
		t.Error(err)
	}
	if err := s.Close(); err != nil || s.(*session).Alive() {
		t.Errorf("closed: %v", err)
	}
}
