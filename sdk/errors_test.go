package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"

	"github.com/CCI-MOC/haas/sdk"
)

func TestErrorsAreFoundByCode(t *testing.T) {
	t.Parallel()
	busy := &sdk.Error{Code: sdk.Busy, Text: "locked", Retryable: true}
	wrapped := fmt.Errorf("save sw-1: %w", busy)
	if !errors.Is(wrapped, &sdk.Error{Code: sdk.Busy}) || errors.Is(wrapped, &sdk.Error{Code: sdk.Gone}) || errors.Is(busy, io.EOF) {
		t.Error("errors.Is does not compare codes")
	}
	if sdk.CodeOf(wrapped) != sdk.Busy || sdk.CodeOf(io.EOF) != sdk.Internal {
		t.Error("CodeOf does not find the code")
	}
	if !sdk.IsRetryable(wrapped) || sdk.IsRetryable(io.EOF) || sdk.IsRetryable(nil) {
		t.Error("IsRetryable does not find the flag")
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	fields := []sdk.FieldError{{Field: "host", Text: "must be given"}, {Field: "vlan", Text: "must be a number"}}
	for want, e := range map[string]*sdk.Error{
		"log in: denied": {Text: "log in: denied"},
		"settings: host: must be given; vlan: must be a number": {Text: "settings", Fields: fields},
		"host: must be given": {Fields: fields[:1]},
	} {
		if e.Error() != want {
			t.Errorf("%q, want %q", e.Error(), want)
		}
	}
}

func TestEveryCodeHasAName(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for c := sdk.Internal; c <= sdk.Gone; c++ {
		names[c.String()] = true
	}
	if len(names) != 10 || names["unknown"] || sdk.Code(99).String() != "unknown" || sdk.Code(-1).String() != "unknown" {
		t.Errorf("names are %v", names)
	}
}

func TestAsError(t *testing.T) {
	t.Parallel()
	busy := &sdk.Error{Code: sdk.Busy, Text: "locked", Retryable: true}
	invalid := sdk.InvalidSetting("host", "must be given")
	for name, c := range map[string]struct {
		err  error
		want *sdk.Error
	}{
		"nil":      {nil, nil},
		"itself":   {busy, busy},
		"wrapped":  {fmt.Errorf("save sw-1: %w", busy), &sdk.Error{Code: sdk.Busy, Text: "save sw-1: locked", Retryable: true}},
		"fields":   {fmt.Errorf("open: %w", invalid), &sdk.Error{Code: sdk.Invalid, Text: "open: settings", Fields: invalid.Fields}},
		"deadline": {context.DeadlineExceeded, &sdk.Error{Code: sdk.Timeout, Text: "context deadline exceeded", Retryable: true}},
		"plain":    {io.EOF, &sdk.Error{Code: sdk.Internal, Text: "EOF"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := sdk.AsError(c.err); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%#v, want %#v", got, c.want)
			}
		})
	}
}
