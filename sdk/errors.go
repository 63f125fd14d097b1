package sdk

import (
	"context"
	"errors"
	"strings"
)

// Code is the kind of a driver's failure. It crosses the wire, and the server maps it to an HTTP status.
type Code int

// The codes. Anything a driver returns that is not an *Error arrives as Internal.
const (
	// Internal is a bug in the driver, or an answer it does not understand.
	Internal Code = iota
	// Invalid means the caller's settings or arguments are wrong; repeating will not help.
	Invalid
	// NotFound means the device has no such port, image or machine.
	NotFound
	// Unsupported means this driver or device cannot do that at all.
	Unsupported
	// Refused means the device understood and said no; Text carries its own words.
	Refused
	// Busy means the device cannot now (locked, too many sessions).
	Busy
	// Unavailable means the device cannot be reached, or does not answer.
	Unavailable
	// Timeout means the deadline passed; whether the device acted is unknown.
	Timeout
	// Denied means the device rejected the user name or the password. Repeating may lock the account out.
	Denied
	// Gone means the driver process vanished during the call. Only the host makes it.
	Gone
)

var codeNames = [...]string{"internal", "invalid", "not found", "unsupported", "refused", "busy", "unavailable", "timeout", "denied", "gone"}

// String is the code in words.
func (c Code) String() string {
	if c < 0 || int(c) >= len(codeNames) {
		return "unknown"
	}
	return codeNames[c]
}

// Error is a failure with a code, as it crosses the wire. Text is for people and must contain no secret.
type Error struct {
	Code Code
	// Text says what was attempted, on what, and the device's own words.
	Text string
	// Retryable says that the same call may succeed later without anybody changing anything.
	Retryable bool
	// Fields are the single complaints of an Invalid error about settings.
	Fields []FieldError
}

// FieldError is a complaint about one member of the settings.
type FieldError struct {
	// Field is the member's name: "dummy_vlan".
	Field string
	// Text says what is wrong and what would be right, without the value: "must be a VLAN id from 1 to 4094".
	Text string
}

// Error gives the text and the field complaints.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Text
	}
	parts := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		parts = append(parts, f.Field+": "+f.Text)
	}
	return strings.TrimPrefix(e.Text+": "+strings.Join(parts, "; "), ": ")
}

// Is makes errors.Is(err, &Error{Code: c}) a comparison of codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeOf is the code of the first *Error in err's chain, Internal if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// IsRetryable reports whether err carries an *Error that is worth repeating.
func IsRetryable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Retryable
}

// AsError is err as an *Error: the first one in its chain, with all the words that were wrapped around it. A deadline
// becomes a Timeout, anything else Internal, and nil stays nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		whole := *e
		whole.Text = strings.Replace(err.Error(), e.Error(), e.Text, 1)
		return &whole
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Code: Timeout, Text: err.Error(), Retryable: true}
	}
	return &Error{Code: Internal, Text: err.Error()}
}
