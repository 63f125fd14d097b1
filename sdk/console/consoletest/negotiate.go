package consoletest

import "encoding/binary"

// negotiate answers an option of the peer: it settles an offer of the device's, and is refused if there was none.
func (t *telnet) negotiate(verb, option byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.settle()
	switch verb {
	case telnetWill, telnetWont:
		offer := [2]byte{telnetDo, option}
		if !t.offered[offer] {
			t.refuse(verb == telnetWill, telnetDont, option)
			return
		}
		first := t.unanswered[offer]
		delete(t.unanswered, offer)
		if verb == telnetWill && first {
			t.inquire(option)
		}
	default:
		offer := [2]byte{telnetWill, option}
		if !t.offered[offer] {
			t.refuse(verb == telnetDo, telnetWont, option)
			return
		}
		delete(t.unanswered, offer)
		if option == OptionEcho {
			t.silent = verb == telnetDont
		}
	}
}

// refuse says no to a wish; that somebody does not wish needs no answer.
func (t *telnet) refuse(wished bool, verb, option byte) {
	if wished {
		t.send(telnetIAC, verb, option)
	}
}

// inquire asks for the value of an option the peer has, and waits for that too.
func (t *telnet) inquire(option byte) {
	switch option {
	case OptionTerminalType, OptionTerminalSpeed, OptionDisplayLocation, OptionNewEnvironment:
		t.unanswered[[2]byte{telnetSB, option}] = true
		t.send(telnetIAC, telnetSB, option, subnegotiationSend, telnetIAC, telnetSE)
	}
}

// subnegotiate takes the value of an option.
func (t *telnet) subnegotiate(sub []byte) {
	if len(sub) < 2 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.settle()
	switch option := sub[0]; {
	case option == OptionWindowSize && len(sub) == 5:
		t.width = int(binary.BigEndian.Uint16(sub[1:]))
		t.length = int(binary.BigEndian.Uint16(sub[3:]))
	case sub[1] == subnegotiationIs:
		delete(t.unanswered, [2]byte{telnetSB, option})
	}
}
