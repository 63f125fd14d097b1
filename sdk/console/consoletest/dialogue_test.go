package consoletest_test

import (
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := peer.Dial(t, l.Start(t, consoletest.Telnet), nil)
	want := "A lamp.\r\nuser: admin\r\nword: #####\r\nHello.\r\nlamp> "
	if got := p.Login("user: ", "word: ", "> "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if l.Logins() != 1 || l.Sessions() != 1 {
		t.Errorf("%d logins, %d sessions", l.Logins(), l.Sessions())
	}
	p.Type("exit\r")
	if rest := p.Rest(); rest != "exit\r\n" {
		t.Errorf("it closed with %q", rest)
	}
	eventually(t, "the session is over", func() bool { return l.Sessions() == 0 })
}

func TestWrongPasswordTwice(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{Username: "root", Password: "secret"})
	p := peer.Dial(t, l.Start(t, consoletest.Telnet), nil)
	p.Until("user: ")
	p.Type("root\rwrong\r")
	p.Until("No.\r\nuser: ")
	p.Type("wrong\rsecret\r")
	if rest := p.Rest(); !strings.HasSuffix(rest, "######\r\nNo.\r\n") {
		t.Errorf("it closed with %q", rest)
	}
	if l.Logins() != 0 {
		t.Errorf("%d logins were counted", l.Logins())
	}
}

func TestEnable(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{Enable: "more"})
	p := peer.Dial(t, l.Start(t, consoletest.Telnet), nil)
	p.Login("user: ", "word: ", "? ")
	p.Enter("enable", "word: ")
	if got, want := p.Enter("less", "? "), "####\r\nNo.\r\nlamp? "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Enter("enable", "word: ")
	if got, want := p.Enter("more", "> "), "####\r\nlamp> "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ line, want string }{
		"an unknown word":           {"foo", "% what?\r\nlamp> "},
		"an unknown second word":    {"show foo", "% wrong word\r\nlamp> "},
		"a word missing":            {"show", "% and?\r\nlamp> "},
		"an argument missing":       {"count", "% which?\r\nlamp> "},
		"a word too many":           {"break it", "% too much\r\nlamp> "},
		"a wrong argument":          {"count ten", "% wrong word\r\nlamp> "},
		"an unclear word":           {"co 3", "% unclear\r\nlamp> "},
		"a clear beginning":         {"cou 2", "line 1\r\nline 2\r\nlamp> "},
		"large letters":             {"COUNT 1", "line 1\r\nlamp> "},
		"many blanks":               {"  count   1  ", "line 1\r\nlamp> "},
		"nothing":                   {"", "\rlamp> "},
		"blanks alone":              {"   ", "\rlamp> "},
		"a refusal":                 {"break", "Error: never\r\nlamp> "},
		"a mode":                    {"configure", "lamp(config)> "},
		"do where it is no word":    {"do show light", "% what?\r\nlamp> "},
		"a pipe":                    {"show count 3 | include 2", "line 2\r\nlamp> "},
		"a pipe that leaves out":    {"show count 3 | exclude 2", "line 1\r\nline 3\r\nlamp> "},
		"a pipe without pages":      {"show count 6 | no-more", lines(1, 6) + "lamp> "},
		"an unknown pipe":           {"show count 3 | sort", "% too much\r\nlamp> "},
		"a pipe after another word": {"count 3 | no-more", "% too much\r\nlamp> "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			says(t, open(t, newLamp(consoletest.Options{})), test.line, test.want)
		})
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	says(t, p, "configure", "lamp(config)> ")
	says(t, p, "light on", "% what?\r\nlamp(config)> ")
	says(t, p, "bulb", "lamp(bulb)> ")
	says(t, p, "show light", "lit: false\r\nlamp(bulb)> ")
	says(t, p, "light on", "lamp(bulb)> ")
	says(t, p, "do show light", "lit: true\r\nlamp(bulb)> ")
	says(t, p, "color 8", "% no such tone\r\nlamp(bulb)> ")
	says(t, p, "colour 7", "lamp(bulb)> ")
	says(t, p, "co 3", "% unclear\r\nlamp(bulb)> ")
	says(t, p, "name torch", "torch(config)> ")
	says(t, p, "bulb", "torch(bulb)> ")
	says(t, p, "exit", "torch(config)> ")
	p.Type("some\x1a")
	if got, want := p.Until("> "), "some^Z\r\ntorch> "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	p.Enter("save", "sure? ")
	p.Type("n")
	if got, want := p.Until("> "), "not saved\r\nlamp> "; got != want || l.isSaved() {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Enter("save", "sure? ")
	p.Type("y\r")
	if got, want := p.Until("> \r\n\rlamp> "), "\r\nsaving\r\nsaved\r\nlamp> \r\n\rlamp> "; got != want || !l.isSaved() {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPager(t *testing.T) {
	t.Parallel()
	p := open(t, newLamp(consoletest.Options{}))
	if got, want := p.Enter("count 4", "> "), "count 4\r\n"+lines(1, 4)+"lamp> "; got != want {
		t.Errorf("a page: got %q, want %q", got, want)
	}
	if got, want := p.Enter("count 10", "--more--"), "count 10\r\n"+lines(1, 4)+"--more--"; got != want {
		t.Errorf("more than a page: got %q, want %q", got, want)
	}
	for _, press := range []struct{ keys, want string }{
		{"x", "\a"},
		{"\r", "\r\x1b[K" + lines(5, 5) + "--more--"},
		{" ", "\r\x1b[K" + lines(6, 9) + "--more--"},
		{"q", "\r\x1b[Klamp> "},
	} {
		p.Type(press.keys)
		if got := p.Until(press.want); got != press.want {
			t.Errorf("%q: got %q, want %q", press.keys, got, press.want)
		}
	}
	says(t, p, "unpaged", "lamp> ")
	says(t, p, "count 30", lines(1, 30)+"lamp> ")
}

// TestTypedAhead shows that a pager takes the keys of the next line.
func TestTypedAhead(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	p.Type("count 6\rshow quick light\r")
	if got := p.Until("lamp> quick light\r\n% what?\r\nlamp> "); !strings.Contains(got, "--more--\a\a\a\a\r\x1b[K") {
		t.Errorf("got %q", got)
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	says(t, p, "log", "logged\r\nlamp> ")
	says(t, p, "monitor", "lamp> ")
	p.Type("log\r")
	if got, want := p.Until("line\r\n"), "log\r\nlogged\r\nlamp> LOG: a line\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := l.Type("log"); err != nil {
		t.Fatal(err)
	}
	if got, want := p.Until("line\r\n"), "LOG: a line\r\n"; got != want {
		t.Errorf("somebody else's: got %q, want %q", got, want)
	}
}
