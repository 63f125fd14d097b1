package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

// mark begins every line that is not the machine's.
const mark = "[haas] "

// screen is where the machine's output and this program's notices meet.
type screen struct {
	out, notices io.Writer
	// newline takes the cursor to the start of the next line.
	newline string
	// shared says that both are seen on one terminal.
	shared bool

	// mu keeps pieces whole, and guards what follows.
	mu sync.Mutex
	// inLine says that the cursor is not at the start of a line.
	inLine bool
}

// newScreen is for output and errors; isRaw says that the terminal, if they lead to one, takes every byte as it is.
func newScreen(out, errs io.Writer, isRaw bool) *screen {
	s := &screen{out: out, notices: errs, newline: "\n"}
	if isRaw && Of(errs) == nil && Of(out) != nil {
		s.notices = out // where the person looks
	}
	if isRaw && Of(s.notices) != nil {
		s.newline = "\r\n"
	}
	s.shared = Of(out) != nil && Of(s.notices) != nil
	return s
}

// Write prints what the machine printed, byte for byte.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) > 0 && s.shared {
		s.inLine = p[len(p)-1] != '\n'
	}
	return s.out.Write(p)
}

// notice tells the person something, in a line of its own.
func (s *screen) notice(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLine()
	fmt.Fprint(s.notices, mark+oneLine(fmt.Sprintf(format, args...))+s.newline)
}

// finish leaves the cursor at the start of a line.
func (s *screen) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLine()
}

func (s *screen) endLine() {
	if s.inLine {
		fmt.Fprint(s.notices, s.newline)
	}
	s.inLine = false
}

// oneLine is a text that cannot move the cursor: names and reasons are other people's.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
