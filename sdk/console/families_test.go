package console_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

// family is a simulated device, how it talks, and something to say to it.
type family struct {
	make             func(consoletest.Options) consoletest.Switch
	dialect          func(*console.Dialect)
	configure, port, // lines
	show, // a line with an answer of several pages
	save string
	// asksToEnable says that users may land without privilege.
	asksToEnable bool
}

func families() map[string]family {
	return map[string]family{
		"nexus": {
			make: func(o consoletest.Options) consoletest.Switch { return nexus5k.New(o) },
			dialect: func(d *console.Dialect) {
				d.Probe, d.Setup, d.Width = "terminal length 0", []string{"terminal width 511", "terminal length 0"}, 511
				d.Errors = append(d.Errors, console.ErrorPattern{Words: regexp.MustCompile(`^Invalid .* marker`), Code: sdk.NotFound})
			},
			configure: "configure terminal", port: "interface ethernet 1/12", show: "show running-config",
			save: "copy running-config startup-config",
		},
		"powerconnect": {
			make: func(o consoletest.Options) consoletest.Switch { return powerconnect55.New(o) },
			dialect: func(d *console.Dialect) {
				d.Setup, d.Width = []string{"terminal datadump"}, 0
				d.Pager = regexp.MustCompile(`More: <space>, +Quit: q[^\n]*One line: <return> *`)
				d.Noise = regexp.MustCompile(`\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2} ?:?%[A-Z0-9_]+-[A-Z]-[A-Za-z0-9_]+:.*`)
			},
			asksToEnable: true, configure: "configure", port: "interface gi1/0/12", show: "show running-config",
			save: "copy running-config startup-config",
		},
	}
}

var (
	telnetOnly = []string{console.Telnet}
	both       = []string{console.Telnet, console.SSH}
)

func (f family) config(t *testing.T, sw consoletest.Switch, transport string) console.Config {
	t.Helper()
	c := config(t, sw.Start(t, transport))
	c.Transport, c.KnownHosts = transport, filepath.Join(t.TempDir(), "known_hosts")
	c.Username, c.Password, c.Enable = "admin", password, enablePw
	f.dialect(&c.Dialect)
	return c
}

// eachFamily tests both over the transports.
func eachFamily(
	t *testing.T, o consoletest.Options, transports []string,
	test func(t *testing.T, f family, sw consoletest.Switch, c console.Config),
) {
	t.Helper()
	o.Password = password
	for name, f := range families() {
		for _, transport := range transports {
			t.Run(name+" over "+transport, func(t *testing.T) {
				t.Parallel()
				sw := f.make(o)
				test(t, f, sw, f.config(t, sw, transport))
			})
		}
	}
}

func must(t *testing.T, s *console.Session, line string) string {
	t.Helper()
	got, err := s.Run(t.Context(), line)
	if err != nil {
		t.Fatalf("run %q: %v", line, err)
	}
	return got
}

func TestFamilies(t *testing.T) {
	t.Parallel()
	eachFamily(t, consoletest.Options{}, both, func(t *testing.T, f family, sw consoletest.Switch, c console.Config) {
		s := open(t, c)
		if got := must(t, s, f.show); strings.TrimSpace(got) != strings.TrimSpace(sw.RunningConfig()) {
			t.Errorf("shown:\n%s\nwant:\n%s", got, sw.RunningConfig())
		}
		must(t, s, f.configure)
		must(t, s, f.port)
		if s.Mode() != "config-if" {
			t.Errorf("the mode is %q", s.Mode())
		}
		must(t, s, "shutdown")
		_, err := s.Run(t.Context(), "no such command")
		wantError(t, err, sdk.Refused, false, `"no such command": % `)
		must(t, s, "end")
		if _, err := s.Answer(t.Context(), f.save, regexp.MustCompile(`Overwrite file .*\.\.\.\.|\(Y/N\)\[N\] \?`), "y"); err != nil || !sw.Saved() {
			t.Errorf("saved %v: %v", sw.Saved(), err)
		}
	})
}

