package powerconnect55_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
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
	return append([]string{"configure", "interface gi1/0/1"}, lines...)
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
// might let through at most.
func TestCarried(t *testing.T) {
	t.Parallel()
	native := []powerconnect55.Quirk{powerconnect55.FreshTrunkNative}
	tests := map[string]struct {
		quirks           []powerconnect55.Quirk
		lines            []string
		real, configured consoletest.Carried
	}{
		"factory":                   {nil, nil, untagged(1), untagged(1)},
		"shut":                      {nil, []string{"shutdown"}, nothing, nothing},
		"access":                    {nil, []string{"switchport access vlan 10"}, untagged(10), untagged(10)},
		"access to none":            {nil, []string{"switchport access vlan none"}, nothing, nothing},
		"no access is 1":            {nil, []string{"switchport access vlan 10", "no switchport access vlan"}, untagged(1), untagged(1)},
		"a fresh trunk":             {nil, []string{"switchport mode trunk"}, trunk(1, 10, 11, 12), trunk(1, from(2, 4094)...)},
		"a fresh trunk, native":     {native, []string{"switchport mode trunk"}, untagged(1), untagged(1)},
		"a trunk of nothing":        {nil, []string{"switchport mode trunk", "switchport trunk allowed vlan none"}, nothing, untagged(1)},
		"a trunk without native":    {nil, []string{"switchport mode trunk", "switchport trunk allowed vlan none", "switchport trunk native vlan none"}, nothing, nothing},
		"add":                       {nil, []string{"switchport mode trunk", "switchport trunk allowed vlan none", "switchport trunk allowed vlan add 10,99"}, trunk(0, 10), trunk(1, 10, 99)},
		"native and allowed":        {nil, []string{"switchport mode trunk", "switchport trunk allowed vlan none", "switchport trunk allowed vlan add 10-11", "switchport trunk native vlan 10"}, trunk(10, 11), trunk(10, 11)},
		"native not allowed":        {nil, []string{"switchport mode trunk", "switchport trunk allowed vlan none", "switchport trunk allowed vlan add 11", "switchport trunk native vlan 10"}, trunk(0, 11), trunk(10, 11)},
		"except":                    {native, []string{"switchport mode trunk", "switchport trunk allowed vlan except 1,11"}, trunk(0, 10, 12), trunk(1, from(2, 4094, 11)...)},
		"idle trunk settings":       {nil, []string{"switchport trunk allowed vlan none", "switchport trunk native vlan 12"}, untagged(1), untagged(1)},
		"idle ones wake up":         {nil, []string{"switchport trunk allowed vlan none", "switchport trunk native vlan 12", "switchport mode trunk"}, nothing, untagged(12)},
		"general":                   {nil, []string{"switchport mode general"}, untagged(1), untagged(1)},
		"general with tags":         {nil, []string{"switchport mode general", "switchport general allowed vlan add 10,11 tagged"}, trunk(1, 10, 11), trunk(1, 10, 11)},
		"general with PVID alone":   {nil, []string{"switchport mode general", "switchport general pvid 10", "switchport general allowed vlan remove 1"}, nothing, untagged(10)},
		"general with PVID":         {nil, []string{"switchport mode general", "switchport general pvid 10", "switchport general allowed vlan add 10 untagged"}, trunk(10, 1), trunk(10, 1)},
		"routed":                    {nil, []string{"no switchport"}, nothing, nothing},
		"a member of a channel":     {nil, []string{"switchport access vlan 10", "channel-group 1 mode on", "interface Po1", "switchport access vlan 11"}, untagged(11), untagged(11)},
		"access VLAN deleted":       {nil, []string{"switchport access vlan 10", "exit", "vlan database", "no vlan 10"}, untagged(1), untagged(1)},
		"native VLAN deleted":       {nil, []string{"switchport mode trunk", "switchport trunk native vlan 10", "exit", "no vlan 10-12"}, untagged(1), trunk(1, from(2, 4094)...)},
		"another's VLAN deleted":    {nil, []string{"switchport access vlan 10", "exit", "vlan database", "no vlan 11"}, untagged(10), untagged(10)},
		"general PVID deleted":      {nil, []string{"switchport mode general", "switchport general pvid 10", "exit", "no vlan 10"}, untagged(1), untagged(1)},
		"a VLAN deleted and remade": {nil, []string{"switchport access vlan 10", "exit", "vlan database", "no vlan 10", "vlan 10"}, untagged(1), untagged(1)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw := powerconnect55.New(consoletest.Options{}, test.quirks...)
			setUp(t, sw, "configure", "vlan database", "vlan 10-12")
			setUp(t, sw, onPort(test.lines...)...)
			if got := sw.Carried("gi1/0/1"); !got.Equal(test.real) {
				t.Errorf("it carries %v, want %v", got, test.real)
			}
			if got := sw.Configured("gi1/0/1"); !got.Equal(test.configured) {
				t.Errorf("configured are %v, want %v", got, test.configured)
			}
		})
	}
}

