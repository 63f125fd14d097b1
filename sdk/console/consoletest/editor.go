package consoletest

import "strings"

// The keys that edit.
const (
	ctrlC     = 0x03
	backspace = 0x08
	lineFeed  = '\n'
	enterKey  = '\r'
	ctrlU     = 0x15
	deleteKey = 0x7f
	bell      = "\a"
)

// readLine takes a command with its echo.
func (s *Session) readLine() (string, bool) {
	return s.edit(&editor{echo: asTyped, enter: s.device.family.Enter, command: true})
}

// readName takes a user name with its echo.
func (s *Session) readName() (string, bool) {
	return s.edit(&editor{echo: asTyped, enter: "\r\n"})
}

// readSecret takes a password, showing the family's mask for each character.
func (s *Session) readSecret() (string, bool) {
	mask := s.device.family.Login.Mask
	return s.edit(&editor{echo: func(byte) string { return mask }, enter: "\r\n"})
}

func asTyped(key byte) string { return string([]byte{key}) }

// editor is a line being typed.
type editor struct {
	line []byte
	echo func(key byte) string
	// enter is the echo of the Enter key.
	enter string
	// command says that it is a command: characters may get lost, and some keys enter a line of their own.
	command bool
}

func (s *Session) edit(e *editor) (string, bool) {
	for {
		k, ok := s.key()
		if !ok {
			return "", false
		}
		if line, done := s.press(e, k); done {
			s.out.mu.Lock()
			s.out.busy = true
			s.out.mu.Unlock()
			return line, true
		}
	}
}

// press is the effect of one key; done with the line it ends.
func (s *Session) press(e *editor, k byte) (line string, done bool) {
	f := &s.device.family
	if line, ok := f.Keys[k]; ok && e.command {
		s.echo("^" + asTyped(k+'@') + e.enter)
		return line, true
	}
	switch {
	case k == enterKey, k == lineFeed && f.LineFeed:
		s.echo(e.enter)
		return string(e.line), true
	case k == ctrlC:
		s.echo("^C" + e.enter)
		return "", true
	case k == backspace, k == deleteKey:
		s.erase(e, 1)
	case k == ctrlU:
		s.erase(e, len(e.line))
	case k < ' ':
	default:
		s.insert(e, k)
	}
	return "", false
}

func (s *Session) erase(e *editor, n int) {
	n = min(n, len(e.line))
	e.line = e.line[:len(e.line)-n]
	s.column -= n
	s.echo(strings.Repeat("\b \b", n))
}

// insert takes a character at the end of the line, and breaks the line on the screen if it is full.
func (s *Session) insert(e *editor, k byte) {
	if limit := s.device.options.LineLimit; limit > 0 && len(e.line) >= limit {
		s.echo(bell)
		return
	}
	if e.command {
		if _, lost := s.device.faults.strike(LoseCharacter, string(e.line)+asTyped(k)); lost {
			return
		}
	}
	e.line = append(e.line, k)
	echo := e.echo(k)
	s.column += len(echo)
	if s.device.family.Wraps && s.Width > 0 && s.column == s.Width {
		echo, s.column = echo+" \r", 0
	}
	s.echo(echo)
}

// echo prints what answers a key, if the peer leaves the echo to the device.
func (s *Session) echo(text string) {
	if s.wire.Echoes() {
		s.print(text)
	}
}
