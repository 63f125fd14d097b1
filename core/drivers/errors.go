package drivers

import (
	"fmt"
	"strings"

	"github.com/CCI-MOC/haas/sdk"
)

// UnknownTypeError says that no driver serves a type.
type UnknownTypeError struct {
	// Kind is the kind of driver that was looked for: "switch".
	Kind string
	// Type is the type URL nobody serves.
	Type string
	// Loaded are the type URLs of that kind that are served, sorted.
	Loaded []string
}

// Error names the types that are loaded.
func (e *UnknownTypeError) Error() string {
	loaded := "none is loaded"
	if len(e.Loaded) > 0 {
		loaded = "loaded are " + strings.Join(e.Loaded, ", ")
	}
	return fmt.Sprintf("no %s driver serves the type %q; %s", e.Kind, e.Type, loaded)
}

// refusal says why a file is not launched. Only a change of the files can help.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(format string, args ...any) error { return &refusal{reason: fmt.Sprintf(format, args...)} }

// down is the error of a call to a driver that is not there.
func down(name, lastError string) error {
	text := "driver " + name + " is not running"
	if lastError != "" {
		text += ": " + lastError
	}
	return &sdk.Error{Code: sdk.Unavailable, Text: text, Retryable: true}
}
