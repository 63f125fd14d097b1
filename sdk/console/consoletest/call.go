package consoletest

import (
	"fmt"
	"strings"
	"time"
)

// Call is one command being carried out.
type Call struct {
	// Session is who typed it.
	Session *Session
	// Values are the arguments, in the order of the line.
	Values []any
	out    strings.Builder
	next   *step
}

// step is what must happen outside the device's lock before a command goes on.
type step struct {
	question string
	// key, line and delay are the kinds of steps; one is set.
	key   func(c *Call, key byte) error
	line  func(c *Call, line string) error
	after func(c *Call) error
	delay time.Duration
}

// RefusalError is the device's words for not doing what was typed.
type RefusalError string

func (r RefusalError) Error() string { return string(r) }

// Refuse makes a RefusalError.
func Refuse(format string, args ...any) error { return RefusalError(fmt.Sprintf(format, args...)) }

// Print adds to the answer; its lines end in "\n".
func (c *Call) Print(text string) { c.out.WriteString(text) }

// Printf adds to the answer.
func (c *Call) Printf(format string, args ...any) { fmt.Fprintf(&c.out, format, args...) }

// Enter changes the mode, and what is configured in it.
func (c *Call) Enter(mode string, subject any) { c.Session.enter(mode, subject) }

// Leave goes one mode up; the top one ends the session.
func (c *Call) Leave() { c.Session.leave() }

// Key asks, and goes on with the one key that is pressed.
func (c *Call) Key(question string, then func(c *Call, key byte) error) {
	c.next = &step{question: question, key: then}
}

// Secret asks, and goes on with a line that is not echoed.
func (c *Call) Secret(question string, then func(c *Call, line string) error) {
	c.next = &step{question: question, line: then}
}

// Wait sends what was printed so far, and goes on after a time. If the session goes away meanwhile, the command never
// ends, unless Options.SaveOutlives.
func (c *Call) Wait(delay time.Duration, then func(c *Call) error) {
	c.next = &step{delay: delay, after: then}
}
