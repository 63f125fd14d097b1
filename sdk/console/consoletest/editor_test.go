package consoletest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ keys, want string }{
		"backspace":            {"shoe\x08w light\r", "shoe\b \bw light\r\nlit: false\r\nlamp> "},
		"delete":               {"x\x7f\x7fcount 1\r", "x\b \bcount 1\r\nline 1\r\nlamp> "},
		"CTRL-U":               {"abc\x15count 1\r", "abc\b \b\b \b\b \bcount 1\r\nline 1\r\nlamp> "},
		"CTRL-C":               {"count 1\x03", "count 1^C\r\n\rlamp> "},
		"control characters":   {"cou\x01nt\x02 1\r", "count 1\r\nline 1\r\nlamp> "},
		"a line feed":          {"\ncount 1\n\r", "count 1\r\nline 1\r\nlamp> "},
		"Enter with line feed": {"count 1\r\ncount 1\r\n", "count 1\r\nline 1\r\nlamp> count 1\r\nline 1\r\nlamp> "},
		"Enter with NUL":       {"count 1\r\x00", "count 1\r\nline 1\r\nlamp> "},
		"large characters":     {"caf\xc3\xa9\r", "caf\xc3\xa9\r\n% what?\r\nlamp> "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, newLamp(consoletest.Options{}))
			p.Type(test.keys)
			if got := p.Until(test.want); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{}, func(f *consoletest.Family) { f.Wraps = true })
	p := open(t, l)
	x := strings.Repeat("x", 200)
	want := x[:74] + " \r" + x[:80] + " \r" + x[:46] + "\r\n% what?\r\nlamp> "
	if got := p.Enter(x, "> "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLineLimit(t *testing.T) {
	t.Parallel()
	p := open(t, newLamp(consoletest.Options{LineLimit: 10}))
	if got, want := p.Enter("show light and more", "> "), "show light\a\a\a\a\a\a\a\a\a\r\nlit: false\r\nlamp> "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLostCharacter(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	lost := l.Inject(consoletest.Fault{Kind: consoletest.LoseCharacter, On: regexp.MustCompile(`^count 12$`)})
	if got, want := p.Enter("count 12", "> "), "count 1\r\nline 1\r\nlamp> "; got != want || lost.Hits() != 1 {
		t.Errorf("got %q, want %q; %d hits", got, want, lost.Hits())
	}
	l.Inject(consoletest.Fault{Kind: consoletest.LoseCharacter, Nth: 3})
	if got, want := p.Enter("count 2", "> "), "cont 2\r\n% what?\r\nlamp> "; got != want {
		t.Errorf("the third: got %q, want %q", got, want)
	}
}