func TestFamiliesWithEnablePassword(t *testing.T) {
	t.Parallel()
	eachFamily(t, consoletest.Options{Enable: enablePw}, both, func(t *testing.T, f family, _ consoletest.Switch, c console.Config) {
		must(t, open(t, c), f.configure)
		if f.asksToEnable {
			c.Enable = "wrong"
			wantError(t, failing(t, c), sdk.Denied, false, "`enable_password`")
		}
		c.Password = "wrong"
		wantError(t, failing(t, c), sdk.Denied, false, "rejected")
	})
}

func TestFamiliesUnderFaults(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]consoletest.Kind{
		"pager": consoletest.ForcePager, "log lines inside": consoletest.LogInside, "log lines behind": consoletest.LogBehind,
		"a slow answer": consoletest.SlowReply,
	} {
		t.Run("survives "+name, func(t *testing.T) {
			t.Parallel()
			eachFamily(t, consoletest.Options{}, telnetOnly, func(t *testing.T, f family, sw consoletest.Switch, c console.Config) {
				s := open(t, c)
				want := must(t, s, f.show)
				sw.Inject(consoletest.Fault{Kind: kind, Always: true, Delay: 300 * time.Millisecond})
				for range 2 {
					if got := must(t, s, f.show); steady(got) != steady(want) {
						t.Errorf("shown:\n%s\nwant:\n%s", got, want)
					}
				}
			})
		})
	}
	for name, g := range map[string]struct {
		kind consoletest.Kind
		code sdk.Code
	}{
		"a lost character":      {consoletest.LoseCharacter, sdk.Unavailable},
		"a drop before":         {consoletest.DropBefore, sdk.Unavailable},
		"a drop after":          {consoletest.DropAfter, sdk.Unavailable},
		"a truncated answer":    {consoletest.TruncateReply, sdk.Timeout},
		"a change of host name": {consoletest.Rename, sdk.Timeout},
	} {
		t.Run("tells "+name, func(t *testing.T) {
			t.Parallel()
			eachFamily(t, consoletest.Options{}, telnetOnly, func(t *testing.T, f family, sw consoletest.Switch, c console.Config) {
				c.Deadline = 3 * time.Second
				s := open(t, c)
				must(t, s, f.configure)
				lines := sw.Commands()
				sw.Inject(consoletest.Fault{Kind: g.kind, Nth: 4, Text: "other"})
				var err error
				for range 4 {
					if _, err = s.Run(t.Context(), f.port); err != nil {
						break
					}
				}
				wantError(t, err, g.code, true, f.port)
				if s.Alive() {
					t.Error("the session is alive")
				}
				if g.kind == consoletest.LoseCharacter && sw.Commands() != lines {
					t.Error("the line was entered")
				}
			})
		})
	}
}

// steady is a configuration without the line that tells the time.
func steady(config string) string {
	return regexp.MustCompile(`(?m)^!Time.*$`).ReplaceAllString(config, "")
}

func TestFamiliesWithoutASessionLeft(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]consoletest.Fullness{"words": consoletest.FullWords, "closes": consoletest.FullCloses} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachFamily(t, consoletest.Options{Sessions: 1, Full: full}, both, func(t *testing.T, _ family, _ consoletest.Switch, c console.Config) {
				s := open(t, c)
				wantError(t, failing(t, c), sdk.Busy, true)
				run(t, s, c.Dialect.Setup[0], "")
			})
		})
	}
	t.Run("hangs", func(t *testing.T) {
		t.Parallel()
		eachFamily(t, consoletest.Options{Sessions: 1, Full: consoletest.FullHangs}, telnetOnly, func(t *testing.T, _ family, _ consoletest.Switch, c console.Config) {
			open(t, c)
			c.Deadline = time.Second
			wantError(t, failing(t, c), sdk.Timeout, true)
		})
	})
}
