// A program cannot be imported, so its tests are inside.

package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
)

// answers are what a switch says to each line; it is asked nothing else.
type answers map[string]string

func (a answers) run(_ context.Context, line string) (string, error) {
	text, ok := a[line]
	if !ok {
		return "", &sdk.Error{Code: sdk.Refused, Text: line + ": % Unrecognized command"}
	}
	return text, nil
}

const status = `
Port     Type         Duplex  Speed Neg      ctrl State       Pressure Mode
-------- ------------ ------  ----- -------- ---- ----------- -------- -------
gi1/0/1  1G-Copper    Full    1000  Enabled  Off  Up          Disabled Off
gi1/0/2  1G-Copper      --      --     --     --  Down           --     --
gi1/0/9  1G-Copper      --      --     --     --  Down           --     --
te1/0/1  10G-Fiber      --      --     --     --  Down           --     --

Ch       Type    Duplex  Speed  Neg      control  State
-------- ------- ------  -----  -------- -------  -----------
Po1         --     --      --      --       --    Not Present
`

func TestRead(t *testing.T) {
	t.Parallel()
	a := answers{"show running-config": newer}
	wantRead(t, a, []string{"gi1/0/2", "gi1/0/1"}, "gi1/0/1", "gi1/0/2")
	a["show interfaces status"] = status
	wantRead(t, a, []string{"gi1/0/40", "gi1/0/9", "gi1/0/1"}, "gi1/0/1", "gi1/0/9")
	a["show running-config"] = "interface vlan 1\n!\n"
	wantRead(t, a, nil, "gi1/0/1", "gi1/0/2", "gi1/0/9", "te1/0/1")
}

func wantRead(t *testing.T, a answers, ports []string, want ...string) {
	t.Helper()
	found, err := read(t.Context(), a.run, ports, cli.Settings{})
	var names []string
	for _, p := range found {
		names = append(names, p.Name)
	}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("read of %q: %q, %v", ports, names, err)
	}
}

func TestReadTellsWhichVLANsExist(t *testing.T) {
	t.Parallel()
	found, err := read(t.Context(), answers{"show running-config": newer}.run, []string{"gi1/0/2"}, cli.Settings{})
	if err != nil || found[0].Exist != cli.VLANsOf(1, 10, 20, 21, 22, 1511) {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestOneAnswerTellsTheFirmwaresHabit because a question costs as much as a line of configuration.
func TestOneAnswerTellsTheFirmwaresHabit(t *testing.T) {
	t.Parallel()
	const head = "vlan database\nvlan 10,30\nexit\ninterface gi1/0/3\n switchport mode trunk\n"
	for name, c := range map[string]struct {
		lines, said  string
		first, third cli.VLANs
	}{
		"nothing":                  {"", " none", cli.VLANs{}, cli.VLANs{}},
		"VLAN 1":                   {"", " 1", cli.VLANsOf(1), cli.VLANsOf(1)},
		"everything":               {"", " 1,10,30\n    2-9,11-29,31-4094 (Inactive)", cli.AllVLANs(), cli.AllVLANs()},
		"everything that exists":   {"", " 1,10,30", cli.AllVLANs(), cli.AllVLANs()},
		"nothing, and some more":   {" switchport trunk allowed vlan add 10\n", " 10", cli.VLANsOf(10), cli.VLANs{}},
		"VLAN 1, and some more":    {" switchport trunk allowed vlan add 10\n", " 1,10", cli.VLANsOf(1, 10), cli.VLANsOf(1)},
		"VLAN 1, without it":       {" switchport trunk allowed vlan remove 1\n", " none", cli.VLANs{}, cli.VLANsOf(1)},
		"not known to this driver": {"", " 30", cli.VLANsOf(30), cli.VLANsOf(30)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := answers{
				"show running-config":                head + "!\ninterface gi1/0/1\n switchport mode trunk\n" + c.lines + "!\n",
				"show interfaces switchport gi1/0/1": switchport("gi1/0/1", c.said),
			}
			if name == "not known to this driver" {
				a["show interfaces switchport gi1/0/3"] = switchport("gi1/0/3", c.said)
			}
			found, err := read(t.Context(), a.run, []string{"gi1/0/1", "gi1/0/3"}, cli.Settings{})
			if err != nil || len(found) != 2 || found[0].Allowed != c.first || found[1].Allowed != c.third {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
}

// TestLinesThatTellTheHabitSaveTheQuestion because nearly all do.
func TestLinesThatTellTheHabitSaveTheQuestion(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]cli.VLANs{
		"remove 1-9,11-4094":      cli.VLANsOf(10),
		"remove 1\nadd 10":        cli.VLANsOf(10),
		"none\nadd 10":            cli.VLANsOf(10),
		"all":                     cli.AllVLANs(),
		"except 1-9,11-4094":      cli.VLANsOf(10),
		"10,20":                   cli.VLANsOf(10, 20),
		"remove 1-99\nremove 200": cli.AllVLANs().Minus(cli.VLANsOf(200)).Minus(upTo(99)),
	} {
		config := "interface gi1/0/1\n switchport mode trunk\n"
		for line := range strings.SplitSeq(lines, "\n") {
			config += " switchport trunk allowed vlan " + line + "\n"
		}
		found, err := read(t.Context(), answers{"show running-config": config + "!\n"}.run, []string{"gi1/0/1"}, cli.Settings{})
		if err != nil || found[0].Allowed != want {
			t.Errorf("%q: %+v, %v", lines, found, err)
		}
	}
}

func upTo(last int) cli.VLANs {
	var v cli.VLANs
	for id := range last {
		v = v.Plus(cli.VLANsOf(id + 1))
	}
	return v
}

func TestAnAnswerThatIsCutOffIsWorthAnotherTry(t *testing.T) {
	t.Parallel()
	for _, a := range []answers{
		{"show running-config": ""},
		{"show running-config": before(newer, "remove 1-9")},
		{"show running-config": newer, "show interfaces status": status[:len(status)/2]},
		{
			"show running-config":                "interface gi1/0/3\n switchport mode trunk\n!\n",
			"show interfaces status":             status,
			"show interfaces switchport gi1/0/3": "Name: gi1/0/3\n",
		},
		{"show running-config": "interface gi1/0/3\n switchport m~de ~ru~k\n!\n", "show interfaces status": status},
	} {
		found, err := read(t.Context(), a.run, []string{"gi1/0/3", "gi1/0/40"}, cli.Settings{})
		if !sdk.IsRetryable(err) || sdk.CodeOf(err) != sdk.Internal {
			t.Errorf("%+v, %v", found, err)
		}
	}
}
