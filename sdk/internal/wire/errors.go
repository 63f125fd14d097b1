package wire

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
)

// codeTable pairs the codes of the SDK with those of the wire, and with the gRPC code that tools show beside them.
// Gone is absent: only the host makes it.
var codeTable = []struct {
	sdk  sdk.Code
	wire pb.ErrorCode
	grpc codes.Code
}{
	{sdk.Internal, pb.ErrorCode_ERROR_CODE_INTERNAL, codes.Internal},
	{sdk.Invalid, pb.ErrorCode_ERROR_CODE_INVALID, codes.InvalidArgument},
	{sdk.NotFound, pb.ErrorCode_ERROR_CODE_NOT_FOUND, codes.NotFound},
	{sdk.Unsupported, pb.ErrorCode_ERROR_CODE_UNSUPPORTED, codes.Unimplemented},
	{sdk.Refused, pb.ErrorCode_ERROR_CODE_REFUSED, codes.FailedPrecondition},
	{sdk.Busy, pb.ErrorCode_ERROR_CODE_BUSY, codes.ResourceExhausted},
	{sdk.Unavailable, pb.ErrorCode_ERROR_CODE_UNAVAILABLE, codes.Unavailable},
	{sdk.Denied, pb.ErrorCode_ERROR_CODE_DENIED, codes.PermissionDenied},
	{sdk.Timeout, pb.ErrorCode_ERROR_CODE_TIMEOUT, codes.DeadlineExceeded},
}

// ErrorToProto is e for the wire, nil for nil.
func ErrorToProto(e *sdk.Error) *pb.Error {
	if e == nil {
		return nil
	}
	p := &pb.Error{Code: pb.ErrorCode_ERROR_CODE_INTERNAL, Text: Clean(e.Text), Retryable: e.Retryable}
	for _, row := range codeTable {
		if row.sdk == e.Code {
			p.Code = row.wire
		}
	}
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, &pb.FieldError{Field: Clean(f.Field), Text: Clean(f.Text)})
	}
	return p
}

// ErrorFromProto is p from the wire, nil for nil. An unknown code is Internal.
func ErrorFromProto(p *pb.Error) *sdk.Error {
	if p == nil {
		return nil
	}
	e := &sdk.Error{Code: sdk.Internal, Text: p.GetText(), Retryable: p.GetRetryable()}
	for _, row := range codeTable {
		if row.wire == p.GetCode() {
			e.Code = row.sdk
		}
	}
	for _, f := range p.GetFields() {
		e.Fields = append(e.Fields, sdk.FieldError{Field: f.GetField(), Text: f.GetText()})
	}
	return e
}

// Status is the gRPC status of what a driver returned during a call with ctx, nil for nil.
func Status(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return status.FromContextError(context.Canceled).Err()
	}
	p := ErrorToProto(sdk.AsError(err))
	s, detailErr := status.New(grpcCode(p.GetCode()), p.GetText()).WithDetails(p)
	if detailErr != nil {
		return status.Error(codes.Internal, p.GetText())
	}
	return s.Err()
}

func grpcCode(code pb.ErrorCode) codes.Code {
	for _, row := range codeTable {
		if row.wire == code {
			return row.grpc
		}
	}
	return codes.Internal
}

// Failure is what the host makes of the error of a call with ctx: an *sdk.Error, or context.Canceled if the host
// itself gave up. It is nil for nil.
func Failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	s := status.Convert(err)
	for _, d := range s.Details() {
		if p, ok := d.(*pb.Error); ok {
			return ErrorFromProto(p)
		}
	}
	return bareFailure(ctx, s)
}

// bareFailure is for a status without details: it comes from the transport, not from the driver.
func bareFailure(ctx context.Context, s *status.Status) error {
	switch s.Code() {
	case codes.Canceled:
		if ctx.Err() != nil {
			return context.Canceled
		}
		return gone(s)
	case codes.Unavailable:
		return gone(s)
	case codes.DeadlineExceeded:
		return &sdk.Error{Code: sdk.Timeout, Text: "the driver did not answer in time", Retryable: true}
	case codes.Unimplemented:
		return &sdk.Error{Code: sdk.Unsupported, Text: "the driver does not know this call: " + s.Message()}
	default:
		return &sdk.Error{Code: sdk.Internal, Text: "call the driver: " + s.Message()}
	}
}

func gone(s *status.Status) error {
	return &sdk.Error{Code: sdk.Gone, Text: "the driver vanished during the call: " + s.Message(), Retryable: true}
}
