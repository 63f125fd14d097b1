package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// apart are five ports that are wanted on VLANs of their own.
func apart() []netswitch.PortState {
	return []netswitch.PortState{up("p1", 10), up("p2", 20), up("p3", 30), up("p4", 40), up("p5", 50)}
}

// TestPortsThatOpenTogether are entered straight one after the other, and looked at before they open.
func TestPortsThatOpenTogether(t *testing.T) {
	t.Parallel()
	for _, leave := range []bool{false, true} {
		d := newTin()
		*d.ports["p7"] = cli.Port{Name: "p7", Mode: cli.Trunk, Native: 10, Allowed: cli.VLANsOf(10)}
		*d.ports["p8"] = cli.Port{Name: "p8", Mode: cli.Trunk, Native: 80, Allowed: cli.VLANsOf(80), Shut: true}
		f := d.family()
		f.Words.Leave = leave
		s := d.open(t, f, "")
		want := append(apart(), netswitch.Closed("p7"), up("p8", 80))
		before := []string{
			"configure", "vlan 10,20,30,40", "vlan 50,80", "interface p7", "shutdown", "allow", "native 0", "exit",
			"interface p1", "native 10", "allow 10", "interface p2", "native 20", "allow 20", "interface p3", "native 30", "allow 30",
			"interface p4", "native 40", "allow 40", "interface p5", "native 50", "allow 50", "exit",
		}
		after := []string{"interface p1 p2 p3 p4 p5", "up", "exit", "interface p8", "up", "exit"}
		if leave {
			after = append(after, "end")
		}
		planned, err := s.Plan(t.Context(), want)
		if err != nil || !slices.Equal(planned, slices.Concat(before, after)) {
			t.Errorf("plan %q, %v", planned, err)
		}
		d.typed = nil
		apply(t, s, want)
		d.wantTyped(t, slices.Concat([]string{"show"}, before, []string{"do show"}, after)...)
		d.wantState(t, want...)
	}
}

// TestALostLineExposesNobodyThatOpensTogether loses one line after the other: those of a port may go to the one before.
func TestALostLineExposesNobodyThatOpensTogether(t *testing.T) {
	t.Parallel()
	want := apart()
	want[1] = up("p2", 20, 21)
	for nth := range 40 {
		d := newTin()
		*d.ports["p3"] = cli.Port{Name: "p3", Mode: cli.Trunk, Shut: true, Allowed: cli.VLANsOf(77)}
		*d.ports["p2"] = cli.Port{Name: "p2", Mode: cli.Trunk, Native: 20, Allowed: cli.VLANsOf(20)}
		d.ignore = nth
		s := d.open(t, d.family(), "")
		results, err := s.Apply(t.Context(), want)
		if err != nil && !sdk.IsRetryable(err) {
			t.Errorf("line %d: %v", nth, err)
		}
		for i, w := range want {
			state := d.ports[w.Port].State()
			if stray := cli.VLANsOf(state.VLANs()...).Minus(cli.VLANsOf(w.VLANs()...)); state.Up && !stray.Empty() {
				t.Errorf("without %q port %s is %+v", d.typed[nth], w.Port, state)
			}
			if err == nil && results[i].Err == nil && w.Port != "p2" && state.Up && !state.Equal(w) {
				t.Errorf("without %q port %s is opened as %+v", d.typed[nth], w.Port, state)
			}
			if err == nil && results[i].Err != nil && !results[i].Err.Retryable {
				t.Errorf("without %q port %s: %v", d.typed[nth], w.Port, results[i].Err)
			}
		}
	}
}

// TestOnlyTheCulpritsDoNotOpen: what is refused to one port keeps no other from opening with the rest.
func TestOnlyTheCulpritsDoNotOpen(t *testing.T) {
	t.Parallel()
	d := newTin()
	d.refuse = func(line, port string) string {
		if list, isVLANs := strings.CutPrefix(line, "vlan "); isVLANs && strings.Contains(list, "70") {
			return "no VLAN 70"
		}
		refused := port == "p2" && line == "allow 20" || port == "p3" && line == "up" || port == "p4" && strings.HasPrefix(line, "interface")
		if port == "p5" && line == "allow 50" {
			d.pending = refusal(sdk.Refused, line, "late: no "+port)
		}
		return map[bool]string{true: "no " + port}[refused]
	}
	s := d.open(t, d.family(), "")
	*d.ports["p7"] = cli.Port{Name: "p7", Mode: cli.Trunk, Native: 70, Allowed: cli.VLANsOf(70), Shut: true}
	want := append(apart(), up("p6", 60), up("p7", 70))
	apply(t, s, want, "", "no p2", "no p3", "no port p4", "late: no p5", "", "no VLAN 70")
	d.wantState(t, want[0], want[5])
	for _, name := range []string{"p2", "p3", "p4", "p5", "p7"} {
		if !d.ports[name].Shut {
			t.Errorf("the refused port %s is left open", name)
		}
	}
}

// TestALateRefusalOfTheLastBeforeAllOpen comes when the last of the ports is left.
func TestALateRefusalOfTheLastBeforeAllOpen(t *testing.T) {
	t.Parallel()
	d := newTin()
	d.refuse = func(line, port string) string {
		if port == "p5" && line == "allow 50" {
			d.pending = refusal(sdk.Refused, line, "late: no "+port)
		}
		return ""
	}
	s := d.open(t, d.family(), "")
	apply(t, s, apart(), "", "", "", "", "late: no p5")
	d.wantState(t, apart()[:4]...)
	if !d.ports["p5"].Shut {
		t.Error("the refused port is left open")
	}
}

// TestFewPortsOpenOneByOne: that takes fewer lines.
func TestFewPortsOpenOneByOne(t *testing.T) {
	t.Parallel()
	for n := 1; n < 4; n++ {
		d := newTin()
		s := d.open(t, d.family(), "")
		apply(t, s, apart()[:n])
		if looks := strings.Count(fmt.Sprint(d.typed), "show"); looks != 1 {
			t.Errorf("%d ports are looked at %d times: %q", n, looks, d.typed)
		}
		d.wantState(t, apart()[:n]...)
	}
}