// TestRunningConfig are lines typed on a port, and the running configuration then.
func TestRunningConfig(t *testing.T) {
	t.Parallel()
	const user = "username admin password encrypted ! privilege 15\n!\n"
	for name, test := range map[string]struct {
		quirks []powerconnect55.Quirk
		lines  []string
		want   string
	}{
		"factory": {nil, nil, user},
		"VLANs": {
			nil, []string{"exit", "vlan database", "vlan 10,20-22", "exit", "interface vlan 20", "name blue"},
			"vlan database\n vlan 10,20-22\nexit\n" + user + "interface vlan 20\n name blue\n!\n",
		},
		"an access port": {
			nil, []string{"exit", "vlan 10", "hostname sw", "interface gi1/0/1", "switchport access vlan 10", `description "two words"`, "shutdown"},
			"vlan database\n vlan 10\nexit\nhostname sw\n" + user +
				"interface gigabitethernet1/0/1\n description \"two words\"\n switchport access vlan 10\n shutdown\n!\n",
		},
		"what a trunk lacks": {
			nil, []string{"switchport mode trunk", "switchport trunk allowed vlan remove 1-9,11-4094", "switchport trunk native vlan none"},
			user + "interface gigabitethernet1/0/1\n switchport mode trunk\n switchport trunk native vlan none\n switchport trunk allowed vlan remove 1-9,11-4094\n!\n",
		},
		"what a trunk has": {
			[]powerconnect55.Quirk{powerconnect55.FreshTrunkNative}, []string{"switchport mode trunk", "switchport trunk allowed vlan add 10", "switchport trunk allowed vlan remove 1"},
			user + "interface gigabitethernet1/0/1\n switchport mode trunk\n switchport trunk allowed vlan remove 1\n switchport trunk allowed vlan add 10\n!\n",
		},
		"a trunk of nothing": {
			nil, []string{"switchport mode trunk", "switchport trunk allowed vlan none"},
			user + "interface gigabitethernet1/0/1\n switchport mode trunk\n switchport trunk allowed vlan none\n!\n",
		},
		"a general port": {
			nil, []string{"exit", "vlan 10", "interface te1/0/2", "switchport mode general", "switchport general allowed vlan add 10 tagged", "switchport general allowed vlan remove 1", "switchport general pvid 10"},
			"vlan database\n vlan 10\nexit\n" + user + "interface tengigabitethernet1/0/2\n switchport mode general\n" +
				" switchport general allowed vlan remove 1\n switchport general allowed vlan add 10 tagged\n switchport general pvid 10\n!\n",
		},
		"older firmware": {
			[]powerconnect55.Quirk{powerconnect55.ExitEndsBlocks}, []string{"channel-group 2 mode auto"},
			user + "interface gigabitethernet1/0/1\n channel-group 2 mode auto\nexit\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw := powerconnect55.New(consoletest.Options{}, test.quirks...)
			setUp(t, sw, onPort(test.lines...)...)
			if got := sw.RunningConfig(); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestSwitchport is the layout seen on a 55xx: active VLANs first, inactive ones below, called so once at their end.
func TestSwitchport(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	setUp(t, sw, "configure", "vlan 1511", "interface gi1/0/5", "switchport mode trunk", "switchport trunk allowed vlan none",
		"switchport trunk allowed vlan add 1511-1513", "switchport trunk native vlan 3")
	got := open(t, sw).Enter("sh int sw gi1/0/5", "console#")
	want := `Name: gi1/0/5
Switchport: enable
Administrative Mode: trunk
Operational Mode: up
Access Mode VLAN: 1
Access Multicast TV VLAN: none
Trunking Native Mode VLAN: 3 (Inactive)
Trunking VLANs Enabled: 1511
                        1512-1513 (Inactive)
General PVID: 1
General VLANs Enabled: 1
General Egress Tagged VLANs Enabled: none
`
	if !strings.HasPrefix(got, "sh int sw gi1/0/5\r\n"+strings.ReplaceAll(want, "\n", "\r\n")) || !strings.HasSuffix(got, "\r\nClassification rules:\r\n\r\nconsole#") {
		t.Errorf("got %q", got)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	setUp(t, sw, "configure", "vlan 10", "interface gi1/0/3", "switchport access vlan 10", "shutdown")
	p := open(t, sw)
	vlans := p.Enter("show vlan", "console#")
	for _, row := range []string{
		"   1                 1 gi1/0/1-2,gi1/0/4-48,              other      Required \r\n                       te1/0/1-2,Po1-8\r\n",
		"  10                10 gi1/0/3                        permanent      Required \r\n",
	} {
		if !strings.Contains(vlans, row) {
			t.Errorf("%q is not in %q", row, vlans)
		}
	}
	ports := p.Enter("show interfaces status", "console#")
	for _, row := range []string{
		"\r\ngi1/0/3  1G-Copper    Full    1000  Enabled  Off  Down        Disabled Off    \r\n",
		"\r\nte1/0/1  10G-Fiber    Full    10000 Enabled  Off  Up          Disabled Off    \r\n",
	} {
		if !strings.Contains(ports, row) {
			t.Errorf("%q is not in %q", row, ports)
		}
	}
}

func TestShowRunningInterface(t *testing.T) {
	t.Parallel()
	p := open(t, powerconnect55.New(consoletest.Options{}))
	want := "show running-config interface te1/0/1\r\ninterface tengigabitethernet1/0/1\r\n!\r\nconsole#"
	if got := p.Enter("show running-config interface te1/0/1", "console#"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQuirks(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{}, powerconnect55.TrunkNeedsVLANs, powerconnect55.PlainRangePrompt)
	for _, line := range []string{"switchport trunk allowed vlan add 10", "switchport trunk native vlan 10"} {
		if err := sw.Type(onPort(line)...); err == nil || err.Error() != "VLAN was not created by user." {
			t.Errorf("%q: %v", line, err)
		}
	}
	p := open(t, sw)
	p.Enter("configure", "#")
	p.Enter("interface range gi1/0/1-2", "console(config-if)#")
}

func TestUnprivileged(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{}, powerconnect55.Unprivileged)
	if err := sw.Type("configure", "vlan 10"); err != nil {
		t.Errorf("the serial console: %v", err)
	}
	if !strings.Contains(sw.RunningConfig(), "vlan 10") {
		t.Error("VLAN 10 was not made")
	}
}

func TestSaveAndReboot(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	setUp(t, sw, onPort("shutdown", "end", "write memory")...)
	setUp(t, sw, onPort("no shutdown")...)
	if sw.Saved() {
		t.Error("the last change counts as saved")
	}
	sw.Reboot()
	if got := sw.Carried("gi1/0/1"); !got.Nothing() || !sw.Saved() {
		t.Errorf("after a reboot the port carries %v", got)
	}
}

// TestRangesAreNotAllOrNothing shows that a port that refuses does not keep the others from being changed.
func TestRangesAreNotAllOrNothing(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	setUp(t, sw, "configure", "vlan 10", "interface gi1/0/2", "channel-group 1 mode on")
	if err := sw.Type("configure", "interface range gi1/0/1-3", "switchport access vlan 10"); err == nil {
		t.Error("the range was not refused")
	}
	if one, three := sw.Carried("gi1/0/1"), sw.Carried("gi1/0/3"); one.Native != 10 || three.Native != 10 {
		t.Errorf("the others carry %v and %v", one, three)
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	want := []string{"gi1/0/1", "gi1/0/2", "te1/0/1", "te1/0/2"}
	if got := powerconnect55.New(consoletest.Options{Ports: 2}).Ports(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
