package console_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
)

const banner = "\r\n*** Lab# of the house> ***\r\nsw#\r\nsw> and more\r\nconsole# \r\nLast login: Monday\r\nUser Name: nobody\r\n" +
	"Password: none\r\nNote: login incorrect three times means too many sessions of you\r\n"

func TestABannerFoolsNobody(t *testing.T) {
	t.Parallel()
	for _, chunk := range []int{0, 1, 2} {
		t.Run(strings.Repeat("in pieces ", chunk), func(t *testing.T) {
			t.Parallel()
			c, log := device(t, func(p *peer) {
				p.chunk = chunk
				p.say(banner)
				if p.login() {
					p.say(banner)
					p.shell()
				}
			})
			s := open(t, c)
			run(t, s, "line", "")
			if got, want := strings.Join(log.lines(), ","), "haas,"+password+",haas-probe,terminal length 0,line"; got != want {
				t.Errorf("typed %s, want %s", got, want)
			}
		})
	}
}

func TestLoginIsShorter(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]script{
		"no questions": func(p *peer) { p.shell() },
		"no name":      func(p *peer) { p.say("Password:"); p.line(false); p.shell() },
		"no password":  func(p *peer) { p.say("sw login: "); p.line(true); p.shell() },
		"a repainted prompt without a blank": func(p *peer) {
			p.prompt = "\r\x1b[Kconsole#"
			p.say("\r\n\r\nUser Name:")
			p.line(true)
			p.say("Password:")
			p.line(false)
			p.shell()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, s)
			run(t, open(t, c), "line", "")
		})
	}
}

func TestRejectedLogin(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]script{
		"and asked again":      func(p *peer) { p.login(); p.say("Login incorrect\r\n\r\n"); p.login() },
		"without words":        func(p *peer) { p.login(); p.login() },
		"password asked again": func(p *peer) { p.login(); p.say("Password: "); p.line(false) },
		"and hung up":          func(p *peer) { p.login(); p.say("Login incorrect\r\n") },
		"and then silence":     func(p *peer) { p.login(); p.say("Login incorrect\r\n"); p.key() },
		"name asked again":     func(p *peer) { p.say("login: "); p.line(true); p.login() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, s)
			c.Deadline = time.Second
			wantError(t, failing(t, c), sdk.Denied, false, "log in to 127.0.0.1", `"haas"`)
		})
	}
}

func TestNoSessionLeft(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]script{
		"closed at once":       func(*peer) {},
		"with words":           func(p *peer) { p.say("too many sessions\r\n") },
		"with words and hangs": func(p *peer) { p.say("too many sessions\r\n"); p.key() },
		"after the name":       func(p *peer) { p.say("login: "); p.line(true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, s)
			c.Deadline = time.Second
			wantError(t, failing(t, c), sdk.Busy, true, "no session left")
		})
	}
}

func TestASilentDevice(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]struct {
		script script
		last   string
	}{
		"from the beginning": {func(p *peer) { p.key() }, "last heard: nothing"},
		"after the banner":   {func(p *peer) { p.say("Nexus 5000 Switch\r\n"); p.key() }, `"Nexus 5000 Switch"`},
		"after the password": {func(p *peer) { p.login(); p.key() }, "a prompt; last heard: nothing"},
		"after the probe":    {func(p *peer) { p.login(); p.say("sw# "); p.line(true); p.key() }, `"haas-probe" on 127.0.0.1: entered, maybe done`},
		"after a secret's echo": {func(p *peer) {
			p.say("Password: ")
			p.key()
			p.say(password[:6])
			p.line(false)
			p.say("hello " + password + " there\r\n")
			p.key()
		}, `"hello [secret] there"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, s.script)
			c.Deadline = time.Second
			wantError(t, failing(t, c), sdk.Timeout, true, "127.0.0.1", "1s", s.last)
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := config(t, l.Addr().String())
	hangUp(l)
	wantError(t, failing(t, c), sdk.Unavailable, true, "reach 127.0.0.1:", "connection refused")
	c.Host = "localhost"
	wantError(t, failing(t, c), sdk.Unavailable, true, "reach localhost (", "connection refused")
	c.Host = "no-such-host.invalid"
	wantError(t, failing(t, c), sdk.Unavailable, true, "reach no-such-host.invalid:")
}

func TestOpenObeysItsContext(t *testing.T) {
	t.Parallel()
	connected := make(chan struct{})
	c, _ := device(t, func(p *peer) { close(connected); p.key() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-connected; cancel() }()
	_, err := console.Open(ctx, c)
	wantError(t, err, sdk.Unavailable, true, "given up")
}

// enabling is a device on which haas lands unprivileged.
func enabling(enable func(p *peer)) script {
	return func(p *peer) {
		p.login()
		p.prompt = "sw> "
		p.reply = func(p *peer, line string) bool {
			if line == "enable" {
				enable(p)
			}
			return true
		}
		p.shell()
	}
}

func TestPrivilege(t *testing.T) {
	t.Parallel()
	asks := func(p *peer) {
		p.say("Password: ")
		if word, _ := p.line(false); word == enablePw {
			p.prompt = "sw# "
		}
	}
	for name, g := range map[string]struct {
		script script
		enable sdk.Secret
		code   sdk.Code
		opens  bool
	}{
		"without a password":        {enabling(func(p *peer) { p.prompt = "sw# " }), "", 0, true},
		"with a password":           {enabling(asks), enablePw, 0, true},
		"with a wrong password":     {enabling(asks), "wrong", sdk.Denied, false},
		"asked again":               {enabling(func(p *peer) { asks(p); asks(p) }), "wrong", sdk.Denied, false},
		"asked without a password":  {enabling(asks), "", sdk.Denied, false},
		"refused":                   {enabling(func(p *peer) { p.say("% Not for you\r\n") }), enablePw, sdk.Refused, false},
		"refused without any words": {enabling(func(*peer) {}), "", sdk.Refused, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, g.script)
			c.Enable = g.enable
			if g.opens {
				run(t, open(t, c), "line", "")
				return
			}
			wantError(t, failing(t, c), g.code, false, "`enable_password`")
		})
	}
}

func TestWrongConfig(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*console.Config){
		"no host":           func(c *console.Config) { c.Host = "" },
		"no transport":      func(c *console.Config) { c.Transport = "carrier pigeon" },
		"no known hosts":    func(c *console.Config) { c.Transport = console.SSH },
		"no prompt":         func(c *console.Config) { c.Dialect.Prompt = nil },
		"Enter in a secret": func(c *console.Config) { c.Password = "hunter2\rreload" },
		"Enter in a name":   func(c *console.Config) { c.Username = "haas\r" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t, "127.0.0.1:1")
			spoil(&c)
			wantError(t, failing(t, c), sdk.Invalid, false)
		})
	}
}
