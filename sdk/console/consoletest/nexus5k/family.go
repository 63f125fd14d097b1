package nexus5k

import (
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// The modes.
const (
	exec        = ""
	config      = "config"
	configIf    = "config-if"
	configRange = "config-if-range"
	configVLAN  = "config-vlan"
)

// family is the device's language.
func (s *Switch) family() consoletest.Family {
	ports := slices.Concat(leaving(), s.portCommands())
	return consoletest.Family{
		Hostname: "switch", Sessions: 32,
		Login: consoletest.Login{
			Banner: "Nexus 5000 Switch\r\n", Username: "login: ", Password: "Password: ",
			Rejected: "Login incorrect\r\n", Tries: 3,
			Welcome: licence, Full: "Too many users logged in, please try again later\r\n",
		},
		Telnet: linux(),
		Modes: []consoletest.Mode{
			{Name: exec, Prompt: "# ", Commands: slices.Concat(s.execCommands(), s.showCommands())},
			{Name: config, Prompt: "(config)# ", Exec: true, Commands: slices.Concat(leaving(), s.globalCommands())},
			{Name: configIf, Prompt: "(config-if)# ", Parent: config, Falls: true, Exec: true, Commands: ports},
			{Name: configRange, Prompt: "(config-if-range)# ", Parent: config, Falls: true, Exec: true, Commands: ports},
			{Name: configVLAN, Prompt: "(config-vlan)# ", Parent: config, Falls: true, Exec: true, Commands: slices.Concat(leaving(), s.vlanCommands()), Leave: s.leaveVLANs},
		},
		Arguments: s.kinds(),
		Words: consoletest.Words{
			Unknown: unknownCommand, Incomplete: incomplete, Ambiguous: ambiguous, Caret: true,
		},
		Pager: consoletest.Pager{
			Text: "\x1b[7m--More--\x1b[27m", Erase: "\r\x1b[K", Page: " ", Line: "\r\n", Quit: "q", Length: 24,
		},
		Enter: "\r\r\n", Lead: "\r", Wraps: true, Pipes: true, Do: true, LineFeed: true,
		Keys:  map[byte]string{0x1a: "end"},
		Boot:  s.boot,
		Noise: "2021 Jul  5 17:27:50 switch %ETHPORT-5-IF_DOWN_CFG_CHANGE: Interface Ethernet1/3 is down(Config change)",
	}
}

// kinds are the arguments of this family.
func (s *Switch) kinds() map[string]consoletest.Argument {
	return map[string]consoletest.Argument{
		"interfaces":  s.interfaces,
		"existing":    s.existing,
		"vlans":       consoletest.VLANList(lastVLAN, badNumber, badValue),
		"vlan":        consoletest.Between(1, lastVLAN, badValue),
		"group":       consoletest.Between(1, 4096, badValue),
		"length":      consoletest.Between(0, 511, badValue),
		"width":       consoletest.Between(24, 511, badValue),
		"name":        vlanName,
		"description": description,
	}
}

func vlanName(_ string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	if len(words[0].Text) > 32 {
		return nil, 0, &consoletest.Misfit{At: words[0].At, Text: tooLong}
	}
	return words[0].Text, 1, nil
}

// description is the rest of the line, of which the device keeps 80 characters.
func description(line string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	text := strings.TrimRight(line[words[0].At:], " ")
	return text[:min(len(text), 80)], len(words), nil
}

// leaving are the ways out of a configuration mode.
func leaving() []consoletest.Command {
	return []consoletest.Command{
		{Line: "exit", Run: func(c *consoletest.Call) error { c.Leave(); return nil }},
		{Line: "end", Run: end},
	}
}

func end(c *consoletest.Call) error {
	c.Enter(exec, nil)
	return nil
}

// execCommands are those of exec mode that show nothing.
func (s *Switch) execCommands() []consoletest.Command {
	set := func(change func(*consoletest.Call)) func(*consoletest.Call) error {
		return func(c *consoletest.Call) error { change(c); return nil }
	}
	return []consoletest.Command{
		{Line: "exit", Run: set((*consoletest.Call).Leave)},
		{Line: "end", Run: end},
		{Line: "configure terminal", Run: s.configure},
		{Line: "terminal length <length>", Run: set(func(c *consoletest.Call) { c.Session.Length = c.Values[0].(int) })},
		{Line: "terminal width <width>", Run: set(func(c *consoletest.Call) { c.Session.Width = c.Values[0].(int) })},
		{Line: "terminal monitor", Run: set(func(c *consoletest.Call) { c.Session.Monitor = true })},
		{Line: "terminal no monitor", Run: set(func(c *consoletest.Call) { c.Session.Monitor = false })},
		{Line: "copy running-config startup-config", Run: s.copyRunning},
	}
}

func (s *Switch) configure(c *consoletest.Call) error {
	c.Print("Enter configuration commands, one per line. End with CNTL/Z.\n")
	c.Enter(config, nil)
	return nil
}

// copyRunning takes its time; only then the startup configuration is there.
func (s *Switch) copyRunning(c *consoletest.Call) error {
	c.Wait(s.Options().Save, func(c *consoletest.Call) error {
		s.startup = s.current().clone()
		c.Print("[#                                       ]   1%\r[####################                    ]  50%\r" +
			"[########################################] 100%\nCopy complete, now saving to disk (please wait)...\n")
		if s.newer {
			c.Print("Copy complete.\n")
		}
		return nil
	})
	return nil
}
