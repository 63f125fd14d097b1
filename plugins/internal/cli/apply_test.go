package cli_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// wantTyped compares what was typed since the last look.
func (t *tin) wantTyped(tb testing.TB, lines ...string) {
	tb.Helper()
	if !slices.Equal(t.typed, lines) {
		tb.Errorf("typed\n%q\nwant\n%q", t.typed, lines)
	}
	t.typed = nil
}

// apply wants a result for each port: the beginning of each one's fault, "" for none.
func apply(tb testing.TB, s netswitch.Session, want []netswitch.PortState, faults ...string) []netswitch.PortResult {
	tb.Helper()
	results, err := s.Apply(tb.Context(), want)
	if err != nil || len(results) != len(want) {
		tb.Fatalf("%d results, %v", len(results), err)
	}
	for i, r := range results {
		text := ""
		if r.Err != nil {
			text = r.Err.Text
		}
		fault := append(faults, make([]string, len(want))...)[i]
		if r.Port != want[i].Port || (text == "") != (fault == "") || !strings.Contains(text, fault) {
			tb.Errorf("port %s (result for %s): %q, want %q", want[i].Port, r.Port, text, fault)
		}
	}
	return results
}

func (t *tin) wantState(tb testing.TB, states ...netswitch.PortState) {
	tb.Helper()
	for _, want := range states {
		if got := t.ports[want.Port].State(); !got.Equal(want) {
			tb.Errorf("the port is %+v, want %+v", got, want)
		}
	}
}

func TestOneVisit(t *testing.T) {
	t.Parallel()
	d := newTin()
	s := d.open(t, d.family(), "")
	want := []netswitch.PortState{up("p3", 10), up("p1", 20, 30), up("p2", 10)}
	lines := []string{
		"configure", "vlan 10,20,30",
		"interface p1", "native 20", "allow 20,30", "up",
		"exit", "interface p2 p3", "native 10", "allow 10", "up",
	}
	planned, err := s.Plan(t.Context(), want)
	if err != nil || !slices.Equal(planned, lines) {
		t.Errorf("plan %q, %v", planned, err)
	}
	d.wantTyped(t, "show")
	apply(t, s, want)
	d.wantTyped(t, append([]string{"show"}, lines...)...)
	d.wantState(t, want...)

	apply(t, s, want)
	d.wantTyped(t, "do show")
	if planned, err = s.Plan(t.Context(), want); err != nil || planned == nil || len(planned) != 0 {
		t.Errorf("plan of nothing: %q, %v", planned, err)
	}
	d.typed = nil
	apply(t, s, []netswitch.PortState{netswitch.Closed("p1")})
	d.wantTyped(t, "do show", "exit", "interface p1", "shutdown", "allow", "native 0")
}

func TestLongLinesAreSplit(t *testing.T) {
	t.Parallel()
	d := newTin()
	f := d.family()
	f.Words.Leave = true
	s := d.open(t, f, "")
	var want []netswitch.PortState
	for _, port := range []string{"p1", "p2", "p3", "p4", "p5", "p6"} {
		want = append(want, up(port, 0, 100, 200, 300, 400))
	}
	apply(t, s, want)
	d.wantTyped(t, "show", "configure", "vlan 100,200,300", "vlan 400",
		"interface p1 p2 p3 p4 p5", "native 0", "allow 100,200,300,400", "up",
		"exit", "interface p6", "native 0", "allow 100,200,300,400", "up", "end")
}

func TestVLANsAreNotCreatedUnlessWanted(t *testing.T) {
	t.Parallel()
	d := newTin()
	s := d.open(t, d.family(), `, "create_vlans": false`)
	apply(t, s, []netswitch.PortState{up("p1", 10)})
	d.wantTyped(t, "show", "configure", "interface p1", "native 10", "allow 10", "up")
}

