package sdk

import (
	"fmt"
	"io"
)

// Secret is a string that does not print itself: passwords, community strings, tokens. It can be read from JSON.
//
// Two printers look past every method and break the promise: fmt for an unexported field of a struct that is printed
// as a whole, and hclog's text form (drivers log JSON) for a list of secrets. Log neither.
type Secret string

const redacted = "[secret]"

var _ fmt.Formatter = Secret("")

// Format hides the secret from every verb of fmt, wrong ones too.
func (Secret) Format(s fmt.State, _ rune) { hide(s, redacted) }

// String hides the secret.
func (Secret) String() string { return redacted }

// MarshalText hides the secret from JSON and from structured logs.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes the secret in.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = Secret(b)
	return nil
}

// Reveal is the secret itself, for the one place that sends it to the device.
func (s Secret) Reveal() string { return string(s) }

// hide writes words in place of a value; fmt ignores what its own writer returns.
func hide(w io.Writer, words string) { _, _ = io.WriteString(w, words) }
