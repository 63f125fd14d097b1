package consoletest_test

import (
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
)

func TestSessionLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		full consoletest.Fullness
		want string
	}{
		"by words":   {consoletest.FullWords, "Full.\r\n"},
		"by closing": {consoletest.FullCloses, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLamp(consoletest.Options{Sessions: 2, Full: test.full})
			address := l.Start(t, consoletest.Telnet)
			peers := []*peer.Peer{peer.Dial(t, address, nil), peer.Dial(t, address, nil)}
			for _, p := range peers {
				p.Login("user: ", "word: ", "> ")
			}
			if rest := peer.Dial(t, address, nil).Rest(); rest != test.want {
				t.Errorf("the third was told %q", rest)
			}
			peers[0].Close()
			eventually(t, "a session is free", func() bool { return l.Sessions() == 1 })
			peer.Dial(t, address, nil).Login("user: ", "word: ", "> ")
			if l.MostSessions() != 2 || l.Logins() != 3 {
				t.Errorf("%d at once, %d in all", l.MostSessions(), l.Logins())
			}
		})
	}
}

func TestSessionLimitByHanging(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{Sessions: 1, Full: consoletest.FullHangs})
	address := l.Start(t, consoletest.Telnet)
	first := peer.Dial(t, address, nil)
	first.Login("user: ", "word: ", "> ")
	second := peer.Dial(t, address, nil)
	says(t, first, "show light", "lit: false\r\nlamp> ")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if rest := second.Rest(); rest != "" || len(second.Verbs) != 0 {
		t.Errorf("the second was told %q and %v", rest, second.Verbs)
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{Idle: 20 * time.Millisecond})
	p := peer.Dial(t, l.Start(t, consoletest.Telnet), nil)
	if rest := p.Rest(); rest != "A lamp.\r\nuser: " {
		t.Errorf("it closed with %q", rest)
	}
}

func TestReboot(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	address := l.Start(t, consoletest.Telnet)
	p := peer.Dial(t, address, nil)
	p.Login("user: ", "word: ", "> ")
	if err := l.Type("configure", "bulb", "light on"); err != nil {
		t.Fatal(err)
	}
	var heard []string
	l.OnCommand(func(c consoletest.Typed) { heard = append(heard, c.Line) })
	l.Reboot()
	if rest := p.Rest(); rest != "" || l.isLit() || !slices.Equal(heard, []string{"reload"}) {
		t.Errorf("it said %q, is lit: %v; hooks heard %q", rest, l.isLit(), heard)
	}
	peer.Dial(t, address, nil).Login("user: ", "word: ", "> ")
}

func TestClosedDevice(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	address := l.Start(t, consoletest.Telnet)
	peer.Dial(t, address, nil).Until("user: ")
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Serve(listener, consoletest.Telnet); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed device served: %v", err)
	}
	if err := l.Serve(listener, "carrier pigeon"); err == nil {
		t.Error("an unknown transport was served")
	}
}

// TestHooks shows that a hook comes after the effect and before the answer, and may type.
func TestHooks(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	p := open(t, l)
	var heard []consoletest.Typed
	l.OnCommand(func(c consoletest.Typed) {
		heard = append(heard, c)
		if c.Session == 0 || c.Line != "light on" {
			return
		}
		if !l.isLit() {
			t.Error("the hook came before the effect")
		}
		if err := l.Type("configure", "bulb", "no light"); err != nil {
			t.Error(err)
		}
	})
	toBulb(t, p)
	says(t, p, "li on", "lamp(bulb)> ")
	says(t, p, "color 9", "% no such tone\r\nlamp(bulb)> ")
	if l.isLit() {
		t.Error("the hook's line had no effect")
	}
	want := []consoletest.Typed{
		{Session: 1, Line: "configure", Raw: "configure"},
		{Session: 1, Mode: "config", Line: "bulb", Raw: "bulb"},
		{Session: 1, Mode: "bulb", Line: "light on", Raw: "li on"},
		{Line: "configure", Raw: "configure"},
		{Mode: "config", Line: "bulb", Raw: "bulb"},
		{Mode: "bulb", Line: "no light", Raw: "no light"},
		{Session: 1, Mode: "bulb", Line: "color 9", Raw: "color 9", Refused: "% no such tone"},
	}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %+v", heard)
	}
	if l.Commands() != len(want) || len(l.History()) != len(want) {
		t.Errorf("%d commands, %d in the history", l.Commands(), len(l.History()))
	}
}

func TestConsoleRefusal(t *testing.T) {
	t.Parallel()
	l := newLamp(consoletest.Options{})
	var refusal consoletest.RefusalError
	err := l.Type("configure", "bulb", "colour 9", "light on")
	if !errors.As(err, &refusal) || refusal != "% no such tone" || l.isLit() {
		t.Errorf("got %v; lit: %v", err, l.isLit())
	}
	if err := l.Type("save"); err != nil || !l.isSaved() {
		t.Errorf("a question: %v; saved: %v", err, l.isSaved())
	}
}
