package core_test

import (
	"net"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/CCI-MOC/haas/core"
)

func TestCheckLabel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		label             string
		plain, port, node bool
	}{
		"plain":                {"node-01", true, true, true},
		"blank inside":         {"a b", true, true, true},
		"other script":         {"日本語", true, true, true},
		"255 characters":       {strings.Repeat("é", 255), true, true, true},
		"256 characters":       {strings.Repeat("e", 256), false, false, false},
		"10 MB":                {strings.Repeat("e", 10<<20), false, false, false},
		"empty":                {"", false, false, false},
		"slash":                {"gi1/0/2", false, true, false},
		"dot":                  {".", false, false, false},
		"dot dot":              {"..", false, false, false},
		"dots inside a name":   {"a..b", true, true, true},
		"dot dot in a path":    {"gi1/../2", false, false, false},
		"control character":    {"a\nb", false, false, false},
		"zero byte":            {"a\x00b", false, false, false},
		"leading blank":        {" a", false, false, false},
		"trailing blank":       {"a\u00a0", false, false, false},
		"broken UTF-8":         {"a\xffb", false, false, false},
		"word for a node list": {"all", true, true, false},
		"another such word":    {"free", true, true, false},
		"not quite such word":  {"Free", true, true, true},
	} {
		for kind, check := range map[string]struct {
			do   func(field, s string) error
			want bool
		}{
			"label": {core.CheckLabel, c.plain}, "port": {core.CheckPortLabel, c.port}, "node": {core.CheckNodeLabel, c.node},
		} {
			err := check.do("thing", c.label)
			if (err == nil) != check.want {
				t.Errorf("%s as %s: %v", name, kind, err)
			}
			if err != nil && (core.KindOf(err) != core.BadArgument || !strings.HasPrefix(err.Error(), "thing: ") || len(err.Error()) > 200) {
				t.Errorf("%s as %s: the error is %.300q", name, kind, err)
			}
		}
	}
}

// FuzzCheckLabel holds what is accepted against the rules, written down once more.
func FuzzCheckLabel(f *testing.F) {
	for _, s := range []string{"a", "", "a/b", ".", "..", " a", "a\x7f", "all", "\xff", "日本"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		label, port, node := core.CheckLabel("f", s) == nil, core.CheckPortLabel("f", s) == nil, core.CheckNodeLabel("f", s) == nil
		if label && !port || node && !label {
			t.Errorf("%q: label %v, port %v, node %v", s, label, port, node)
		}
		if label && strings.Contains(s, "/") || node && (s == "all" || s == "free") {
			t.Errorf("%q: label %v, node %v", s, label, node)
		}
		n := utf8.RuneCountInString(s)
		if port && (n < 1 || n > 255 || !utf8.ValidString(s) || strings.TrimSpace(s) != s) {
			t.Errorf("%q is accepted", s)
		}
		for _, r := range s {
			if port && unicode.IsControl(r) {
				t.Errorf("%q is accepted", s)
			}
		}
	})
}

func TestNormalizeMAC(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"52:54:00:AB:cd:ef":       "52:54:00:ab:cd:ef",
		"52-54-00-ab-cd-ef":       "52:54:00:ab:cd:ef",
		"5254.00ab.cdef":          "52:54:00:ab:cd:ef",
		" " + "52:54:00:ab:cd:ef": "52:54:00:ab:cd:ef",
		"52:54:00:ab:cd":          "",
		"not-a-mac":               "",
		"":                        "",
	} {
		got, err := core.NormalizeMAC(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
		if err != nil && core.KindOf(err) != core.BadArgument {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// FuzzNormalizeMAC wants what comes out to stay as it is when it goes in again.
func FuzzNormalizeMAC(f *testing.F) {
	for _, s := range []string{"52:54:00:ab:cd:ef", "52-54-00-ab-cd-ef", "5254.00ab.cdef", "", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mac, err := core.NormalizeMAC(s)
		if err != nil {
			return
		}
		if again, err := core.NormalizeMAC(mac); err != nil || again != mac {
			t.Errorf("%q became %q, and that %q, %v", s, mac, again, err)
		}
		if _, err := net.ParseMAC(mac); err != nil || mac != strings.ToLower(mac) {
			t.Errorf("%q became %q", s, mac)
		}
	})
}
