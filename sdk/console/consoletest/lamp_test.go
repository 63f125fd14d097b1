package consoletest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
)

// lamp is a device of a family of its own: it can be lit, in a mode for that, and has a colour.
type lamp struct {
	*consoletest.Device
	// The device's lock guards what follows.
	lit, saved bool
	colour     int
}

// limit is how long a test waits for what must come.
const limit = 10 * time.Second

func newLamp(o consoletest.Options, change ...func(*consoletest.Family)) *lamp {
	l := &lamp{}
	f := consoletest.Family{
		Hostname: "lamp",
		Login: consoletest.Login{
			Banner: "A lamp.\r\n", Username: "user: ", Password: "word: ", Mask: "#", Rejected: "No.\r\n", Tries: 2,
			Welcome: "Hello.\r\n", Full: "Full.\r\n",
		},
		Modes: []consoletest.Mode{
			{Prompt: "> ", Commands: l.execCommands()},
			{Name: "user", Prompt: "? ", Parent: "user", Commands: []consoletest.Command{{Line: "enable", Run: l.enable}}},
			{Name: "config", Prompt: "(config)> ", Exec: true, Commands: []consoletest.Command{
				{Line: "exit", Run: leave},
				{Line: "bulb", Run: func(c *consoletest.Call) error { c.Enter("bulb", nil); return nil }},
				{Line: "name <word>", Run: func(c *consoletest.Call) error { l.Rename(c.Values[0].(string)); return nil }},
			}},
			{Name: "bulb", Prompt: "(bulb)> ", Parent: "config", Falls: true, Exec: true, Commands: []consoletest.Command{
				{Line: "light on", Config: true, Run: func(*consoletest.Call) error { l.lit = true; return nil }},
				{Line: "no light", Config: true, Run: func(*consoletest.Call) error { l.lit = false; return nil }},
				{Line: "colour|color <tone>", Config: true, Run: func(c *consoletest.Call) error { l.colour = c.Values[0].(int); return nil }},
			}},
		},
		Arguments: map[string]consoletest.Argument{"tone": consoletest.Between(1, 7, "% no such tone")},
		Words: consoletest.Words{
			Unknown: "% what?", Invalid: "% wrong word", Extra: "% too much", Incomplete: "% and?", Missing: "% which?", Ambiguous: "% unclear",
		},
		Pager: consoletest.Pager{Text: "--more--", Erase: "\r\x1b[K", Page: " ", Line: "\r", Quit: "q", Length: 5},
		Enter: "\r\n", EmptyLead: "\r", Pipes: true, Do: true, Boot: func() { l.lit, l.colour = false, 0 },
		Keys:  map[byte]string{0x1a: "exit"},
		Noise: "LOG: flicker",
	}
	for _, c := range change {
		c(&f)
	}
	l.Device = consoletest.NewDevice(o, f)
	return l
}

func leave(c *consoletest.Call) error { c.Leave(); return nil }

func (l *lamp) execCommands() []consoletest.Command {
	return []consoletest.Command{
		{Line: "exit", Run: leave},
		{Line: "configure", Run: func(c *consoletest.Call) error { c.Enter("config", nil); return nil }},
		{Line: "count <number>", Run: count},
		{Line: "show count <number>", Run: count},
		{Line: "show light", Run: func(c *consoletest.Call) error {
			c.Printf("lit: %v\n", l.lit)
			return nil
		}},
		{Line: "show lights", Run: func(c *consoletest.Call) error { c.Print("one\n"); return nil }},
		{Line: "break", Run: func(*consoletest.Call) error { return consoletest.Refuse("Error: %s", "never") }},
		{Line: "unpaged", Run: func(c *consoletest.Call) error { c.Session.Length = 0; return nil }},
		{Line: "monitor", Run: func(c *consoletest.Call) error { c.Session.Monitor = true; return nil }},
		{Line: "log", Run: func(c *consoletest.Call) error { c.Print("logged\n"); l.Notify("LOG: a line"); return nil }},
		{Line: "save", Run: l.save},
	}
}

func count(c *consoletest.Call) error {
	for i := range c.Values[0].(int) {
		c.Printf("line %d\n", i+1)
	}
	return nil
}

func (l *lamp) enable(c *consoletest.Call) error {
	c.Secret("word: ", func(c *consoletest.Call, line string) error {
		if line != l.Options().Enable {
			return consoletest.RefusalError("No.")
		}
		c.Enter("", nil)
		return nil
	})
	return nil
}

func (l *lamp) save(c *consoletest.Call) error {
	c.Key("sure? ", func(c *consoletest.Call, key byte) error {
		if key != 'y' {
			return consoletest.RefusalError("not saved")
		}
		c.Print("\nsaving\n")
		c.Wait(l.Options().Save, func(c *consoletest.Call) error {
			l.saved = true
			c.Print("saved\n")
			return nil
		})
		return nil
	})
	return nil
}

func (l *lamp) isLit() (lit bool) {
	l.View(func() { lit = l.lit })
	return lit
}

func (l *lamp) isSaved() (saved bool) {
	l.View(func() { saved = l.saved })
	return saved
}

// open logs in to a lamp.
func open(t *testing.T, l *lamp) *peer.Peer {
	t.Helper()
	p := peer.Dial(t, l.Start(t, consoletest.Telnet), nil)
	p.Login("user: ", "word: ", "> ")
	return p
}

// says types a line and compares what comes after its echo.
func says(t *testing.T, p *peer.Peer, line, want string) {
	t.Helper()
	prompt := want[strings.LastIndexByte(want, '\n')+1:]
	if got := p.Enter(line, prompt); got != line+"\r\n"+want {
		t.Errorf("%q: got %q, want %q", line, got, line+"\r\n"+want)
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("it never came about: %s", what)
		}
	}
}

// lines are the first n lines that count prints.
func lines(first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		fmt.Fprintf(&b, "line %d\r\n", i)
	}
	return b.String()
}
