package config

import (
	"errors"
	"strconv"
	"strings"
)

// ErrNoFile means that no configuration file is in any of the usual places.
var ErrNoFile = errors.New("no configuration file")

// Error is one mistake in a configuration file. Values that may be secrets are never part of it.
type Error struct {
	File string
	// Line counts from 1; 0 means that something is missing and stands on no line.
	Line int
	// Section and Key are empty where the mistake is not about one.
	Section, Key string
	// Text says what is wrong and what would help.
	Text string
}

// Error reads "haas.cfg:12: [database] url: unknown key; did you mean uri?".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
	}
	b.WriteString(": ")
	if e.Section != "" {
		b.WriteString("[" + e.Section + "]")
		if e.Key != "" {
			b.WriteString(" " + e.Key)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Text)
	return b.String()
}
