package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

func TestAWrongEchoEntersNothing(t *testing.T) {
	t.Parallel()
	const line = "interface ethernet 1/12"
	echoes := map[string]string{
		"a character lost":           "interface ethernet 1/2",
		"the last character lost":    "interface ethernet 1/1",
		"the first character lost":   "nterface ethernet 1/12",
		"a character garbled":        "interface etherneu 1/12",
		"a character doubled":        "interface ethernet 1/122",
		"a character too many":       "iinterface ethernet 1/12",
		"lost before a log line":     "intrface" + noise + " ethernet 1/12",
		"a control character in it":  "interface ethernet\b 1/12",
		"a log line that is unknown": "interface" + "\r\nup!\r\n" + " ethernet 1/12",
		"a wrong repetition":         "interface eth" + noise + "sw# intrface ethernet 1/12",
	}
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, log := device(t, func(p *peer) {
				p.login()
				p.reply = func(p *peer, line string) bool {
					if line == "break" {
						p.garble = func(string) string { return echo }
					}
					return true
				}
				p.shell()
			})
			c.Deadline = 2 * time.Second
			s := open(t, c)
			run(t, s, "break", "")
			_, err := s.Run(t.Context(), line)
			wantError(t, err, sdk.Unavailable, true, "the device echoed", `instead of "interface ethernet 1/12"; nothing was entered`)
			if s.Alive() {
				t.Error("the session is alive")
			}
			if got := log.lines(); got[len(got)-1] != "break" {
				t.Errorf("entered: %q", got)
			}
		})
	}
}

func TestNoEchoEntersNothing(t *testing.T) {
	t.Parallel()
	c, log := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			p.garble = func(string) string { return "" }
			return true
		}
		p.line(true)
		p.shell()
	})
	c.Deadline = time.Second
	c.Dialect.Setup = nil
	e := failing(t, c)
	wantError(t, e, sdk.Timeout, true)
	if slices.Contains(log.lines(), "next") {
		t.Errorf("entered: %q", log.lines())
	}
}

func TestEchoesThatAreRight(t *testing.T) {
	t.Parallel()
	const line = "interface ethernet 1/12"
	echoes := map[string]string{
		"painted":      "\x1b[1minterface\x1b[0m ethernet 1/12",
		"repainted":    "interface\r\x1b[Ksw# interface ethernet 1/12",
		"corrected":    "interfate\b\bce ethernet 1/12",
		"with bells":   "interface\a ethernet\x00 1/12",
		"a title":      "\x1b]0;sw\ainterface ethernet 1/12",
		"interrupted":  strings.Join(strings.SplitAfter(line, ""), noise),
		"noise behind": line + noise,
	}
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, log := device(t, func(p *peer) {
				p.chunk = 1
				p.login()
				p.reply = func(p *peer, line string) bool {
					p.garble = nil
					if line == "break" {
						p.garble = func(string) string { return echo }
					}
					return true
				}
				p.shell()
			})
			s := open(t, c)
			run(t, s, "break", "")
			run(t, s, line, "")
			if !slices.Contains(log.lines(), line) {
				t.Errorf("entered: %q", log.lines())
			}
		})
	}
}
