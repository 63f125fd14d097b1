package consoletest

import "strings"

// page prints an output in pages of length lines, the last of which asks for a key; 0 is all at once. False means that
// the peer has gone.
func (s *Session) page(out string, length int) bool {
	p := &s.device.family.Pager
	lines := strings.SplitAfter(out, "\n")
	if p.Length == 0 || length <= 1 {
		s.printLines(out)
		return true
	}
	room := length - 1
	for _, line := range lines {
		if room == 0 && line != "" {
			more, ok := s.ask(length)
			if more == 0 {
				return ok
			}
			room = more
		}
		s.printLines(line)
		room--
	}
	return true
}

// ask shows the pager's question until a key answers it: how many lines more, none to stop.
func (s *Session) ask(length int) (int, bool) {
	p := &s.device.family.Pager
	s.print(p.Text)
	for {
		k, ok := s.key()
		switch key := string(rune(k)); {
		case !ok:
			return 0, false
		case strings.Contains(p.Page, key):
			s.print(p.Erase)
			return length - 1, true
		case strings.Contains(p.Line, key):
			s.print(p.Erase)
			return 1, true
		case strings.Contains(p.Quit, key):
			s.print(p.Erase)
			return 0, true
		}
		s.print(bell)
	}
}
