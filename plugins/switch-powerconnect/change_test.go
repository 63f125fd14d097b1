// A program cannot be imported, so its tests are inside.

package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func up(native int, tagged ...int) netswitch.PortState {
	return netswitch.PortState{Port: "gi1/0/1", Native: native, Tagged: tagged, Up: true}
}

func trunk(native int, allowed ...int) cli.Port {
	return cli.Port{Name: "gi1/0/1", Mode: cli.Trunk, Native: native, Allowed: cli.VLANsOf(allowed...)}
}

// factoryState is a port without lines.
func factoryState(t *testing.T) cli.Port {
	t.Helper()
	p, err := parsePort("gi1/0/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.Port
}

func shut(p cli.Port) cli.Port {
	p.Shut = true
	return p
}

func TestLines(t *testing.T) {
	t.Parallel()
	closed := netswitch.Closed("gi1/0/1")
	factory := factoryState(t)
	for name, c := range map[string]struct {
		from cli.Port
		want netswitch.PortState
		send []string
	}{
		"nothing to do":  {trunk(10, 10, 20), up(10, 20), nil},
		"closed already": {shut(trunk(0)), closed, nil},
		"an access port that carries what is wanted": {cli.Port{Name: "gi1/0/1", Mode: cli.Access, Access: 10}, up(10), nil},
		"connect a native VLAN to a closed port": {shut(trunk(0)), up(10), []string{
			"sw trunk allowed vlan add 10", "switchport trunk native vlan 10", "no shutdown"}},
		"connect one tagged VLAN more": {trunk(10, 10), up(10, 20), []string{"sw trunk allowed vlan add 20"}},
		"detach a tagged VLAN":         {trunk(10, 10, 20), up(10), []string{"sw trunk allowed vlan remove 20"}},
		"detach the native VLAN":       {trunk(10, 10, 20), up(0, 20), []string{"switchport trunk native vlan none", "sw trunk allowed vlan remove 10"}},
		"close":                        {trunk(10, 10), closed, []string{"shutdown", "switchport trunk native vlan none", "sw trunk allowed vlan none"}},
		"exchange everything": {trunk(10, 10, 20), up(30, 40), []string{
			"switchport trunk native vlan none", "sw trunk allowed vlan none",
			"sw trunk allowed vlan add 30,40", "switchport trunk native vlan 30"}},
		"a native VLAN that is not let through is not left": {trunk(1, 10), up(0, 10), []string{"switchport trunk native vlan none"}},
		"close a factory port": {factory, closed, []string{
			"shutdown", "sw trunk allowed vlan none", "switchport trunk native vlan none", "switchport mode trunk",
			"switchport trunk native vlan none", "sw trunk allowed vlan none"}},
		"a trunk that lets everything through": {
			cli.Port{Name: "gi1/0/1", Mode: cli.Trunk, Native: 10, Allowed: cli.AllVLANs()}, up(10), []string{
				"sw trunk allowed vlan none", "sw trunk allowed vlan add 10"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := change(c.from, c.want, cli.Settings{}); !slices.Equal(got, c.send) {
				t.Errorf("sends\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.send, "\n"))
			}
		})
	}
}

func TestLinesAreShort(t *testing.T) {
	t.Parallel()
	var even []int
	for id := 2; id <= 4094; id += 2 {
		even = append(even, id)
	}
	for _, from := range []cli.Port{trunk(0), trunk(0, even[:1000]...), factoryState(t)} {
		for _, line := range append(change(from, up(0, even...), cli.Settings{}), change(from, up(0, 3, 4), cli.Settings{})...) {
			if longestHost+len("(config-if-range)#")+len(line) > width {
				t.Errorf("too long behind a long prompt: %s", line)
			}
		}
	}
}

// model is a port as simple as it can be, of a firmware with certain habits.
type model struct {
	cli.Port
	// forgets says that a change of mode puts the trunk back to its factory settings.
	forgets bool
	fresh   cli.VLANs
}

// carries is what the port carries, whether or not the native VLAN needs to be among those let through.
func (m *model) carries() cli.VLANs {
	switch {
	case m.Shut:
		return cli.VLANs{}
	case m.Mode == cli.Trunk:
		return m.Allowed.Plus(cli.VLANsOf(m.Native))
	case m.Mode == cli.Access:
		return cli.VLANsOf(m.Access)
	}
	return cli.AllVLANs()
}

func (m *model) enter(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(line)
	last := words[len(words)-1]
	switch {
	case line == "shutdown" || line == "no shutdown":
		m.Shut = line == "shutdown"
	case line == "switchport mode trunk":
		if m.Mode = cli.Trunk; m.forgets {
			m.Allowed, m.Native = m.fresh, 1
		}
	case strings.HasPrefix(line, "switchport trunk native vlan "):
		m.Native, _ = strconv.Atoi(last)
	case strings.HasPrefix(line, "sw trunk allowed vlan "):
		c, err := parseChange(strings.TrimPrefix(line, "sw trunk allowed vlan "))
		if err != nil {
			t.Fatal(err)
		}
		m.Allowed = c.apply(m.Allowed)
	default:
		t.Fatalf("the model does not know %q", line)
	}
}

// somePort is any port, some states likelier than others.
func somePort(r *rand.Rand) cli.Port {
	lists := []cli.VLANs{{}, cli.AllVLANs(), cli.VLANsOf(1), cli.VLANsOf(10, 20, 30), cli.VLANsOf(r.IntN(4094)+1, 10)}
	return cli.Port{
		Name: "gi1/0/1", Mode: cli.Mode(r.IntN(3)), Access: r.IntN(2) * 10, Native: []int{0, 1, 10, 20, 4000}[r.IntN(5)],
		Allowed: lists[r.IntN(len(lists))], Shut: r.IntN(2) == 0,
	}
}

func someState(r *rand.Rand) netswitch.PortState {
	want := up([]int{0, 10, 20, 1}[r.IntN(4)], [][]int{nil, {30}, {11, 12, 30}, {4000}}[r.IntN(4)]...)
	want.Up = len(want.VLANs()) > 0
	return want
}

func TestNoLineExposesAPort(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := &model{Port: somePort(r), forgets: r.IntN(2) == 0, fresh: []cli.VLANs{{}, cli.AllVLANs()}[r.IntN(2)]}
		from, want := m.Port, someState(r)
		allowed := m.carries().Plus(cli.VLANsOf(want.VLANs()...))
		lines := change(from, want, cli.Settings{})
		for i, line := range lines {
			m.enter(t, line)
			if strange := m.carries().Minus(allowed); !strange.Empty() {
				t.Fatalf("seed %d: from %+v to %+v: after %q it carries %s", seed, from, want, lines[:i+1], strange)
			}
		}
		if !m.State().Equal(want) || m.carries() != cli.VLANsOf(want.VLANs()...) {
			t.Fatalf("seed %d: from %+v by %q: %+v, want %+v", seed, from, lines, m.State(), want)
		}
		if again := change(m.Port, want, cli.Settings{}); len(again) != 0 {
			t.Fatalf("seed %d: once there it still sends %q", seed, again)
		}
	}
}

func TestADeviceDeafToOneLineDoesNotOpenAFreshTrunk(t *testing.T) {
	t.Parallel()
	for _, want := range []netswitch.PortState{up(10, 20), up(0, 20)} {
		from := factoryState(t)
		old := (&model{Port: from}).carries()
		lines := change(from, want, cli.Settings{})
		for deaf := range lines {
			m := &model{Port: from}
			for i, line := range lines {
				if i != deaf {
					m.enter(t, line)
				}
				if strange := m.carries().Minus(old).Minus(cli.VLANsOf(10, 20)); !strange.Empty() {
					t.Errorf("deaf to %q, after %q it carries %s", lines[deaf], line, strange)
				}
			}
		}
	}
}
