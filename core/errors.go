package core

import (
	"errors"
	"fmt"
)

// Kind is what sort of failure an Error is. The API maps it to a status and a name in one table.
type Kind int

// The kinds. Anything that is not an *Error is Internal, and its text is not for the caller.
const (
	// Internal is a failure the caller can do nothing about.
	Internal Kind = iota
	// Validation means that the request is malformed.
	Validation
	// BadArgument means that an argument is well formed and makes no sense.
	BadArgument
	// Unauthorized means not authenticated, or not permitted.
	Unauthorized
	// NotFound means that a named object is missing.
	NotFound
	// Duplicate means that the object exists, or the connection does.
	Duplicate
	// Blocked means that something else must be changed first.
	Blocked
	// ProjectMismatch means that the node is in no project, or that its project has no access.
	ProjectMismatch
	// IllegalState means that the object no longer, or not yet, allows this.
	IllegalState
	// Exhausted means that the pool has nothing left.
	Exhausted
	// Refused means that a device said no.
	Refused
	// Unavailable means that a device, its driver or the database cannot be reached now.
	Unavailable
	// Deadline means that a device did not answer in time.
	Deadline
)

// Error is a failure the caller is told about.
type Error struct {
	Kind Kind
	// Text says what is wrong and what would help, in words for people.
	Text string
	// Field names the argument at fault, if one is.
	Field string
	// Device is "switch", "obm" or "headnode" if a driver failed, else empty.
	Device string
}

// Error is the text, behind the name of the field.
func (e *Error) Error() string {
	if e.Field == "" {
		return e.Text
	}
	return e.Field + ": " + e.Text
}

// Errorf makes an *Error of the kind.
func Errorf(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// FieldErrorf makes an *Error of the kind about one argument.
func FieldErrorf(k Kind, field, format string, args ...any) *Error {
	return &Error{Kind: k, Field: field, Text: fmt.Sprintf(format, args...)}
}

// KindOf is the kind of the first *Error in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Missing is the NotFound error for a noun.
func Missing(noun, label string) *Error {
	return Errorf(NotFound, "%s %q does not exist", noun, label)
}
