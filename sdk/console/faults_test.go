package console_test

import (
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

func TestADroppedConnection(t *testing.T) {
	t.Parallel()
	for name, drop := range map[string]struct {
		garble func(p *peer) func(string) string
		reply  func(p *peer) bool
		words  string
	}{
		"before the echo":      {garble: func(p *peer) func(string) string { return func(string) string { p.close(); return "" } }, words: "nothing was entered"},
		"in the echo":          {garble: func(p *peer) func(string) string { return func(string) string { p.say("vl"); p.close(); return "" } }, words: "nothing was entered"},
		"before the answer":    {reply: func(p *peer) bool { p.close(); return false }, words: "entered, maybe done"},
		"in the answer":        {reply: func(p *peer) bool { p.say("Name: Eth"); p.close(); return false }, words: "entered, maybe done"},
		"in a pager's answer":  {reply: func(p *peer) bool { p.say("a\r\n--More--"); p.key(); p.close(); return false }, words: "entered, maybe done"},
		"in the middle of log": {reply: func(p *peer) bool { p.say("sw# 2021 Jul"); p.close(); return false }, words: "entered, maybe done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := device(t, func(p *peer) {
				p.login()
				p.reply = func(p *peer, line string) bool {
					if line == "break" && drop.garble != nil {
						p.garble = drop.garble(p)
					}
					return line != "vlan 10" || drop.reply(p)
				}
				p.shell()
			})
			s := open(t, c)
			run(t, s, "break", "")
			_, err := s.Run(t.Context(), "vlan 10")
			wantError(t, err, sdk.Unavailable, true, `"vlan 10" on 127.0.0.1`, "closed the connection", drop.words)
			_, err = s.Run(t.Context(), "next")
			wantError(t, err, sdk.Unavailable, true, "nothing was typed")
		})
	}
}

func TestADropWhileIdleIsSeen(t *testing.T) {
	t.Parallel()
	idle := make(chan struct{})
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line == "last" {
				p.say("sw# ")
				<-idle
				p.close()
			}
			return line != "last"
		}
		p.shell()
	})
	s := open(t, c)
	run(t, s, "last", "")
	if !s.Alive() {
		t.Fatal("the session is dead before its time")
	}
	close(idle)
	for limit := time.After(10 * time.Second); s.Alive(); {
		select {
		case <-limit:
			t.Fatal("the session is alive after the device hung up")
		case <-time.After(time.Millisecond):
		}
	}
	_, err := s.Run(t.Context(), "next")
	wantError(t, err, sdk.Unavailable, true, "closed the connection")
}

func TestClose(t *testing.T) {
	t.Parallel()
	c, _ := device(t, answering(nil))
	s := open(t, c)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Run(t.Context(), "next")
	wantError(t, err, sdk.Unavailable, true, "closed")
	if s.Alive() {
		t.Error("a closed session is alive")
	}
}

func TestCloseDuringALine(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line == "slow" {
				close(entered)
			}
			return line != "slow"
		}
		p.shell()
	})
	s := open(t, c)
	go func() { <-entered; _ = s.Close() }()
	_, err := s.Run(t.Context(), "slow")
	wantError(t, err, sdk.Unavailable, true)
}

func TestADeviceThatDoesNotStopTalking(t *testing.T) {
	t.Parallel()
	c, _ := device(t, func(p *peer) {
		p.login()
		p.reply = func(p *peer, line string) bool {
			if line != "babble" {
				return true
			}
			for range 5 << 10 {
				p.say(strings.Repeat("blah ", 204) + "\r\n")
			}
			return true
		}
		p.shell()
	})
	_, err := open(t, c).Run(t.Context(), "babble")
	wantError(t, err, sdk.Unavailable, true, "does not stop")
}

func TestManyCallers(t *testing.T) {
	t.Parallel()
	c, log := device(t, answering(map[string]string{"show": "text\r\n"}))
	s := open(t, c)
	done := make(chan error)
	const callers = 8
	for range callers {
		go func() {
			got, err := s.Run(t.Context(), "show")
			if err == nil && got != "text\n" {
				t.Errorf("got %q", got)
			}
			done <- err
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(log.lines()); n != 4+callers {
		t.Errorf("%d lines: %q", n, log.lines())
	}
}

func TestSecretsAreInNoLog(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]script{
		"echoed": func(p *peer) {
			p.say("login: ")
			p.line(true)
			p.say("Password: ")
			p.line(true)
			p.prompt = "sw> "
			p.reply = func(p *peer, line string) bool {
				if line == "enable" {
					p.say("Password: ")
					p.line(true)
					p.prompt = "sw# "
				}
				p.say("snmp " + password + "\r\nenable secret " + enablePw + "\r\n")
				return true
			}
			p.shell()
		},
		"rejected": func(p *peer) { p.login(); p.say(password + " is wrong\r\n"); p.login() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, log := device(t, s)
			transcript := &transcript{}
			c.Log, c.Enable = transcript.logger(), enablePw
			if name == "rejected" {
				wantError(t, failing(t, c), sdk.Denied, false)
			} else {
				run(t, open(t, c), "show", "snmp "+password+"\nenable secret "+enablePw+"\n")
			}
			if !strings.Contains(strings.Join(log.lines(), " "), password) {
				t.Fatal("the device never saw the password")
			}
			text := transcript.String()
			if strings.Contains(text, password) || strings.Contains(text, enablePw) {
				t.Errorf("a secret in the transcript:\n%s", text)
			}
			if !strings.Contains(text, "haas") || !strings.Contains(text, "Password:") {
				t.Errorf("no transcript:\n%s", text)
			}
		})
	}
}
