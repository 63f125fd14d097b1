package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// across is what becomes of err on its way to the host.
func across(ctx context.Context, err error) error { return wire.Failure(ctx, wire.Status(ctx, err)) }

func TestErrorsCrossTheWire(t *testing.T) {
	t.Parallel()
	fields := []sdk.FieldError{{Field: "host", Text: "must be given"}, {Field: "vlan", Text: "must be a number"}}
	for code := sdk.Internal; code < sdk.Gone; code++ {
		for _, e := range []*sdk.Error{
			{Code: code},
			{Code: code, Text: "said no"},
			{Code: code, Text: "locked", Retryable: true},
			{Code: code, Text: "settings", Fields: fields},
		} {
			if got := across(t.Context(), e); !reflect.DeepEqual(got, e) {
				t.Errorf("%#v became %#v", e, got)
			}
		}
	}
}

func TestErrorsKeepTheWordsAroundThem(t *testing.T) {
	t.Parallel()
	inner := &sdk.Error{Code: sdk.Invalid, Text: "settings", Fields: []sdk.FieldError{{Field: "host", Text: "must be given"}}}
	want := &sdk.Error{Code: sdk.Invalid, Text: "open sw-1: settings", Fields: inner.Fields}
	if got := across(t.Context(), fmt.Errorf("open sw-1: %w", inner)); !reflect.DeepEqual(got, want) {
		t.Errorf("%#v", got)
	}
}

func TestErrorsOfOtherKinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want *sdk.Error
	}{
		"plain":             {io.ErrUnexpectedEOF, &sdk.Error{Code: sdk.Internal, Text: "unexpected EOF"}},
		"deadline":          {fmt.Errorf("read: %w", context.DeadlineExceeded), &sdk.Error{Code: sdk.Timeout, Text: "read: context deadline exceeded", Retryable: true}},
		"cancelled inside":  {context.Canceled, &sdk.Error{Code: sdk.Internal, Text: "context canceled"}},
		"of a gRPC library": {status.Error(codes.Unavailable, "no"), &sdk.Error{Code: sdk.Internal, Text: "rpc error: code = Unavailable desc = no"}},
		"gone, from driver": {&sdk.Error{Code: sdk.Gone, Text: "x"}, &sdk.Error{Code: sdk.Internal, Text: "x"}},
		"no UTF-8":          {&sdk.Error{Code: sdk.Refused, Text: "% \xff\xfe"}, &sdk.Error{Code: sdk.Refused, Text: "% \uFFFD"}},
		"no code":           {&sdk.Error{Code: 77, Text: "x"}, &sdk.Error{Code: sdk.Internal, Text: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := across(t.Context(), c.err); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%#v, want %#v", got, c.want)
			}
		})
	}
	if across(t.Context(), nil) != nil {
		t.Error("nil became an error")
	}
}

func TestACallersCancelStaysOne(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range []error{wire.Status(ctx, fmt.Errorf("read: %w", context.Canceled)), status.Error(codes.Canceled, "")} {
		if got := wire.Failure(ctx, err); !errors.Is(got, context.Canceled) {
			t.Errorf("%v is not context.Canceled", got)
		}
	}
}

func TestStatusesWithoutDetails(t *testing.T) {
	t.Parallel()
	for code, want := range map[codes.Code]sdk.Error{
		codes.Unavailable:      {Code: sdk.Gone, Retryable: true},
		codes.Canceled:         {Code: sdk.Gone, Retryable: true}, // the host has closed the connection to a dead driver
		codes.DeadlineExceeded: {Code: sdk.Timeout, Retryable: true},
		codes.Unimplemented:    {Code: sdk.Unsupported},
		codes.Internal:         {Code: sdk.Internal},
		codes.Unknown:          {Code: sdk.Internal},
		codes.InvalidArgument:  {Code: sdk.Internal},
	} {
		got, ok := errors.AsType[*sdk.Error](wire.Failure(t.Context(), status.Error(code, "transport")))
		if !ok || got.Code != want.Code || got.Retryable != want.Retryable || got.Text == "" {
			t.Errorf("%v became %#v, want %#v", code, got, want)
		}
	}
}

func TestErrorConverters(t *testing.T) {
	t.Parallel()
	if wire.ErrorToProto(nil) != nil || wire.ErrorFromProto(nil) != nil {
		t.Error("nil is not nil")
	}
	if got := wire.ErrorFromProto(&pb.Error{}); !reflect.DeepEqual(got, &sdk.Error{}) {
		t.Errorf("zero became %#v", got)
	}
	if got := wire.ErrorFromProto(&pb.Error{Code: 99}).Code; got != sdk.Internal {
		t.Errorf("an unknown code became %v", got)
	}
	if got := wire.ErrorToProto(&sdk.Error{}).GetCode(); got != pb.ErrorCode_ERROR_CODE_INTERNAL {
		t.Errorf("zero became %v", got)
	}
}

func TestEveryWireCodeIsInTheTable(t *testing.T) {
	t.Parallel()
	for number, name := range pb.ErrorCode_name {
		want := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "ERROR_CODE_")), "_", " ")
		if got := wire.ErrorFromProto(&pb.Error{Code: pb.ErrorCode(number)}).Code.String(); number != 0 && got != want {
			t.Errorf("%s became %q", name, got)
		}
	}
}
