// Package peer is a raw telnet client for the simulators' own tests. It shares nothing with sdk/console, whose tests in
// turn lean on the simulators, and hides no byte of what the device says.
package peer

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"
)

// patience is how long a device may think. Only a broken test waits so long.
const patience = 10 * time.Second

// The bytes of the protocol.
const (
	se, sb, will, wont, do, dont, iac = 240, 250, 251, 252, 253, 254, 255
)

// Peer is a connection to a simulated device.
type Peer struct {
	t    testing.TB
	conn net.Conn
	// agrees says yes to an offer.
	agrees func(verb, option byte) bool
	// Verbs are the offers seen, verb and option.
	Verbs [][2]byte
	seen  []byte
}

// Dial connects. agrees answers the device's offers (verb DO is 253, WILL is 251); nil is a plain terminal, which lets
// the device echo and has no options of its own.
func Dial(t testing.TB, address string, agrees func(verb, option byte) bool) *Peer {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	return On(t, conn, agrees)
}

// On is Dial for a connection that is there.
func On(t testing.TB, conn net.Conn, agrees func(verb, option byte) bool) *Peer {
	t.Cleanup(func() { _ = conn.Close() })
	if agrees == nil {
		agrees = func(verb, _ byte) bool { return verb == will }
	}
	return &Peer{t: t, conn: conn, agrees: agrees}
}

// Type sends keys as they are.
func (p *Peer) Type(keys string) {
	p.t.Helper()
	if _, err := p.conn.Write([]byte(keys)); err != nil {
		p.t.Fatalf("type %q: %v", keys, err)
	}
}

// Until reads until what was not taken yet ends in end, and takes it.
func (p *Peer) Until(end string) string {
	p.t.Helper()
	for !bytes.HasSuffix(p.seen, []byte(end)) {
		if !p.read() {
			p.t.Fatalf("waited for %q; the device said %q", end, p.seen)
		}
	}
	said := string(p.seen)
	p.seen = nil
	return said
}

// Rest reads until the device closes the connection.
func (p *Peer) Rest() string {
	p.t.Helper()
	for p.read() {
	}
	return string(p.seen)
}

// Enter types a line and reads up to the prompt that ends in end.
func (p *Peer) Enter(line, end string) string {
	p.t.Helper()
	p.Type(line + "\r")
	return p.Until(end)
}

// Close hangs up.
func (p *Peer) Close() { _ = p.conn.Close() }

// Login answers the two questions.
func (p *Peer) Login(username, password, end string) string {
	p.t.Helper()
	var said strings.Builder
	said.WriteString(p.Until(username))
	p.Type("admin\r")
	said.WriteString(p.Until(password))
	p.Type("admin\r")
	said.WriteString(p.Until(end))
	return said.String()
}

// read takes in what has come; false if nothing comes any more.
func (p *Peer) read() bool {
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return false
	}
	buffer := make([]byte, 4096)
	n, err := p.conn.Read(buffer)
	p.take(buffer[:n])
	return err == nil
}

// take separates text from protocol. The simulators send each command of the protocol in one write, and so it is not cut.
func (p *Peer) take(in []byte) {
	for len(in) > 0 {
		switch {
		case in[0] != iac:
			p.seen = append(p.seen, in[0])
			in = in[1:]
		case in[1] == iac:
			p.seen = append(p.seen, iac)
			in = in[2:]
		case in[1] == sb:
			end := bytes.Index(in, []byte{iac, se})
			_, _ = p.conn.Write([]byte{iac, sb, in[2], 0, 'x', iac, se}) // a device that has gone is noticed by the reader
			in = in[end+2:]
		default:
			p.answer(in[1], in[2])
			in = in[3:]
		}
	}
}

func (p *Peer) answer(verb, option byte) {
	p.Verbs = append(p.Verbs, [2]byte{verb, option})
	reply := map[bool]map[byte]byte{
		true:  {will: do, do: will, wont: dont, dont: wont},
		false: {will: dont, do: wont, wont: dont, dont: wont},
	}[p.agrees(verb, option)][verb]
	_, _ = p.conn.Write([]byte{iac, reply, option}) // a device that has gone is noticed by the reader
}
