package terminal_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal"
)

// shown are strokes as text, with each escape in angle brackets.
func shown(strokes []terminal.Stroke) string {
	var b strings.Builder
	for _, s := range strokes {
		b.Write(s.Keys)
		if s.Escape != 0 {
			b.WriteString("<" + string(s.Escape) + ">")
		}
	}
	return b.String()
}

func TestEscapes(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":               "",
		"ls\r":           "ls\r",
		"~.":             "<.>",
		"~?~a~g~k~w~.":   "<?><a><g><k><w><.>",
		"ls\r~.":         "ls\r<.>",
		"ls\n~a":         "ls\n<a>",
		"ls ~.":          "ls ~.",
		"a~~b":           "a~~b",
		"~~.":            "~.",
		"~~~.":           "~~.",
		"~x":             "~x",
		"~\r~.":          "~\r<.>",
		"~\x03":          "~\x03",
		"~":              "",
		"x\r~":           "x\r",
		"\x1b[A\x00\xff": "\x1b[A\x00\xff",
	} {
		var e terminal.Escapes
		if got := shown(e.Parse([]byte(typed))); got != want {
			t.Errorf("%q gives %q, want %q", typed, got, want)
		}
	}
}

func TestEscapesWaitForTheNextKey(t *testing.T) {
	t.Parallel()
	var e terminal.Escapes
	for _, c := range []struct{ typed, want string }{{"a\r", "a\r"}, {"~", ""}, {".", "<.>"}, {"~", ""}, {"~", "~"}, {".", "."}, {"\r", "\r"}, {"~", ""}} {
		if got := shown(e.Parse([]byte(c.typed))); got != c.want {
			t.Errorf("%q gives %q, want %q", c.typed, got, c.want)
		}
	}
	if rest := e.Rest(); string(rest) != "~" || e.Rest() != nil {
		t.Errorf("the rest is %q", rest)
	}
}

var (
	aLine      = regexp.MustCompile(`(?s)[^\r\n]*[\r\n]|[^\r\n]+$`)
	firstTilde = regexp.MustCompile(`(?s)(^|[\r\n])~`)
)

// byLine is another way to find escapes: at the start of each line as many as there are, then perhaps a doubled tilde.
func byLine(typed string) string {
	var b strings.Builder
	for _, line := range aLine.FindAllString(typed, -1) {
		for len(line) > 1 && line[0] == '~' && strings.IndexByte(".?agkw", line[1]) >= 0 {
			b.WriteString("<" + line[1:2] + ">")
			line = line[2:]
		}
		b.WriteString(strings.Replace("\n"+line, "\n~~", "\n~", 1)[1:])
	}
	return b.String()
}

// FuzzEscapes wants the same of typed keys whatever the pieces they come in, and that everything can be typed.
func FuzzEscapes(f *testing.F) {
	for _, typed := range []string{"", "~.", "ls\r~.", "~~~~", "a~.\n~~\r~x~a", "~\r~", "\xff~?~?~w\x00"} {
		f.Add([]byte(typed), uint8(1))
		f.Add([]byte(typed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, typed []byte, size uint8) {
		var pieces terminal.Escapes
		var got strings.Builder
		for from := 0; from < len(typed); from += 1 + int(size) {
			got.WriteString(shown(pieces.Parse(typed[from:min(len(typed), from+1+int(size))])))
		}
		got.Write(pieces.Rest())
		if want := byLine(string(typed)); got.String() != want {
			t.Errorf("%q in pieces of %d gives %q, want %q", typed, 1+int(size), &got, want)
		}
		quoted := firstTilde.ReplaceAll(typed, []byte("$1~~"))
		var whole terminal.Escapes
		if keys := shown(whole.Parse(quoted)); !bytes.Equal([]byte(keys), typed) {
			t.Errorf("%q, quoted, is typed as %q", typed, keys)
		}
	})
}

func TestEnter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pieces []string
		want   string
	}{
		{[]string{"reboot\n"}, "reboot\r"},
		{[]string{"a\r\nb\rc\n\n"}, "a\rb\rc\r\r"},
		{[]string{"a\r", "\nb", "\n", "\n"}, "a\rb\r\r"},
		{[]string{"\x03\xff~."}, "\x03\xff~."},
	} {
		var e terminal.Enter
		got := ""
		for _, piece := range c.pieces {
			got += string(e.Keys([]byte(piece)))
		}
		if got != c.want {
			t.Errorf("%q gives %q, want %q", c.pieces, got, c.want)
		}
	}
}
