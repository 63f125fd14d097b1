package consoletest_test

import (
	"errors"
	"net"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
)

var (
	onCount = regexp.MustCompile(`^count`)
	onLight = regexp.MustCompile(`^light on$`)
	onSave  = regexp.MustCompile(`^save$`)
)

// toBulb brings a session to where the lamp is lit.
func toBulb(t *testing.T, p *peer.Peer) {
	t.Helper()
	says(t, p, "configure", "lamp(config)> ")
	says(t, p, "bulb", "lamp(bulb)> ")
}

func TestFaultsOfAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault      consoletest.Fault
		line, want string
	}{
		"a lost command":       {consoletest.Fault{Kind: consoletest.LoseCommand}, "count 3", "lamp> "},
		"cut output":           {consoletest.Fault{Kind: consoletest.TruncateOutput, On: onCount}, "count 4", "line 1\r\nline 2\r\nlamp> "},
		"garbled output":       {consoletest.Fault{Kind: consoletest.GarbleReply}, "count 1", "li~e ~\r\nlamp> "},
		"garbled silence":      {consoletest.Fault{Kind: consoletest.GarbleReply}, "unpaged", "~{x~~\x7f~\r\nlamp> "},
		"a log line inside":    {consoletest.Fault{Kind: consoletest.LogInside}, "count 2", "line 1\r\nLOG: flicker\r\nline 2\r\nlamp> "},
		"a log line of choice": {consoletest.Fault{Kind: consoletest.LogInside, Text: "LOG: boo"}, "count 2", "line 1\r\nLOG: boo\r\nline 2\r\nlamp> "},
		"a log line behind":    {consoletest.Fault{Kind: consoletest.LogBehind}, "count 1", "line 1\r\nlamp> LOG: flicker\r\n"},
		"another name":         {consoletest.Fault{Kind: consoletest.Rename, Text: "torch"}, "count 1", "line 1\r\ntorch> "},
		"slowness":             {consoletest.Fault{Kind: consoletest.SlowReply, Delay: time.Millisecond}, "count 1", "line 1\r\nlamp> "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{})
			p := open(t, l)
			hit := l.Inject(test.fault)
			p.Type(test.line + "\r")
			if got, want := p.Until(test.want), test.line+"\r\n"+test.want; got != want || hit.Hits() != 1 {
				t.Errorf("got %q, want %q; %d hits", got, want, hit.Hits())
			}
			if test.fault.Kind == consoletest.Rename {
				return
			}
			says(t, p, "show light", "lit: false\r\nlamp> ")
		})
	}
}

func TestForcedPager(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	says(t, p, "unpaged", "lamp> ")
	l.Inject(consoletest.Fault{Kind: consoletest.ForcePager, Always: true})
	p.Enter("count 6", "--more--")
	p.Type(" ")
	if got, want := p.Until("> "), "\r\x1b[K"+lines(5, 6)+"lamp> "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCutAnswer(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	l.Inject(consoletest.Fault{Kind: consoletest.TruncateReply})
	p.Type("count 2\rcount 1\r")
	p.Until("count 2\r\nline 1\r\n")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if rest := p.Rest(); rest != "" {
		t.Errorf("after half the answer it said %q", rest)
	}
}

// TestDrops shows what a dropped command has done, and that hooks hear of what was done.
func TestDrops(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind consoletest.Kind
		lit  bool
	}{
		"before": {consoletest.DropBefore, false},
		"after":  {consoletest.DropAfter, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{})
			p := open(t, l)
			toBulb(t, p)
			l.Inject(consoletest.Fault{Kind: test.kind, On: onLight})
			heard := false
			l.OnCommand(func(c consoletest.Typed) { heard = heard || c.Line == "light on" })
			p.Type("li o\r")
			if rest := p.Rest(); rest != "li o\r\n" {
				t.Errorf("it closed with %q", rest)
			}
			eventually(t, "the session is over", func() bool { return l.Sessions() == 0 })
			if l.isLit() != test.lit || heard != test.lit {
				t.Errorf("lit %v, heard %v, want both %v", l.isLit(), heard, test.lit)
			}
		})
	}
}

func TestDropDuringSave(t *testing.T) {
	t.Parallel()
	for name, finish := range map[string]bool{"unfinished": false, "finished": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{Save: 10 * time.Millisecond})
			p := open(t, l)
			l.Inject(consoletest.Fault{Kind: consoletest.DropDuring, On: onSave, Finish: finish})
			p.Enter("save", "sure? ")
			p.Type("y")
			if rest := p.Rest(); rest != "\r\nsaving\r\n" {
				t.Errorf("it closed with %q", rest)
			}
			eventually(t, "the session is over", func() bool { return l.Sessions() == 0 })
			if l.isSaved() != finish {
				t.Errorf("saved: %v", l.isSaved())
			}
		})
	}
}

