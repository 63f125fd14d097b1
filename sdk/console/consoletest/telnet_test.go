package consoletest_test

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/internal/peer"
)

const (
	se, sb, will, wont, do, dont, iac = "\xf0", "\xfa", "\xfb", "\xfc", "\xfd", "\xfe", "\xff"
)

// offering is a lamp with a daemon that offers options.
func offering(o consoletest.Options) *lamp {
	return newLamp(o, func(f *consoletest.Family) {
		f.Telnet = consoletest.Offers{
			Do:   []byte{consoletest.OptionTerminalType, consoletest.OptionWindowSize},
			Will: []byte{consoletest.OptionEcho},
		}
	})
}

// raw is a connection without any manners.
type raw struct {
	t *testing.T
	net.Conn
}

func dial(t *testing.T, address string) raw {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	return raw{t, conn}
}

func (r raw) send(text string) {
	r.t.Helper()
	if _, err := io.WriteString(r, text); err != nil {
		r.t.Fatal(err)
	}
}

// expect reads exactly want.
func (r raw) expect(want string) {
	r.t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(r, got); err != nil || string(got) != want {
		r.t.Fatalf("got %q (%v), want %q", got[:n], err, want)
	}
}

// TestNegotiation shows that the daemon offers all at once, and says nothing until each is answered.
func TestNegotiation(t *testing.T) {
	t.Parallel()
	l := offering(consoletest.Options{})
	r := dial(t, l.Start(t, consoletest.Telnet))
	offers := make([]byte, 9)
	if _, err := io.ReadFull(r, offers); err != nil {
		t.Fatal(err)
	}
	for _, offer := range []string{iac + do + "\x18", iac + do + "\x1f", iac + will + "\x01"} {
		if !bytes.Contains(offers, []byte(offer)) {
			t.Errorf("%q was not offered in %q", offer, offers)
		}
	}
	r.send(iac + wont + "\x1f" + iac + do + "\x01")
	r.send(iac + will + "\x63") // what was never offered is refused
	r.expect(iac + dont + "\x63")
	r.send(iac + do + "\x62")
	r.expect(iac + wont + "\x62")
	r.send(iac + wont + "\x63" + iac + dont + "\x62") // that needs no answer
	r.send(iac + will + "\x18")
	r.expect(iac + sb + "\x18\x01" + iac + se)
	r.send(iac + sb + "\x18\x00xterm" + iac + se)
	r.expect("A lamp.\r\nuser: ")
}

func TestRefusedEcho(t *testing.T) {
	t.Parallel()
	l := offering(consoletest.Options{})
	p := peer.Dial(t, l.Start(t, consoletest.Telnet), func(byte, byte) bool { return false })
	if got, want := p.Login("user: ", "word: ", "> "), "A lamp.\r\nuser: word: Hello.\r\nlamp> "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Enter("count 1", "> "), "line 1\r\nlamp> "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWindowSize(t *testing.T) {
	t.Parallel()
	l := offering(consoletest.Options{})
	p := peer.Dial(t, l.Start(t, consoletest.Telnet), func(verb, option byte) bool {
		return verb == will[0] || option == consoletest.OptionTerminalType
	})
	p.Type(iac + sb + "\x1f\x00\x50\x00\x03" + iac + se)
	p.Login("user: ", "word: ", "> ")
	if got, want := p.Enter("count 3", "--more--"), "count 3\r\n"+lines(1, 2)+"--more--"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProtocolInText(t *testing.T) {
	t.Parallel()
	p := open(t, newLamp(consoletest.Options{}))
	p.Type("cou" + iac + "\xf1" + "nt 1" + iac + iac + "\x08\r")
	if got, want := p.Until("> "), "count 1\xff\b \b\r\nline 1\r\nlamp> "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Type("abc" + iac + "\xf4")
	if got, want := p.Until("> "), "abc^C\r\n\rlamp> "; got != want {
		t.Errorf("an interrupt: got %q, want %q", got, want)
	}
	p.Type(iac + "\xf6")
	p.Until("[Yes]\r\n")
}

func TestEndlessSubnegotiation(t *testing.T) {
	t.Parallel()
	p := open(t, newLamp(consoletest.Options{}))
	p.Type(iac + sb + strings.Repeat("x", 1000))
	if rest := p.Rest(); rest != "" {
		t.Errorf("it said %q", rest)
	}
}

func TestVLANLists(t *testing.T) {
	t.Parallel()
	v := consoletest.VLANRange(10, 12).With(1).With(4094)
	if got, want := v.String(), "1,10-12,4094"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := v.Lines(7), []string{"1,10-12", "4094"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := v.Not(consoletest.SomeVLANs(11, 4094)).IDs(); !slices.Equal(got, []int{1, 10, 12}) {
		t.Errorf("got %v", got)
	}
	if got := v.And(consoletest.SomeVLANs(1, 2)); got != consoletest.SomeVLANs(1) || got.Has(2) {
		t.Errorf("got %v", got)
	}
}
