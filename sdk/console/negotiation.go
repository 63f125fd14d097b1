package console

// The commands and options of telnet (RFC 854, 857, 858, 1073, 1091).
const (
	se, sb, will, wont, do, dont, iac = 240, 250, 251, 252, 253, 254, 255

	optEcho, optNoGoAhead, optTerminal, optSize = 1, 3, 24, 31

	isAnswer, sendQuestion = 0, 1 // of optTerminal
)

// protocol is our end of the negotiation. How the bytes were cut into pieces on the way makes no difference.
type protocol struct {
	state  int       // 0 in text, else the command under way
	sub    []byte    // the subnegotiation under way
	theirs [256]bool // what the device does
	ours   [256]bool // what we do
	answer []byte
}

// inSub is the state after the iac within a subnegotiation; no command has that number.
const inSub = 1

// maxSub is longer than any subnegotiation that is answered.
const maxSub = 64

// take removes the protocol from p in place: the first said bytes are text. The answer is to be sent.
func (t *protocol) take(p []byte) (said int, answer []byte) {
	t.answer = nil
	for _, c := range p {
		if t.isText(c) {
			p[said] = c
			said++
		}
	}
	return said, t.answer
}

func (t *protocol) isText(c byte) bool {
	switch t.state {
	case iac:
		return t.command(c)
	case will, wont, do, dont:
		t.option(t.state, c)
		t.state = 0
	case sb:
		t.collect(c)
	case inSub:
		t.endOfSub(c)
	default:
		if c != iac {
			return true
		}
		t.state = iac
	}
	return false
}

// command takes the byte after iac, which may be text that was doubled.
func (t *protocol) command(c byte) bool {
	t.state = 0
	switch c {
	case will, wont, do, dont:
		t.state = int(c)
	case sb:
		t.state, t.sub = sb, nil
	}
	return c == iac
}

// option answers an offer or a wish. What is so already is not answered, or two polite ends would never stop.
func (t *protocol) option(verb int, option byte) {
	switch verb {
	case will, wont:
		agree := verb == will && (option == optEcho || option == optNoGoAhead)
		if agree != t.theirs[option] || verb == will && !agree {
			t.say(pick(agree, do, dont), option)
		}
		t.theirs[option] = agree
	case do, dont:
		agree := verb == do && (option == optNoGoAhead || option == optTerminal || option == optSize)
		news := agree != t.ours[option]
		if news || verb == do && !agree {
			t.say(pick(agree, will, wont), option)
		}
		t.ours[option] = agree
		if option == optSize && agree && news {
			t.saySize()
		}
	}
}

func pick(yes bool, a, b byte) byte {
	if yes {
		return a
	}
	return b
}

func (t *protocol) say(command, option byte) { t.answer = append(t.answer, iac, command, option) }

// saySize says that the terminal has 511 columns, the most that these devices take, and any number of rows. The lower
// byte of 511 is doubled, since it looks like a command.
func (t *protocol) saySize() {
	t.say(sb, optSize)
	t.answer = append(t.answer, wide>>8, iac, iac, 0, 0, iac, se)
}

func (t *protocol) collect(c byte) {
	switch {
	case c == iac:
		t.state = inSub
	case len(t.sub) < maxSub:
		t.sub = append(t.sub, c)
	}
}

func (t *protocol) endOfSub(c byte) {
	if c == iac {
		t.state = sb
		if len(t.sub) < maxSub {
			t.sub = append(t.sub, c)
		}
		return
	}
	t.state = 0
	if c == se && len(t.sub) == 2 && t.sub[0] == optTerminal && t.sub[1] == sendQuestion {
		t.say(sb, optTerminal)
		t.answer = append(t.answer, isAnswer)
		t.answer = append(t.answer, terminalType...)
		t.answer = append(t.answer, iac, se)
	}
}
