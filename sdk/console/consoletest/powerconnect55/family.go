package powerconnect55

import (
	"slices"
	"strings"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// The modes.
const (
	exec        = ""
	user        = "user"
	config      = "config"
	configIf    = "config-if"
	configRange = "config-if-range"
	configVLAN  = "config-vlan"
)

// family is the device's language.
func (s *Switch) family() consoletest.Family {
	ports := slices.Concat(leaving(), s.interfaceCommands(), s.portCommands())
	rangePrompt := "(config-if-range)#"
	if s.has(PlainRangePrompt) {
		rangePrompt = "(config-if)#"
	}
	return consoletest.Family{
		Hostname: "console", Sessions: 4,
		Login: consoletest.Login{
			Banner: "\r\n\r\n", Username: "User Name:", Password: "Password:", Mask: "*", Tries: 3,
			Rejected: "\r\n", Welcome: "\r\n", Full: "\r\nToo many sessions, please try later\r\n",
		},
		Telnet: offers(),
		Modes: []consoletest.Mode{
			{Name: exec, Prompt: "#", Commands: slices.Concat(s.execCommands(), s.showCommands())},
			{Name: user, Prompt: ">", Parent: user, Commands: s.userCommands()},
			{Name: config, Prompt: "(config)#", Commands: slices.Concat(leaving(), s.interfaceCommands(), s.globalCommands())},
			{Name: configIf, Prompt: "(config-if)#", Parent: config, Commands: ports},
			{Name: configRange, Prompt: rangePrompt, Parent: config, Commands: ports},
			{Name: configVLAN, Prompt: "(config-vlan)#", Parent: config, Commands: slices.Concat(leaving(), s.vlanCommands())},
		},
		Unprivileged: s.has(Unprivileged),
		Arguments: map[string]consoletest.Argument{
			"port": s.port, "ports": s.ports,
			"vlan":  consoletest.Between(1, lastVLAN, wrongNumber),
			"vlans": consoletest.VLANList(lastVLAN, badValue, wrongNumber),
			"group": consoletest.Between(1, channels, wrongNumber),
			"name":  vlanName, "description": description,
		},
		Words: consoletest.Words{
			Unknown: unrecognized, Extra: wrongNumber, Argument: badValue,
			Incomplete: incomplete, Missing: missing, Ambiguous: ambiguous, Lead: "\r",
		},
		Pager: consoletest.Pager{
			Text:  "\x1b[0mMore: <space>,  Quit: q or CTRL+Z, One line: <return> ",
			Erase: "\r" + strings.Repeat(" ", 57) + "\r", Page: " ", Line: "\r", Quit: "q\x1a", Length: pageLength,
		},
		Enter: "\r\n", EmptyLead: "\r\r\x1b[K", Do: true,
		Keys: map[byte]string{0x1a: "end"},
		Boot: s.boot, Noise: "01-Jan-2000 00:13:41 %LINK-W-Down:  gi1/0/5",
	}
}

func vlanName(_ string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	if len(words[0].Text) > 32 {
		return nil, 0, &consoletest.Misfit{At: words[0].At, Text: wrongNumber}
	}
	return words[0].Text, 1, nil
}

// description is one word, or anything in quotes.
func description(line string, words []consoletest.Word) (any, int, *consoletest.Misfit) {
	text := strings.TrimRight(line[words[0].At:], " ")
	quoted := len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"'
	if quoted {
		return strings.Trim(text, `"`), len(words), nil
	}
	if len(words) > 1 || strings.Contains(text, `"`) {
		return nil, 0, &consoletest.Misfit{At: words[0].At, Text: wrongNumber}
	}
	return text, 1, nil
}

// leaving are the ways out of a configuration mode.
func leaving() []consoletest.Command {
	return []consoletest.Command{
		{Line: "exit", Run: func(c *consoletest.Call) error { c.Leave(); return nil }},
		{Line: "end", Run: func(c *consoletest.Call) error { c.Enter(exec, nil); return nil }},
	}
}

// userCommands are those without privilege.
func (s *Switch) userCommands() []consoletest.Command {
	return []consoletest.Command{
		{Line: "exit", Run: func(c *consoletest.Call) error { c.Leave(); return nil }},
		{Line: "enable", Run: s.enable},
		{Line: "terminal datadump", Run: dataDump(0)},
		{Line: "no terminal datadump", Run: dataDump(pageLength)},
	}
}

func (s *Switch) enable(c *consoletest.Call) error {
	if s.Options().Enable == "" {
		c.Enter(exec, nil)
		return nil
	}
	c.Secret("Password:", func(c *consoletest.Call, line string) error {
		if line == s.Options().Enable {
			c.Enter(exec, nil)
		}
		return nil
	})
	return nil
}

func dataDump(length int) func(*consoletest.Call) error {
	return func(c *consoletest.Call) error { c.Session.Length = length; return nil }
}

// execCommands are those of exec mode that show nothing.
func (s *Switch) execCommands() []consoletest.Command {
	return []consoletest.Command{
		{Line: "exit", Run: s.logout},
		{Line: "disable", Run: func(c *consoletest.Call) error { c.Enter(user, nil); return nil }},
		{Line: "configure", Run: func(c *consoletest.Call) error { c.Enter(config, nil); return nil }},
		{Line: "configure terminal", Run: func(c *consoletest.Call) error { c.Enter(config, nil); return nil }},
		{Line: "terminal datadump", Run: dataDump(0)},
		{Line: "no terminal datadump", Run: dataDump(pageLength)},
		{Line: "copy running-config startup-config", Run: s.save},
		{Line: "write", Run: s.save},
		{Line: "write memory", Run: s.save},
	}
}

// logout ends the session, or only the privilege where that was asked for.
func (s *Switch) logout(c *consoletest.Call) error {
	if s.Options().Enable != "" || s.has(Unprivileged) {
		c.Enter(user, nil)
		return nil
	}
	c.Leave()
	return nil
}

// save asks for one key, takes its time, and only then has saved.
func (s *Switch) save(c *consoletest.Call) error {
	question := oldQuestion
	if s.has(NewerSaveQuestion) {
		question = newerQuestion
	}
	c.Key(question, func(c *consoletest.Call, key byte) error {
		c.Print("\n")
		if key != 'y' && key != 'Y' {
			return nil
		}
		c.Wait(s.Options().Save, func(c *consoletest.Call) error {
			s.startup = s.current().clone()
			c.Print("Copy succeeded\n")
			return nil
		})
		return nil
	})
	return nil
}
