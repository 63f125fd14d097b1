package console_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

// answering is a device that is logged in to with a password and says what it is told for each line.
func answering(answers map[string]string) script {
	return func(p *peer) {
		if !p.login() {
			return
		}
		p.reply = func(p *peer, line string) bool {
			p.say(answers[line])
			return true
		}
		p.shell()
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"show":   "Name: Ethernet1/1\r\n  Switchport: Enabled \r\n\r\nlast\r\n",
		"noisy":  "first\r\n" + noise + "sec" + noise + "ond\r\n",
		"redraw": "\x1b[0mab\x08\x08\x1b[Kcd\r\n\x1b[1;31mred\x1b[0m\r\nlong\rshort\r\n",
	}
	for _, chunk := range []int{0, 1, 3} {
		t.Run("in pieces of "+string(rune('0'+chunk)), func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, func(p *peer) { p.chunk = chunk; answering(answers)(p) })
			s := open(t, c)
			run(t, s, "show", "Name: Ethernet1/1\n  Switchport: Enabled \n\nlast\n")
			run(t, s, "noisy", "first\nsecond\n")
			run(t, s, "redraw", "cd\nred\nshort\n")
			run(t, s, "nothing", "")
		})
	}
}

func TestNoiseBehindThePrompt(t *testing.T) {
	t.Parallel()
	c, _ := device(t, func(p *peer) {
		p.chunk = 1
		if !p.login() {
			return
		}
		p.reply = func(p *peer, line string) bool {
			if line != "shut" {
				return true
			}
			p.say("\r" + p.prompt + noise + noise) // and no prompt again
			return false
		}
		p.shell()
	})
	s := open(t, c)
	for range 3 {
		run(t, s, "shut", "")
		run(t, s, "next", "")
	}
}

func TestNoiseWithinTheEcho(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]string{"goes on": "", "repeats the line": "sw# interface eth"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, log := device(t, func(p *peer) {
				p.login()
				p.reply = func(p *peer, line string) bool {
					p.garble = nil
					if line == "break" {
						p.garble = func(string) string { return "interface eth" + noise + again + "ernet 1/1" }
					}
					return true
				}
				p.shell()
			})
			s := open(t, c)
			run(t, s, "break", "")
			run(t, s, "interface ethernet 1/1", "")
			if !slices.Contains(log.lines(), "interface ethernet 1/1") {
				t.Errorf("entered: %q", log.lines())
			}
		})
	}
}

func TestUnaskedLinesWhileIdle(t *testing.T) {
	t.Parallel()
	idle, said := make(chan struct{}), make(chan struct{})
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line != "wait" {
				return true
			}
			p.say("\r" + p.prompt)
			<-idle
			p.say("\r\nThe system is going down next year\r\n" + noise)
			close(said)
			return false
		}
		p.shell()
	})
	s := open(t, c)
	run(t, s, "wait", "")
	close(idle)
	<-said
	run(t, s, "after", "")
}

func TestPagerInSpiteOfEverything(t *testing.T) {
	t.Parallel()
	wipes := map[string]string{
		"blanks":        "\r        \r",
		"backspaces":    strings.Repeat("\b", 8) + strings.Repeat(" ", 8) + strings.Repeat("\b", 8),
		"erase":         "\r\x1b[K",
		"nothing":       "",
		"nothing, bold": "\x1b[1m",
	}
	for name, wipe := range wipes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, func(p *peer) {
				p.chunk = 1
				p.login()
				p.reply = func(p *peer, line string) bool {
					for range 3 {
						p.say("  line\r\n\x1b[7m--More--\x1b[27m")
						if p.key() != ' ' {
							return true
						}
						p.say(wipe)
					}
					p.say("  end\r\n")
					return true
				}
				p.shell()
			})
			c.Dialect.Setup = nil
			c.Dialect.Probe = "p"
			run(t, open(t, c), "show", "  line\n  line\n  line\n  end\n")
		})
	}
}

func TestALineThatLooksLikeAPager(t *testing.T) {
	t.Parallel()
	c, _ := device(t, answering(nil))
	s := open(t, c)
	for range 3 {
		run(t, s, "description --More--", "")
	}
}

func TestModeAndPrompt(t *testing.T) {
	t.Parallel()
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			p.prompt = map[string]string{"if": "sw(config-if)# ", "end": "sw# "}[line]
			if p.prompt == "" {
				p.prompt = "sw# "
			}
			return true
		}
		p.shell()
	})
	s := open(t, c)
	for line, mode := range map[string]string{"if": "config-if", "end": ""} {
		run(t, s, line, "")
		if s.Mode() != mode {
			t.Errorf("after %q the mode is %q", line, s.Mode())
		}
	}
	run(t, s, "if", "")
	if s.Prompt() != "sw(config-if)# " {
		t.Errorf("the prompt is %q", s.Prompt())
	}
}

