package terminal

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/term"
)

// makeRaw makes a terminal pass every key on as it is, until it is restored.
func makeRaw(tty *os.File) (restore func(), err error) {
	fd := int(tty.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("prepare the terminal: %w", err)
	}
	// A terminal that cannot be restored is gone.
	return sync.OnceFunc(func() { _ = term.Restore(fd, before) }), nil
}

// guarded does something, and restores the terminal before a panic in it ends the program: the deferred calls of other
// goroutines are not made then.
func (s *session) guarded(do func()) {
	defer func() {
		if p := recover(); p != nil {
			s.restore()
			panic(p)
		}
	}()
	do()
}
