package consoletest

import (
	"bytes"
	"net"
	"sync"
)

// The telnet options that daemons offer.
const (
	OptionEcho                 = 1
	OptionSuppressGoAhead      = 3
	OptionStatus               = 5
	OptionTerminalType         = 24
	OptionWindowSize           = 31
	OptionTerminalSpeed        = 32
	OptionFlowControl          = 33
	OptionDisplayLocation      = 35
	OptionNewEnvironment       = 39
	subnegotiationIs           = 0
	subnegotiationSend         = 1
	longestSubnegotiation      = 512
	firstTelnetCommand         = 240
	telnetSE              byte = 240
	telnetIP              byte = 244
	telnetAYT             byte = 246
	telnetSB              byte = 250
	telnetWill            byte = 251
	telnetWont            byte = 252
	telnetDo              byte = 253
	telnetDont            byte = 254
	telnetIAC             byte = 255
)

// Offers are what a telnet daemon offers at once when somebody comes; it says nothing more until each is answered.
type Offers struct {
	// Do asks the peer for options, Will says the device's own.
	Do, Will []byte
}

// telnet is a wire with option negotiation, as a strict daemon does it.
type telnet struct {
	keyboard
	conn net.Conn
	// decoder's state is only the pump's.
	state     byte
	verb      byte
	afterCR   bool
	subOption []byte

	mu sync.Mutex
	// offered are the offers by verb and option; unanswered those whose answer is awaited, subnegotiations too.
	offered, unanswered map[[2]byte]bool
	answered            chan struct{}
	silent              bool
	width, length       int
}

// newTelnet sends the offers.
func newTelnet(conn net.Conn, o Offers) *telnet {
	t := &telnet{
		keyboard: newKeyboard(), conn: conn, answered: make(chan struct{}),
		offered: map[[2]byte]bool{}, unanswered: map[[2]byte]bool{},
	}
	var hello []byte
	for verb, options := range map[byte][]byte{telnetDo: o.Do, telnetWill: o.Will} {
		for _, option := range options {
			t.offered[[2]byte{verb, option}] = true
			t.unanswered[[2]byte{verb, option}] = true
			hello = append(hello, telnetIAC, verb, option)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.send(hello...)
	t.settle()
	return t
}

// Write implements wire.
func (t *telnet) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.conn.Write(bytes.ReplaceAll(text, []byte{telnetIAC}, []byte{telnetIAC, telnetIAC}))
}

// Echoes implements wire.
func (t *telnet) Echoes() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.silent
}

// Window implements wire.
func (t *telnet) Window() (width, length int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.width, t.length
}

// send writes protocol bytes, with mu held.
func (t *telnet) send(b ...byte) {
	if len(b) > 0 {
		_, _ = t.conn.Write(b) // a peer that has gone is noticed when its keys end
	}
}

// settle says so when everything is answered, with mu held.
func (t *telnet) settle() {
	if len(t.unanswered) > 0 {
		return
	}
	select {
	case <-t.answered:
	default:
		close(t.answered)
	}
}

// The states of the decoder.
const (
	inText byte = iota
	afterIAC
	afterVerb
	inSub
	inSubAfterIAC
)

// decode takes the protocol out of what came in.
func (t *telnet) decode(in []byte) []byte {
	var typed []byte
	for _, b := range in {
		typed = append(typed, t.decodeByte(b)...)
	}
	return typed
}

func (t *telnet) decodeByte(b byte) []byte {
	switch t.state {
	case afterIAC:
		return t.command(b)
	case afterVerb:
		t.state = inText
		t.negotiate(t.verb, b)
	case inSub:
		if b == telnetIAC {
			t.state = inSubAfterIAC
			return nil
		}
		t.subByte(b)
	case inSubAfterIAC:
		t.state = inSub
		if b == telnetSE {
			t.state = inText
			t.subnegotiate(t.subOption)
			return nil
		}
		t.subByte(b)
	default:
		return t.text(b)
	}
	return nil
}

// text is a byte outside the protocol. After "\r", "\n" and NUL only complete the end of a line.
func (t *telnet) text(b byte) []byte {
	if b == telnetIAC {
		t.state = afterIAC
		return nil
	}
	completes := t.afterCR && (b == '\n' || b == 0)
	t.afterCR = b == '\r'
	if completes {
		return nil
	}
	return []byte{b}
}

// command is the byte after IAC.
func (t *telnet) command(b byte) []byte {
	t.state = inText
	switch b {
	case telnetIAC:
		return []byte{telnetIAC}
	case telnetWill, telnetWont, telnetDo, telnetDont:
		t.state, t.verb = afterVerb, b
	case telnetSB:
		t.state, t.subOption = inSub, nil
	case telnetIP:
		return []byte{ctrlC}
	case telnetAYT:
		_, _ = t.Write([]byte("\r\n[Yes]\r\n")) // a peer that has gone is noticed when its keys end
	}
	return nil
}

// subByte collects a subnegotiation; nobody honest needs a long one, so the connection ends with it.
func (t *telnet) subByte(b byte) {
	if t.subOption = append(t.subOption, b); len(t.subOption) > longestSubnegotiation {
		_ = t.conn.Close() // the pump notices
	}
}