func TestErrorGrammar(t *testing.T) {
	t.Parallel()
	c, _ := device(t, answering(map[string]string{
		"vlan 4000": "              ^\r\n% Invalid value/range at '^' marker.\r\n",
		"save":      "\r% Locked by another\r\n",
	}))
	s := open(t, c)
	_, err := s.Run(t.Context(), "vlan 4000")
	wantError(t, err, sdk.Refused, false)
	if want := `"vlan 4000": % Invalid value/range at '^' marker.`; err.Error() != want {
		t.Errorf("got %s, want %s", err, want)
	}
	_, err = s.Run(t.Context(), "save")
	wantError(t, err, sdk.Busy, true, "% Locked by another")
	run(t, s, "fine", "")
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	c, log := device(t, func(p *peer) {
		p.chunk = 1
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line == "write" {
				p.say("Overwrite file [startup-config] ?[Yes/press any key for no]....")
				p.log.add("key " + string(p.key()))
				p.say("\r\nCopy succeeded\r\n")
			}
			return true
		}
		p.shell()
	})
	s := open(t, c)
	question := regexp.MustCompile(`Overwrite file .*\[Yes/press any key for no\]\.*`)
	for _, line := range []string{"write", "unasked"} {
		if _, err := s.Answer(t.Context(), line, question, "y"); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	run(t, s, "after", "")
	if got := strings.Join(log.lines()[2:], ", "); !strings.HasSuffix(got, "write, key y, unasked, after") {
		t.Errorf("typed: %s", got)
	}
}

func TestLinesThatCannotBeTyped(t *testing.T) {
	t.Parallel()
	c, log := device(t, answering(nil))
	s := open(t, c)
	for _, line := range []string{"", "a\rb", "a\tb", "a\x1b", "a\xff", strings.Repeat("x", 77)} {
		_, err := s.Run(t.Context(), line)
		wantError(t, err, sdk.Invalid, false)
	}
	run(t, s, strings.Repeat("x", 76), "")
	if n := len(log.lines()); n != 5 {
		t.Errorf("%d lines were entered: %q", n, log.lines())
	}
}

func TestACancelledLineEndsTheSession(t *testing.T) {
	t.Parallel()
	typed := make(chan struct{})
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line == "slow" {
				close(typed)
				return false
			}
			return true
		}
		p.shell()
	})
	s := open(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-typed; cancel() }()
	_, err := s.Run(ctx, "slow")
	wantError(t, err, sdk.Unavailable, true, "slow", "given up")
	_, err = s.Run(t.Context(), "next")
	wantError(t, err, sdk.Unavailable, true, "nothing was typed")
	if s.Alive() {
		t.Error("the session is alive in the middle of a line")
	}
}

func TestACancelledCallBeforeALineLeavesTheSession(t *testing.T) {
	t.Parallel()
	c, _ := device(t, answering(nil))
	s := open(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Run(ctx, "never")
	wantError(t, err, sdk.Unavailable, true)
	run(t, s, "next", "")
}

func TestAnAnswerThatNeverEnds(t *testing.T) {
	t.Parallel()
	said := map[string]string{"truncated": "Name: Ethernet1/1\r\n  Switchp", "renamed": "\rother# "}
	for name, text := range said {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, func(p *peer) {
				p.login()
				p.reply = func(p *peer, line string) bool {
					if line == "show" {
						p.say(text)
					}
					return line != "show"
				}
				p.shell()
			})
			c.Deadline = time.Second
			s := open(t, c)
			_, err := s.Run(t.Context(), "show")
			wantError(t, err, sdk.Timeout, true, "show", strings.TrimSpace(text[max(0, len(text)-7):]), "prompt")
			if s.Alive() {
				t.Error("the session is alive")
			}
		})
	}
}

func TestPatienceWithALineThatTakesLonger(t *testing.T) {
	t.Parallel()
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line == "save" {
				<-time.After(1500 * time.Millisecond)
			}
			return true
		}
		p.shell()
	})
	c.Deadline = time.Second
	s := open(t, c)
	if _, err := s.Run(console.WithPatience(t.Context(), time.Minute), "save"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Run(t.Context(), "save")
	wantError(t, err, sdk.Timeout, true, "within 1s")
}
