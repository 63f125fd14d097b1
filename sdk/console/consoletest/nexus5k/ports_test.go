package nexus5k_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
)

// setUp types lines that must be accepted.
func setUp(t *testing.T, sw consoletest.Switch, lines ...string) {
	t.Helper()
	if err := sw.Type(lines...); err != nil {
		t.Fatal(err)
	}
}

// onPort are lines with the way to a port before them.
func onPort(lines ...string) []string {
	return append([]string{"configure terminal", "interface ethernet 1/1"}, lines...)
}

// from are the ids from first to last without some.
func from(first, last int, without ...int) []int {
	var ids []int
	for id := first; id <= last; id++ {
		if !slices.Contains(without, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// nothing, untagged and trunk are what a port carries.
var nothing consoletest.Carried

func untagged(id int) consoletest.Carried { return consoletest.Carried{Native: id} }

func trunk(native int, tagged ...int) consoletest.Carried {
	return consoletest.Carried{Native: native, Tagged: tagged}
}

// TestCarried are lines typed on a fresh switch with the VLANs 10 to 12, and what its first port then lets through, and
// would let through if all VLANs existed.
func TestCarried(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		lines            []string
		real, configured consoletest.Carried
	}{
		"factory":                  {nil, untagged(1), untagged(1)},
		"shut":                     {[]string{"shutdown"}, nothing, nothing},
		"up again":                 {[]string{"shutdown", "no shutdown"}, untagged(1), untagged(1)},
		"access":                   {[]string{"switchport access vlan 10"}, untagged(10), untagged(10)},
		"access to a missing VLAN": {[]string{"switchport access vlan 99"}, nothing, untagged(99)},
		"no access":                {[]string{"switchport access vlan 10", "no switchport access vlan"}, untagged(1), untagged(1)},
		"a fresh trunk":            {[]string{"switchport mode trunk"}, trunk(1, 10, 11, 12), trunk(1, from(2, 4094)...)},
		"a trunk of nothing":       {[]string{"switchport mode trunk", "switchport trunk allowed vlan none"}, nothing, nothing},
		"no list is all": {
			[]string{"switchport mode trunk", "switchport trunk allowed vlan none", "no switchport trunk allowed vlan"},
			trunk(1, 10, 11, 12), trunk(1, from(2, 4094)...),
		},
		"a list":             {[]string{"switchport mode trunk", "switchport trunk allowed vlan 10-11,99"}, trunk(0, 10, 11), trunk(0, 10, 11, 99)},
		"add on a fresh one": {[]string{"switchport mode trunk", "switchport trunk allowed vlan add 10"}, trunk(1, 10, 11, 12), trunk(1, from(2, 4094)...)},
		"add and remove": {
			[]string{"switchport mode trunk", "switchport trunk allowed vlan 10", "switchport trunk allowed vlan add 11-12", "switchport trunk allowed vlan remove 10"},
			trunk(0, 11, 12), trunk(0, 11, 12),
		},
		"except":             {[]string{"switchport mode trunk", "switchport trunk allowed vlan except 1,11"}, trunk(0, 10, 12), trunk(0, from(2, 4094, 11)...)},
		"native and allowed": {[]string{"switchport mode trunk", "switchport trunk native vlan 10", "switchport trunk allowed vlan 10-11"}, trunk(10, 11), trunk(10, 11)},
		"native not allowed": {[]string{"switchport mode trunk", "switchport trunk native vlan 10", "switchport trunk allowed vlan 11"}, trunk(0, 11), trunk(0, 11)},
		"native missing":     {[]string{"switchport mode trunk", "switchport trunk native vlan 99", "switchport trunk allowed vlan 11,99"}, trunk(0, 11), trunk(99, 11)},
		"no native is 1": {
			[]string{"switchport mode trunk", "switchport trunk native vlan 10", "no switchport trunk native vlan", "switchport trunk allowed vlan 1,10"},
			trunk(1, 10), trunk(1, 10),
		},
		"idle trunk settings":  {[]string{"switchport trunk allowed vlan 11", "switchport trunk native vlan 12"}, untagged(1), untagged(1)},
		"idle ones wake up":    {[]string{"switchport trunk allowed vlan 11", "switchport mode trunk"}, trunk(0, 11), trunk(0, 11)},
		"idle access settings": {[]string{"switchport access vlan 10", "switchport mode trunk", "switchport mode access"}, untagged(10), untagged(10)},
		"routed":               {[]string{"no switchport"}, nothing, nothing},
		"switched again":       {[]string{"no switchport", "switchport"}, untagged(1), untagged(1)},
		"a member carries what its channel does": {
			[]string{"switchport access vlan 10", "channel-group 24", "interface port-channel 24", "switchport access vlan 11"},
			untagged(11), untagged(11),
		},
		"a suspended VLAN": {[]string{"switchport access vlan 10", "vlan 10", "state suspend"}, nothing, untagged(10)},
		"a VLAN shut":      {[]string{"switchport access vlan 10", "vlan 10", "shutdown"}, nothing, untagged(10)},
		"a VLAN deleted":   {[]string{"switchport access vlan 10", "no vlan 10"}, nothing, untagged(10)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw := nexus5k.New(consoletest.Options{})
			setUp(t, sw, "configure terminal", "vlan 10-12")
			setUp(t, sw, onPort(test.lines...)...)
			if got := sw.Carried("Ethernet1/1"); !got.Equal(test.real) {
				t.Errorf("it carries %v, want %v", got, test.real)
			}
			if got := sw.Configured("Ethernet1/1"); !got.Equal(test.configured) {
				t.Errorf("configured are %v, want %v", got, test.configured)
			}
			if got := sw.Carried("Ethernet1/2"); test.lines != nil && got.Native != 1 {
				t.Errorf("another port carries %v", got)
			}
		})
	}
}

// TestRunningConfig are lines typed on a port, and the lines its block then has.
func TestRunningConfig(t *testing.T) {
	t.Parallel()
	odd := make([]string, 0, 60)
	for id := 101; id <= 219; id += 2 {
		odd = append(odd, fmt.Sprint(id))
	}
	for name, test := range map[string]struct{ lines, want []string }{
		"factory": {nil, nil},
		"all of it": {
			[]string{"shutdown", "switchport trunk allowed vlan 18,20,23-24,29", "switchport trunk native vlan 18", "switchport access vlan 5", "switchport mode trunk", "description node 12, eth0", "spanning-tree port type edge trunk"},
			[]string{
				"shutdown", "description node 12, eth0", "switchport mode trunk", "switchport access vlan 5", "switchport trunk native vlan 18",
				"switchport trunk allowed vlan 18,20,23-24,29", "spanning-tree port type edge trunk",
			},
		},
		"defaults": {[]string{"switchport mode access", "switchport access vlan 1", "switchport trunk native vlan 1", "switchport trunk allowed vlan all", "no shutdown"}, nil},
		"idle settings": {
			[]string{"switchport trunk native vlan 18", "switchport trunk allowed vlan 5"},
			[]string{"switchport trunk native vlan 18", "switchport trunk allowed vlan 5"},
		},
		"nothing allowed":  {[]string{"switchport trunk allowed vlan none"}, []string{"switchport trunk allowed vlan none"}},
		"a routed port":    {[]string{"switchport access vlan 5", "no switchport"}, []string{"no switchport"}},
		"a member":         {[]string{"channel-group 7 mode active"}, []string{"channel-group 7 mode active"}},
		"a passing member": {[]string{"channel-group 7", "no channel-group"}, nil},
		"a long list": {
			[]string{"switchport trunk allowed vlan " + strings.Join(odd, ",")},
			[]string{
				"switchport trunk allowed vlan " + strings.Join(odd[:15], ","), "switchport trunk allowed vlan add " + strings.Join(odd[15:30], ","),
				"switchport trunk allowed vlan add " + strings.Join(odd[30:45], ","), "switchport trunk allowed vlan add " + strings.Join(odd[45:], ","),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw := nexus5k.New(consoletest.Options{})
			setUp(t, sw, onPort(test.lines...)...)
			want := "\ninterface Ethernet1/1\n"
			for _, line := range test.want {
				want += "  " + line + "\n"
			}
			if got := sw.RunningConfig(); !strings.Contains(got, want+"\ninterface Ethernet1/2\n") {
				t.Errorf("%q is not in %q", want, got)
			}
		})
	}
}

// TestLateRefusals makes VLANs when their mode is left.
func TestLateRefusals(t *testing.T) {
	t.Parallel()
	const refusal = "ERROR: VLAN 3970 is reserved for internal use and cannot be created"
	for _, out := range []string{"exit", "end", "interface ethernet 1/1", "vlan 20"} {
		t.Run(out, func(t *testing.T) {
			t.Parallel()
			sw := nexus5k.New(consoletest.Options{Hostname: "sw"}, nexus5k.LateRefusals)
			setUp(t, sw, onPort("switchport access vlan 10")...)
			p := open(t, sw)
			p.Enter("configure terminal", "# ")
			if got, want := p.Enter("vlan 10,3970", "# "), "vlan 10,3970\r\r\n\rsw(config-vlan)# "; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := sw.Carried("Ethernet1/1"); !got.Nothing() {
				t.Errorf("before %q the port carries %v", out, got)
			}
			if got := p.Enter(out, "# "); !strings.HasPrefix(got, out+"\r\r\n"+refusal+"\r\n\rsw") {
				t.Errorf("got %q", got)
			}
			if got := sw.Carried("Ethernet1/1"); got.Native != 10 {
				t.Errorf("after %q the port carries %v", out, got)
			}
		})
	}
}

// TestDroppedLateVLANs shows that a VLAN is made also when its session goes away.
func TestDroppedLateVLANs(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{}, nexus5k.LateRefusals)
	setUp(t, sw, "configure terminal", "vlan 10", "name blue")
	if config := sw.RunningConfig(); !strings.Contains(config, "\nvlan 10\n  name blue\n") {
		t.Errorf("the VLAN is not in %q", config)
	}
}

