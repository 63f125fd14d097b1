package nexus5k_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
)

// open logs in and switches paging and wrapping off.
func open(t *testing.T, sw *nexus5k.Switch) *peer.Peer {
	t.Helper()
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	p.Login("login: ", "Password: ", "# ")
	p.Enter("terminal width 511", "# ")
	p.Enter("terminal length 0", "# ")
	return p
}

func TestLogin(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{Hostname: "TEST-12345"})
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	said := p.Login("login: ", "Password: ", "# ")
	if !strings.HasPrefix(said, "Nexus 5000 Switch\r\nlogin: admin\r\nPassword: \r\nCisco Nexus Operating System") {
		t.Errorf("the login began with %q", said)
	}
	if !strings.HasSuffix(said, "lgpl-2.1.php\r\n\rTEST-12345# ") {
		t.Errorf("the login ended in %q", said)
	}
	if got, want := p.Enter("terminal length 0", "# "), "terminal length 0\r\r\n\rTEST-12345# "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	sw := nexus5k.New(consoletest.Options{})
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	p.Until("login: ")
	for range 2 {
		p.Type("admin\rwrong\r")
		if got, want := p.Until("login: "), "admin\r\nPassword: \r\nLogin incorrect\r\nlogin: "; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	p.Type("admin\rwrong\r")
	if rest := p.Rest(); !strings.HasSuffix(rest, "Login incorrect\r\n") {
		t.Errorf("the device closed with %q", rest)
	}
	if n := sw.Logins(); n != 0 {
		t.Errorf("%d logins were counted", n)
	}
}

// TestEnds shows that all ends of lines are one Enter.
func TestEnds(t *testing.T) {
	t.Parallel()
	p := open(t, nexus5k.New(consoletest.Options{Hostname: "sw"}))
	for _, end := range []string{"\r", "\n", "\r\n", "\r\x00"} {
		p.Type("show hostname" + end + "show vlan id 5" + end)
		want := "show hostname\r\r\nsw \r\n\rsw# show vlan id 5\r\r\nVLAN 5 not found in current VLAN database\r\n\rsw# "
		if got := p.Until("database\r\n\rsw# "); got != want {
			t.Errorf("%q: got %q, want %q", end, got, want)
		}
	}
}