func TestWrongWishesAreNotSent(t *testing.T) {
	t.Parallel()
	d := newTin()
	d.ports["p5"].Foreign = "is a member of port-channel 24"
	f := d.family()
	f.NeedsDummy = true
	s := d.open(t, f, `, "dummy_vlan": 99`)
	results := apply(t, s, []netswitch.PortState{
		up("p1", 99), up("p2", 4000), up("p3", 5000), up("p4", 0), up("p5", 10), up("p77", 10), up("x", 10), up("p6", 10), up("p6", 20),
		{Port: "p7", Native: 10, Tagged: []int{10}, Up: true}, {Port: "p8", Tagged: []int{-1}, Up: true},
	}, "dummy_vlan", "keeps for itself", "from 1 to 4094", "must be shut down", "is a member of port-channel 24, so", "no port p77", "no port x",
		"", "twice at once", "wanted twice", "from 1 to 4094")
	codes := map[int]sdk.Code{0: sdk.Invalid, 1: sdk.Invalid, 2: sdk.Invalid, 3: sdk.Invalid, 4: sdk.Refused, 5: sdk.NotFound, 6: sdk.NotFound}
	for i, code := range codes {
		if results[i].Err.Code != code || results[i].Err.Retryable {
			t.Errorf("%s: %+v, want %v", results[i].Port, results[i].Err, code)
		}
	}
	d.wantTyped(t, "show", "configure", "vlan 10", "interface p6", "native 10", "allow 10", "up")
	if _, err := s.Plan(t.Context(), []netswitch.PortState{up("p5", 10)}); sdk.CodeOf(err) != sdk.Refused {
		t.Errorf("plan for a foreign port: %v", err)
	}
}

func TestOnlyTheCulpritOfAGroupFails(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(line, port string) string{
		"its first line":  func(line, port string) string { return only(port == "p3" && line == "native 10") },
		"its second line": func(line, port string) string { return only(port == "p3" && line == "allow 10") },
		"its last line":   func(line, port string) string { return only(port == "p3" && line == "up") },
		"being entered":   func(line, port string) string { return only(port == "p3" && strings.HasPrefix(line, "interface")) },
		"strange words": func(line, port string) string {
			if port == "p3" && line == "allow 10" {
				return "strange: no p3"
			}
			return ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTin()
			d.refuse = refuse
			s := d.open(t, d.family(), "")
			want := []netswitch.PortState{up("p1", 10), up("p2", 10), up("p3", 10), up("p4", 10), up("p5", 20)}
			apply(t, s, want, "", "", "no p", "", "")
			d.wantState(t, want[0], want[1], want[3], want[4])
			if p := d.ports["p3"]; !p.Shut {
				t.Errorf("the refused port is left open: %+v", p)
			}
		})
	}
}

func only(refused bool) string {
	if refused {
		return "no port p3 today"
	}
	return ""
}

func TestAnOpenPortThatIsHalfWayIsShut(t *testing.T) {
	t.Parallel()
	d := newTin()
	*d.ports["p1"] = cli.Port{Name: "p1", Mode: cli.Trunk, Native: 10, Allowed: cli.VLANsOf(10)}
	*d.ports["p2"] = cli.Port{Name: "p2", Mode: cli.Trunk, Native: 10, Allowed: cli.VLANsOf(10)}
	d.refuse = func(line, port string) string {
		return map[string]string{"allow 20": "no", "native 30": "no"}[line]
	}
	s := d.open(t, d.family(), "")
	apply(t, s, []netswitch.PortState{up("p1", 20), up("p2", 30)}, "allow 20", "native 30")
	if !d.ports["p1"].Shut {
		t.Error("a port that is half way is left open")
	}
	d.wantState(t, up("p2", 10))

	d.refuse = func(line, port string) string { return map[string]string{"allow 40": "no", "shutdown": "never"}[line] }
	d.ports["p1"].Shut = false
	apply(t, s, []netswitch.PortState{up("p1", 40)}, "could not be shut down either")
}

func TestARefusedVLANFailsItsPorts(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(d *tin){
		"at once": func(d *tin) {
			d.refuse = func(line, port string) string {
				_, list, isVLAN := strings.Cut(line, "vlan ")
				some, _ := cli.ParseVLANs(list)
				return only(isVLAN && some.Has(20))
			}
		},
		"late": func(d *tin) { d.late = cli.VLANsOf(20) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTin()
			arrange(d)
			s := d.open(t, d.family(), "")
			want := []netswitch.PortState{up("p1", 10), up("p2", 20), up("p3", 10, 20), up("p4", 30)}
			for range 2 {
				apply(t, s, want, "", "no ", "no ", "")
				d.wantState(t, want[0], netswitch.Closed("p2"), netswitch.Closed("p3"), want[3])
			}
		})
	}
}

// TestALateRefusalOfTheLastPort comes when the configuration mode is left.
func TestALateRefusalOfTheLastPort(t *testing.T) {
	t.Parallel()
	d := newTin()
	d.refuse = func(line, port string) string {
		if line == "up" {
			d.pending = refusal(sdk.Refused, line, "late: no "+port)
		}
		return ""
	}
	f := d.family()
	f.Words.Leave = true
	s := d.open(t, f, "")
	apply(t, s, []netswitch.PortState{up("p1", 10)}, "late: no p1")
	if d.mode != "" || !d.ports["p1"].Shut {
		t.Errorf("mode %q, port %+v", d.mode, d.ports["p1"])
	}
}