func TestNewerRelease(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{Hostname: "sw"}, nexus5k.NewerRelease)
	if err := sw.Type("configure terminal", "vlan 4050"); err == nil {
		t.Error("VLAN 4050 was made")
	}
	p := open(t, sw)
	if got := p.Enter("copy running-config startup-config", "# "); !strings.HasSuffix(got, "(please wait)...\r\nCopy complete.\r\n\rsw# ") {
		t.Errorf("a save said %q", got)
	}
}

func TestSaveAndReboot(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{})
	if !sw.Saved() {
		t.Error("a fresh switch has something to save")
	}
	setUp(t, sw, "configure terminal", "vlan 10", "hostname older", "interface ethernet 1/1", "switchport access vlan 10")
	if sw.Saved() {
		t.Error("nothing was saved, but the switch thinks so")
	}
	setUp(t, sw, "copy running-config startup-config")
	setUp(t, sw, "configure terminal", "hostname newer", "interface ethernet 1/1", "shutdown")
	sw.Reboot()
	if got := sw.Carried("Ethernet1/1"); got.Native != 10 || !strings.Contains(sw.RunningConfig(), "\nhostname older\n") || !sw.Saved() {
		t.Errorf("after a reboot the port carries %v, and the configuration is %q", got, sw.RunningConfig())
	}
}

// TestRangesAreNotAllOrNothing shows that a port that refuses does not keep the others from being changed.
func TestRangesAreNotAllOrNothing(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{})
	setUp(t, sw, "configure terminal", "vlan 10", "interface ethernet 1/2", "channel-group 3")
	err := sw.Type("configure terminal", "interface ethernet 1/1-3", "switchport access vlan 10")
	if err == nil || err.Error() != "ERROR: Ethernet1/2: port is a member of port-channel3, configure that instead" {
		t.Errorf("got %v", err)
	}
	if one, three := sw.Carried("Ethernet1/1"), sw.Carried("Ethernet1/3"); one.Native != 10 || three.Native != 10 {
		t.Errorf("the others carry %v and %v", one, three)
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	want := []string{"Ethernet1/1", "Ethernet1/2", "Ethernet101/1/1", "Ethernet101/1/2", "Ethernet101/1/3", "Ethernet101/1/4"}
	if got := nexus5k.New(consoletest.Options{Ports: 2}).Ports(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
