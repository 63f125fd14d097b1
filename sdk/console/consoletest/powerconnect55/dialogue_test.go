package powerconnect55_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

// open logs in and switches paging off.
func open(t *testing.T, sw *powerconnect55.Switch) *peer.Peer {
	t.Helper()
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	p.Login("User Name:", "Password:", "#")
	p.Enter("terminal datadump", "#")
	return p
}

func TestLogin(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	want := "\r\n\r\nUser Name:admin\r\nPassword:*****\r\n\r\nconsole#"
	if got := p.Login("User Name:", "Password:", "#"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Enter("", "#"), "\r\n\r\r\x1b[Kconsole#"; got != want {
		t.Errorf("an empty line: got %q, want %q", got, want)
	}
	if got, want := p.Enter("terminal length 0", "#"), "terminal length 0\r\n\r% Unrecognized command\r\nconsole#"; got != want {
		t.Errorf("an unknown line: got %q, want %q", got, want)
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	p.Until("User Name:")
	p.Type("admin\rwrong\r")
	if got, want := p.Until("User Name:"), "admin\r\nPassword:*****\r\n\r\nUser Name:"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEnable(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{Enable: "more"})
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	p.Login("User Name:", "Password:", "console>")
	if got, want := p.Enter("configure", ">"), "configure\r\n\r% Unrecognized command\r\nconsole>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Enter("enable", "Password:")
	if got, want := p.Enter("less", ">"), "****\r\nconsole>"; got != want {
		t.Errorf("a wrong password: got %q, want %q", got, want)
	}
	p.Enter("enable", "Password:")
	if got, want := p.Enter("more", "#"), "****\r\nconsole#"; got != want {
		t.Errorf("the right password: got %q, want %q", got, want)
	}
	p.Enter("exit", "console>")
	p.Type("exit\r")
	if rest := p.Rest(); rest != "exit\r\n" {
		t.Errorf("the device closed with %q", rest)
	}
}

// TestWords are lines and exactly what the device says to them, after other lines that bring it there.
func TestWords(t *testing.T) {
	t.Parallel()
	port := []string{"configure", "interface gi1/0/1"}
	tests := map[string]struct {
		before []string
		line   string
		answer string
		prompt string
	}{
		"an unknown command":        {nil, "foo", "% Unrecognized command", "console#"},
		"an incomplete line":        {nil, "show", "% Incomplete command", "console#"},
		"an ambiguous word":         {port, "switchport trunk allowed vlan a 5", "% Ambiguous command", "console(config-if)#"},
		"configuration":             {nil, "config", "", "console(config)#"},
		"show in configuration":     {[]string{"configure"}, "show vlan", "% Unrecognized command", "console(config)#"},
		"do in exec mode":           {nil, "do show vlan", "% Unrecognized command", "console#"},
		"the VLAN database":         {[]string{"configure"}, "vlan database", "", "console(config-vlan)#"},
		"VLANs":                     {[]string{"configure", "vlan database"}, "vlan 10,20-30", "", "console(config-vlan)#"},
		"VLANs without database":    {[]string{"configure"}, "vlan 2-4094", "", "console(config)#"},
		"a VLAN beyond all":         {[]string{"configure", "vlan database"}, "vlan 4095", "% Wrong number of parameters or invalid range, size or characters entered", "console(config-vlan)#"},
		"a VLAN that is no number":  {[]string{"configure", "vlan database"}, "vlan ten", "% bad parameter value", "console(config-vlan)#"},
		"no VLAN":                   {[]string{"configure", "vlan database"}, "vlan", "% missing mandatory parameter", "console(config-vlan)#"},
		"deleting what is not":      {[]string{"configure", "vlan database"}, "no vlan 10", "VLAN was not created by user.", "console(config-vlan)#"},
		"a port in the database":    {[]string{"configure", "vlan database"}, "interface gi1/0/1", "% Unrecognized command", "console(config-vlan)#"},
		"a port":                    {[]string{"configure"}, "interface gigabitethernet 1/0/1", "", "console(config-if)#"},
		"from port to port":         {port, "interface te1/0/2", "", "console(config-if)#"},
		"ports":                     {[]string{"configure"}, "interface range gi1/0/1-4,te1/0/1", "", "console(config-if-range)#"},
		"ports without range":       {[]string{"configure"}, "interface gi1/0/1-4", "% Wrong number of parameters or invalid range, size or characters entered", "console(config)#"},
		"a blank in a range":        {[]string{"configure"}, "interface range gi1/0/1, gi1/0/3", "% Wrong number of parameters or invalid range, size or characters entered", "console(config)#"},
		"a port that is not there":  {[]string{"configure"}, "interface gi1/0/49", "% bad parameter value", "console(config)#"},
		"a VLAN from a port":        {port, "vlan database", "% Unrecognized command", "console(config-if)#"},
		"a bare list":               {port, "switchport trunk allowed vlan 10", "% Unrecognized command", "console(config-if)#"},
		"a missing access VLAN":     {port, "switchport access vlan 10", "VLAN was not created by user.", "console(config-if)#"},
		"a missing trunk VLAN":      {port, "switchport trunk allowed vlan add 10", "", "console(config-if)#"},
		"a missing native VLAN":     {port, "switchport trunk native vlan 10", "", "console(config-if)#"},
		"native none":               {port, "switchport trunk native vlan none", "", "console(config-if)#"},
		"a word too many":           {port, "shutdown now", "% Wrong number of parameters or invalid range, size or characters entered", "console(config-if)#"},
		"a member of a channel":     {append(port, "channel-group 1 mode on"), "switchport mode trunk", "Port is not in Layer-2 mode", "console(config-if)#"},
		"a description in quotes":   {port, `description "two words"`, "", "console(config-if)#"},
		"a description without":     {port, "description two words", "% Wrong number of parameters or invalid range, size or characters entered", "console(config-if)#"},
		"exit from a port":          {port, "exit", "", "console(config)#"},
		"end from a port":           {port, "end", "", "console#"},
		"do in configuration":       {port, "do show startup-config", "username admin password encrypted ! privilege 15\n!", "console(config-if)#"},
		"a port of an unknown kind": {[]string{"configure"}, "interface ethernet 1/1", "% bad parameter value", "console(config)#"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, powerconnect55.New(consoletest.Options{}))
			for _, line := range test.before {
				p.Enter(line, "#")
			}
			answer := test.answer
			if answer != "" {
				answer = strings.ReplaceAll(answer+"\n", "\n", "\r\n")
			}
			if refused := strings.HasPrefix(answer, "%") || strings.HasPrefix(answer, "VLAN") || strings.HasPrefix(answer, "Port"); refused {
				answer = "\r" + answer
			}
			want := test.line + "\r\n" + answer + test.prompt
			if got := p.Enter(test.line, test.prompt); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// TestSave takes one key; an Enter after it is an empty line.
func TestSave(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quirks   []powerconnect55.Quirk
		question string
	}{
		"older": {nil, "Overwrite file [startup-config] ?[Yes/press any key for no]...."},
		"newer": {[]powerconnect55.Quirk{powerconnect55.NewerSaveQuestion}, "Overwrite file [startup-config].... (Y/N)[N] ?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sw := powerconnect55.New(consoletest.Options{}, test.quirks...)
			p := open(t, sw)
			if err := sw.Type("configure", "vlan 10"); err != nil {
				t.Fatal(err)
			}
			if got, want := p.Enter("copy running-config startup-config", test.question), "copy running-config startup-config\r\n"+test.question; got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
			p.Type("n")
			if got, want := p.Until("#"), "\r\nconsole#"; got != want || sw.Saved() {
				t.Fatalf("no: got %q, want %q; saved: %v", got, want, sw.Saved())
			}
			p.Enter("write", test.question)
			p.Type("y\r")
			if got, want := p.Until("\x1b[Kconsole#"), "\r\nCopy succeeded\r\nconsole#\r\n\r\r\x1b[Kconsole#"; got != want || !sw.Saved() {
				t.Fatalf("yes: got %q, want %q; saved: %v", got, want, sw.Saved())
			}
		})
	}
}

func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	address := sw.Start(t, consoletest.Telnet)
	var peers []*peer.Peer
	for range 2 {
		p := peer.Dial(t, address, nil)
		p.Login("User Name:", "Password:", "#")
		p.Enter("configure", "(config)#")
		peers = append(peers, p)
	}
	peers[0].Enter("vlan 10", "(config)#")
	const busy = "vlan 20\r\n\rConfiguration Database locked by another application - try later\r\nconsole(config)#"
	if got := peers[1].Enter("vlan 20", "(config)#"); got != busy {
		t.Errorf("got %q, want %q", got, busy)
	}
	peers[0].Enter("end", "#")
	if got, want := peers[1].Enter("vlan 20", "(config)#"), "vlan 20\r\nconsole(config)#"; got != want {
		t.Errorf("afterwards: got %q, want %q", got, want)
	}
	release := sw.HoldLock()
	if got := peers[1].Enter("vlan 20", "(config)#"); got != busy {
		t.Errorf("held: got %q, want %q", got, busy)
	}
	release()
}

// TestPager shows that the settings of one port are just too long for a page.
func TestPager(t *testing.T) {
	t.Parallel()
	sw := powerconnect55.New(consoletest.Options{})
	p := peer.Dial(t, sw.Start(t, consoletest.Telnet), nil)
	p.Login("User Name:", "Password:", "#")
	const question = "\x1b[0mMore: <space>,  Quit: q or CTRL+Z, One line: <return> "
	page := p.Enter("show interfaces switchport gi1/0/1", question)
	if n := strings.Count(page, "\r\n"); n != 24 {
		t.Errorf("the echo and the page are %d lines", n)
	}
	p.Type(" ")
	if got, want := p.Until("#"), "\r"+strings.Repeat(" ", 57)+"\rClassification rules:\r\n\r\nconsole#"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