// TestGoneDuringSave is the same by the peer's doing.
func TestGoneDuringSave(t *testing.T) {
	t.Parallel()
	for name, outlives := range map[string]bool{"ends with its session": false, "outlives its session": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{Save: time.Hour, SaveOutlives: outlives})
			p := open(t, l)
			p.Enter("save", "sure? ")
			p.Type("y")
			p.Until("saving\r\n")
			p.Close()
			eventually(t, "the session is over", func() bool { return l.Sessions() == 0 })
			if l.isSaved() != outlives {
				t.Errorf("saved: %v", l.isSaved())
			}
		})
	}
}

func TestIgnoredConfiguration(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	l.Inject(consoletest.Fault{Kind: consoletest.IgnoreConfig, Always: true})
	toBulb(t, p)
	says(t, p, "light on", "lamp(bulb)> ")
	says(t, p, "colour 9", "% no such tone\r\nlamp(bulb)> ")
	if l.isLit() {
		t.Error("the lamp is lit")
	}
	l.Heal()
	says(t, p, "light on", "lamp(bulb)> ")
	if !l.isLit() {
		t.Error("the lamp is not lit")
	}
}

func TestNthFault(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	second := l.Inject(consoletest.Fault{Kind: consoletest.LoseCommand, On: onCount, Nth: 2})
	says(t, p, "count 1", "line 1\r\nlamp> ")
	says(t, p, "show light", "lit: false\r\nlamp> ")
	says(t, p, "count 1", "lamp> ")
	says(t, p, "count 1", "line 1\r\nlamp> ")
	second.Remove()
	always := l.Inject(consoletest.Fault{Kind: consoletest.LoseCommand, On: onCount, Nth: 2, Always: true})
	says(t, p, "count 1", "line 1\r\nlamp> ")
	says(t, p, "count 1", "lamp> ")
	says(t, p, "count 1", "lamp> ")
	always.Remove()
	says(t, p, "count 1", "line 1\r\nlamp> ")
	if second.Hits() != 1 || always.Hits() != 2 {
		t.Errorf("%d and %d hits", second.Hits(), always.Hits())
	}
}

func TestFaultsOfConnections(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault consoletest.Fault
		want  string
	}{
		"no session left":    {consoletest.Fault{Kind: consoletest.RefuseSession}, "Full."},
		"no session, quoted": {consoletest.Fault{Kind: consoletest.RefuseSession, Text: "Go away.\r\n"}, "Go away."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{})
			address := l.Start(t, consoletest.Telnet)
			l.Inject(test.fault)
			if rest := peer.Dial(t, address, nil).Rest(); strings.TrimSpace(rest) != test.want {
				t.Errorf("it closed with %q", rest)
			}
			peer.Dial(t, address, nil).Login("user: ", "word: ", "> ")
		})
	}
}

func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	address := l.Start(t, consoletest.Telnet)
	l.Inject(consoletest.Fault{Kind: consoletest.RefuseConnection})
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection ended with %v", err)
	}
	peer.Dial(t, address, nil).Login("user: ", "word: ", "> ")
}

func TestSilence(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]consoletest.Kind{
		"a silent host": consoletest.SilentConnection, "no session left": consoletest.HangSession,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{})
			address := l.Start(t, consoletest.Telnet)
			silent := l.Inject(consoletest.Fault{Kind: kind})
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			eventually(t, "the connection is silent", func() bool { return silent.Hits() == 1 })
			if _, err := conn.Write([]byte("admin\radmin\r")); err != nil {
				t.Fatal(err)
			}
			peer.Dial(t, address, nil).Login("user: ", "word: ", "> ")
			if l.Logins() != 1 {
				t.Errorf("%d logins", l.Logins())
			}
		})
	}
}

func TestFaultsOfLogins(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	address := l.Start(t, consoletest.Telnet)
	l.Inject(consoletest.Fault{Kind: consoletest.ChangeBanner, Text: "Another lamp.\r\n"})
	l.Inject(consoletest.Fault{Kind: consoletest.RejectLogin})
	l.SetHostname("torch")
	p := peer.Dial(t, address, nil)
	if got, want := p.Login("user: ", "word: ", "user: "), "Another lamp.\r\nuser: admin\r\nword: #####\r\nNo.\r\nuser: "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Type("admin\r")
	p.Until("word: ")
	p.Type("admin\r")
	p.Until("Hello.\r\ntorch> ")
}
