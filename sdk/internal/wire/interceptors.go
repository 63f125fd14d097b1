package wire

import (
	"context"
	"fmt"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/CCI-MOC/haas/sdk"
)

// largestRequest is more than any real call needs: an Apply of a thousand ports with all 4094 VLANs is 8 MB.
const largestRequest = 64 << 20

// A host that is stopped, or swapped out, does not hang up: its calls would go on for as long as they may take, while
// another server, for which the lane of the switch has become free, sends a driver of its own. Both waits together are
// shorter than a lane's lease, and the second is as long as a busy host may need to be heard of.
const (
	hostQuiet  = 3 * time.Second
	hostAnswer = 7 * time.Second
)

// ServerOptions make a gRPC server that survives a driver's panics, whose errors keep their type, and whose calls end with
// the host they are for.
func ServerOptions(log hclog.Logger) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(largestRequest),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: hostQuiet, Timeout: hostAnswer}),
		grpc.ChainUnaryInterceptor(unary(log)),
		grpc.ChainStreamInterceptor(stream(log)),
	}
}

func unary(log hclog.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (answer any, err error) {
		err = guard(ctx, log, info.FullMethod, func() error {
			answer, err = next(ctx, req)
			return err
		})
		return answer, err
	}
}

func stream(log hclog.Logger) grpc.StreamServerInterceptor {
	return func(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		return guard(s.Context(), log, info.FullMethod, func() error { return next(srv, s) })
	}
}

// guard runs call, turns a panic into an Internal error, and gives the errors of our own services their wire form.
func guard(ctx context.Context, log hclog.Logger, method string, call func() error) (err error) {
	if !strings.HasPrefix(method, "/haas.sdk.") {
		return call()
	}
	defer func() {
		if v := recover(); v != nil {
			logPanic(log, method, v)
			err = &sdk.Error{Code: sdk.Internal, Text: "the driver panicked in " + path.Base(method)}
		}
		err = Status(ctx, err)
	}()
	return call()
}

// Contain stops a panic of driver code that runs outside any call. It is for defer.
func Contain(log hclog.Logger, what string) {
	if v := recover(); v != nil {
		logPanic(log, what, v)
	}
}

func logPanic(log hclog.Logger, where string, v any) {
	log.Error("driver panicked", "where", where, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
}