// TestLateRefusalsArePutDownToThePortThatIsLeft looks at several ports with different lines.
func TestLateRefusalsArePutDownToThePortThatIsLeft(t *testing.T) {
	t.Parallel()
	d := newTin()
	d.refuse = func(line, port string) string {
		if line == "up" && port == "p1" {
			d.pending = refusal(sdk.Refused, line, "late: no "+port)
		}
		return ""
	}
	s := d.open(t, d.family(), "")
	apply(t, s, []netswitch.PortState{up("p1", 10), up("p2", 20), up("p3", 30)}, "late: no p1")
	d.wantState(t, up("p2", 20), up("p3", 30))
	if !d.ports["p1"].Shut {
		t.Error("the refused port is left open")
	}
}

func TestALostConversationFailsAll(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"show", "configure", "vlan 10,20", "interface p1", "native 10", "up"} {
		d := newTin()
		d.lost = line
		s := d.open(t, d.family(), "")
		results, err := s.Apply(t.Context(), []netswitch.PortState{up("p1", 10), up("p2", 20)})
		if sdk.CodeOf(err) != sdk.Timeout || results != nil {
			t.Errorf("lost at %q: %v, %v", line, results, err)
		}
		if last := d.typed[len(d.typed)-1]; last != line {
			t.Errorf("lost at %q, and typed %q", line, last)
		}
	}
}

// TestAPortIsLookedAtBeforeItOpens closes ports that have more in store than is wanted.
func TestAPortIsLookedAtBeforeItOpens(t *testing.T) {
	t.Parallel()
	d := newTin()
	*d.ports["p1"] = cli.Port{Name: "p1", Mode: cli.Trunk, Shut: true, Allowed: cli.VLANsOf(77)}
	s := d.open(t, d.family(), "")
	want := []netswitch.PortState{up("p1", 10), up("p2", 20)}
	lines := []string{
		"configure", "interface p1", "shutdown", "allow", "native 0",
		"vlan 10,20", "interface p1", "native 10", "allow 10", "up", "exit", "interface p2", "native 20", "allow 20", "up",
	}
	planned, err := s.Plan(t.Context(), want)
	if err != nil || !slices.Equal(planned, lines) {
		t.Errorf("plan %q, %v", planned, err)
	}
	d.typed = nil
	apply(t, s, want)
	d.wantTyped(t, slices.Concat([]string{"show"}, lines[:5], []string{"do show"}, lines[5:])...)
	d.wantState(t, want...)
}

// TestALostLineExposesNobody loses one line after the other, as a switch does that says yes and does nothing.
func TestALostLineExposesNobody(t *testing.T) {
	t.Parallel()
	want := []netswitch.PortState{up("p1", 10), up("p2", 20), up("p3", 30)}
	for nth := range 25 {
		d := newTin()
		*d.ports["p1"] = cli.Port{Name: "p1", Mode: cli.Trunk, Shut: true, Allowed: cli.VLANsOf(77)}
		*d.ports["p2"] = cli.Port{Name: "p2", Mode: cli.Trunk, Shut: true, Allowed: cli.VLANsOf(10)}
		d.ignore = nth
		s := d.open(t, d.family(), "")
		if _, err := s.Apply(t.Context(), want); err != nil && !sdk.IsRetryable(err) {
			t.Errorf("line %d: %v", nth, err)
		}
		for _, w := range want {
			state := d.ports[w.Port].State()
			if stray := cli.VLANsOf(state.VLANs()...).Minus(cli.VLANsOf(w.VLANs()...)); state.Up && !stray.Empty() {
				t.Errorf("without %q port %s is %+v", d.typed[nth], w.Port, state)
			}
		}
	}
}

// TestALineRefusedToAGroupMayBeDoneToSomeOfIt: such a port is half way, although it alone is refused its first line.
func TestALineRefusedToAGroupMayBeDoneToSomeOfIt(t *testing.T) {
	t.Parallel()
	d := newTin()
	for _, name := range []string{"p1", "p2"} {
		*d.ports[name] = cli.Port{Name: name, Mode: cli.Trunk, Native: 5, Allowed: cli.VLANsOf(5, 10)}
	}
	asked := 0
	d.refuse = func(line, port string) string {
		if line != "native 10" {
			return ""
		}
		if port == "p1" {
			asked++
		}
		return only(port == "p2" || asked > 1)
	}
	s := d.open(t, d.family(), "")
	apply(t, s, []netswitch.PortState{up("p1", 10), up("p2", 10)}, "native 10", "native 10")
	if !d.ports["p1"].Shut {
		t.Error("a port that is half way is left open")
	}
}
