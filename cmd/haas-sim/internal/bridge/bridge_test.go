package bridge_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas-sim/internal/bridge"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
)

// recorder is an ovs-vsctl that only remembers.
type recorder struct {
	calls []string
	err   error
}

func (r *recorder) run(_ context.Context, args ...string) error {
	r.calls = append(r.calls, strings.Join(args, " "))
	return r.err
}

// last is the last call, and forgets all.
func (r *recorder) last() string {
	if len(r.calls) == 0 {
		return ""
	}
	last := r.calls[len(r.calls)-1]
	r.calls = nil
	return last
}

func set(plug, columns string) string {
	return " -- --may-exist add-port br0 " + plug + " -- set Port " + plug + " " + columns
}

const head = "--timeout=10 --db=unix:/run/x.sock"

func follow(t *testing.T, r *recorder, failed func(error)) (*bridge.Bridge, *nexus5k.Switch) {
	t.Helper()
	sw := nexus5k.New(consoletest.Options{})
	b := &bridge.Bridge{
		Name: "br0", Database: "unix:/run/x.sock", Control: r.run,
		Plugs: map[string]string{"Ethernet1/1": "veth1", "Ethernet1/2": "veth2"},
	}
	if err := b.Follow(t.Context(), sw, failed); err != nil {
		t.Fatal(err)
	}
	return b, sw
}

// TestFollow types on a switch, and looks at what its bridge is told after the last line.
func TestFollow(t *testing.T) {
	t.Parallel()
	var r recorder
	b, sw := follow(t, &r, func(err error) { t.Error(err) })
	const open = "vlan_mode=access tag=1 trunks=[] protected=false"
	if got, want := r.last(), head+set("veth1", open)+set("veth2", open); got != want {
		t.Errorf("at first: got %q, want %q", got, want)
	}
	if err := sw.Type("configure terminal", "vlan 10-12"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ line, want string }{
		{"shutdown", "vlan_mode=access tag=4095 trunks=[] protected=true"},
		{"switchport trunk allowed vlan 10-11", ""},
		{"switchport mode trunk", ""},
		{"no shutdown", "vlan_mode=trunk tag=[] trunks=[10,11] protected=false"},
		{"switchport trunk native vlan 10", "vlan_mode=native-untagged tag=10 trunks=[11] protected=false"},
		{"switchport trunk allowed vlan 10", "vlan_mode=access tag=10 trunks=[] protected=false"},
		{"switchport trunk allowed vlan 10,99", ""},
		{"vlan 99", "vlan_mode=native-untagged tag=10 trunks=[99] protected=false"},
	} {
		if err := sw.Type("configure terminal", "interface ethernet 1/1", step.line); err != nil {
			t.Fatal(err)
		}
		want := ""
		if step.want != "" {
			want = head + set("veth1", step.want)
		}
		if got := r.last(); got != want {
			t.Errorf("after %q: got %q, want %q", step.line, got, want)
		}
	}
	if err := sw.Type("configure terminal", "interface ethernet 1/3", "shutdown"); err != nil || r.last() != "" {
		t.Errorf("another port changed the bridge, or: %v", err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	const shut = "vlan_mode=access tag=4095 trunks=[] protected=true"
	if got, want := r.last(), head+set("veth1", shut)+set("veth2", shut); got != want {
		t.Errorf("at last: got %q, want %q", got, want)
	}
}

func TestReboot(t *testing.T) {
	t.Parallel()
	var r recorder
	_, sw := follow(t, &r, func(err error) { t.Error(err) })
	if err := sw.Type("configure terminal", "interface ethernet 1/2", "shutdown"); err != nil {
		t.Fatal(err)
	}
	sw.Reboot()
	if got, want := r.last(), head+set("veth2", "vlan_mode=access tag=1 trunks=[] protected=false"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFailure shows that a change that failed is told, and tried again with the next command.
func TestFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("no database")
	var r recorder
	var told []error
	_, sw := follow(t, &r, func(err error) { told = append(told, err) })
	r.err = broken
	if err := sw.Type("configure terminal", "interface ethernet 1/1", "shutdown"); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || !errors.Is(told[0], broken) {
		t.Errorf("told %v", told)
	}
	r.err, r.calls = nil, nil
	if err := sw.Type("configure terminal"); err != nil {
		t.Fatal(err)
	}
	if got := r.last(); !strings.Contains(got, "set Port veth1 vlan_mode=access tag=4095") {
		t.Errorf("it was not tried again: %q", got)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]*bridge.Bridge{
		"no bridge":            {Plugs: map[string]string{"Ethernet1/1": "veth1"}},
		"an option as bridge":  {Name: "--db=tcp"},
		"a port of nobody":     {Name: "br0", Plugs: map[string]string{"Ethernet9/9": "veth1"}},
		"an option as plug":    {Name: "br0", Plugs: map[string]string{"Ethernet1/1": "--"}},
		"a plug with a blank":  {Name: "br0", Plugs: map[string]string{"Ethernet1/1": "a b"}},
		"a plug that is empty": {Name: "br0", Plugs: map[string]string{"Ethernet1/1": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			b.Control = r.run
			if err := b.Follow(t.Context(), nexus5k.New(consoletest.Options{}), nil); err == nil {
				t.Error("it was followed")
			}
			if !slices.Equal(r.calls, nil) {
				t.Errorf("it was told %q", r.calls)
			}
		})
	}
}