// TestWords are lines and exactly what the device says to them, after other lines that bring it there.
func TestWords(t *testing.T) {
	t.Parallel()
	const welcome = "Enter configuration commands, one per line. End with CNTL/Z."
	tests := map[string]struct {
		before []string
		line   string
		answer string
		prompt string
	}{
		"an unknown command":         {nil, "foo", "    ^\n% Invalid command at '^' marker.", "sw# "},
		"an unknown word":            {nil, "show foo", "         ^\n% Invalid command at '^' marker.", "sw# "},
		"an incomplete line":         {nil, "show", "        ^\n% Incomplete command at '^' marker.", "sw# "},
		"configure alone":            {nil, "configure", "             ^\n% Incomplete command at '^' marker.", "sw# "},
		"an ambiguous word":          {[]string{"conf t", "int e1/1"}, "sw trunk allowed vlan a 5", "                                     ^\n% Ambiguous command at '^' marker.", "sw(config-if)# "},
		"sh is show or shutdown":     {[]string{"conf t", "int e1/1"}, "sh", "               ^\n% Ambiguous command at '^' marker.", "sw(config-if)# "},
		"configuration mode":         {nil, "configure terminal", welcome, "sw(config)# "},
		"a VLAN beyond all":          {[]string{"conf t"}, "vlan 4098", "                 ^\n% Invalid value/range at '^' marker.", "sw(config)# "},
		"no VLAN at all":             {[]string{"conf t"}, "vlan ten", "                 ^\n% Invalid number at '^' marker.", "sw(config)# "},
		"a reserved VLAN":            {[]string{"conf t"}, "vlan 3970", "ERROR: VLAN 3970 is reserved for internal use and cannot be created", "sw(config)# "},
		"the last reserved VLAN":     {[]string{"conf t"}, "vlan 4094", "ERROR: VLAN 4094 is reserved for internal use and cannot be created", "sw(config)# "},
		"an extended VLAN":           {[]string{"conf t"}, "vlan 4048-4093", "", "sw(config-vlan)# "},
		"the default VLAN":           {[]string{"conf t"}, "no vlan 1", "ERROR: VLAN 1 is the default VLAN and cannot be deleted", "sw(config)# "},
		"a name that is too long":    {[]string{"conf t", "vlan 10"}, "name " + strings.Repeat("x", 33), "                      ^\n% String exceeded max length of (32) at '^' marker.", "sw(config-vlan)# "},
		"a port that is not there":   {[]string{"conf t"}, "interface ethernet 1/99", "                               ^\nInvalid range at '^' marker.", "sw(config)# "},
		"a port of another family":   {[]string{"conf t"}, "interface gi1/0/1", "                      ^\nInvalid interface format at '^' marker.", "sw(config)# "},
		"interface range":            {[]string{"conf t"}, "interface range ethernet 1/1-4", "                      ^\nInvalid interface format at '^' marker.", "sw(config)# "},
		"a port":                     {[]string{"conf t"}, "interface Ethernet1/1", "", "sw(config-if)# "},
		"ports":                      {[]string{"conf t"}, "interface ethernet 1/1-4, ethernet 1/7", "", "sw(config-if-range)# "},
		"a port of an extender":      {[]string{"conf t"}, "int e101/1/1", "", "sw(config-if)# "},
		"from port to port":          {[]string{"conf t", "int e1/1"}, "int e1/2", "", "sw(config-if)# "},
		"a VLAN from a port":         {[]string{"conf t", "int e1/1"}, "vlan 10", "", "sw(config-vlan)# "},
		"exec command in a mode":     {[]string{"conf t", "int e1/1"}, "show hostname", "sw ", "sw(config-if)# "},
		"do in a mode":               {[]string{"conf t", "int e1/1"}, "do show hostname", "sw ", "sw(config-if)# "},
		"a wrong word after do":      {[]string{"conf t"}, "do show foo", "                    ^\n% Invalid command at '^' marker.", "sw(config)# "},
		"exit from a port":           {[]string{"conf t", "int e1/1"}, "exit", "", "sw(config)# "},
		"end from a port":            {[]string{"conf t", "int e1/1"}, "end", "", "sw# "},
		"no bare native none":        {[]string{"conf t", "int e1/1"}, "switchport trunk native vlan none", "                                            ^\n% Invalid value/range at '^' marker.", "sw(config-if)# "},
		"a switchport command alone": {[]string{"conf t"}, "switchport mode trunk", "            ^\n% Invalid command at '^' marker.", "sw(config)# "},
		"write memory":               {nil, "write memory", "    ^\n% Invalid command at '^' marker.", "sw# "},
		"a member of a channel":      {[]string{"conf t", "int e1/1", "channel-group 24 mode active"}, "switchport mode trunk", "ERROR: Ethernet1/1: port is a member of port-channel24, configure that instead", "sw(config-if)# "},
		"a routed port":              {[]string{"conf t", "int e1/1", "no switchport"}, "switchport access vlan 5", "ERROR: Ethernet1/1: port is not a switchport", "sw(config-if)# "},
		"a VLAN that is missing":     {nil, "show vlan id 77", "VLAN 77 not found in current VLAN database", "sw# "},
		"a save":                     {nil, "copy r s", "[#                                       ]   1%\r[####################                    ]  50%\r[########################################] 100%\nCopy complete, now saving to disk (please wait)...", "sw# "},
		"an empty line":              {nil, "", "", "sw# "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, nexus5k.New(consoletest.Options{Hostname: "sw"}))
			for _, line := range test.before {
				p.Enter(line, "# ")
			}
			answer := test.answer
			if answer != "" {
				answer = strings.ReplaceAll(answer+"\n", "\n", "\r\n")
			}
			want := test.line + "\r\r\n" + answer + "\r" + test.prompt
			if got := p.Enter(test.line, test.prompt); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}
