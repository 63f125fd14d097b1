package console_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console"
)

func FuzzTerminal(f *testing.F) {
	for _, seed := range []string{
		"terminal length 0\r\r\n\rTEST-12345# ", "\r\n\r\r\x1b[Kconsole#", "--More--\r        \rtext\r\n", "abc\b\b\x1b[2Kd\x1b[5Ge\x1b[9Cf",
		"\x1b]0;title\x1b\\x", "\x1b[1;2;3", "a\x1b[;;5Pb", "\xe2\x82\xac\b\b", "\x1b(B\x1b[99999999999999999999C\x1b[D!",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, said []byte, size int) {
		lines, last := console.Show(said, 1)
		again, lastAgain := console.Show(said, size)
		if !reflect.DeepEqual(lines, again) || last != lastAgain {
			t.Errorf("in pieces of %d: %q, %q; byte by byte: %q, %q", size, again, lastAgain, lines, last)
		}
		if all := strings.Join(append(lines, last), ""); strings.ContainsAny(all, "\x00\x07\b\r\n\x1b\x7f") {
			t.Errorf("%q shows control characters: %q", said, all)
		}
	})
}

func FuzzEar(f *testing.F) {
	f.Add([]byte("sw# line"+noise+"\r\r\nfirst\r\nsec"+noise+"ond\r\n\rsw# "+noise), 2, "sw# line")
	f.Add([]byte("\r% Unrecognized command\r\n\r\x1b[Kconsole#"), 5, "console#foo")
	f.Fuzz(func(t *testing.T, said []byte, size int, echo string) {
		text, line, fresh := console.Heard(dialect(), said, 1, echo)
		text2, line2, fresh2 := console.Heard(dialect(), said, size, echo)
		if text != text2 || line != line2 || fresh != fresh2 {
			t.Errorf("in pieces of %d: %q, %q, %q; byte by byte: %q, %q, %q", size, text2, line2, fresh2, text, line, fresh)
		}
		if !strings.HasSuffix(line, fresh) || text != "" && !strings.HasSuffix(text, "\n") {
			t.Errorf("heard %q, %q, %q", text, line, fresh)
		}
	})
}

func FuzzTelnet(f *testing.F) {
	f.Add([]byte("a"+iac+do+size+iac+iac+"b"+iac+sb+terminalType+"\x01"+iac+se+iac+nop+"c"), 2)
	f.Fuzz(func(t *testing.T, said []byte, size int) {
		text, answers := console.Talk(said, 1)
		text2, answers2 := console.Talk(said, size)
		if text != text2 || answers != answers2 {
			t.Errorf("in pieces of %d: %q, %q; byte by byte: %q, %q", size, text2, answers2, text, answers)
		}
		if len(answers) > 6*len(said) {
			t.Errorf("%d bytes are answered with %d", len(said), len(answers))
		}
	})
}

func FuzzLogin(f *testing.F) {
	f.Add("Nexus 5000 Switch\r\nlogin: ", "haas\r\nPassword: ", "\r\nLogin incorrect\r\n\r\nlogin: ", 4)
	f.Add("\r\n\r\nUser Name:", "haas\r\nPassword:", "*****\r\n\r\n\r\x1b[Kconsole#", 1)
	f.Add(banner, "too many sessions", "sw# ", 9)
	f.Fuzz(func(t *testing.T, first, second, third string, size int) {
		texts := []string{first, second, third}
		moves := console.Login(dialect(), texts, 1)
		if again := console.Login(dialect(), texts, size); !reflect.DeepEqual(moves, again) {
			t.Errorf("in pieces of %d: %v; byte by byte: %v", size, again, moves)
		}
		for i, m := range moves {
			for _, other := range moves[:i] {
				if m == other && (m == 1 || m == 2) {
					t.Errorf("the same is typed twice: %v", moves)
				}
			}
		}
	})
}

func FuzzPrompt(f *testing.F) {
	for _, seed := range []string{"sw# ", "console(config-if)#", "sw-07.lab> ", "sw# show", "#", "(config)# "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		host, mode, level, tail, ok := console.FindPrompt(dialect(), line)
		if !ok {
			return
		}
		if mode != "" {
			mode = "(" + mode + ")"
		}
		if whole := host + mode + level + tail; whole != line {
			t.Errorf("%q was taken for the prompt %q", line, whole)
		}
	})
}
