// Package wiretest joins the two ends of a wire within one process, for tests of the ends.
package wiretest

import (
	"context"
	"net"
	"testing"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

const buffer = 1 << 20

// Connect serves s as a driver program would, and gives a connection to it. Both end with t.
func Connect(t testing.TB, log hclog.Logger, s wire.Service) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(buffer)
	server := grpc.NewServer(wire.ServerOptions(log)...)
	s.Register(server)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // it fails when it is stopped
	}()
	conn, err := grpc.NewClient("passthrough:///driver",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-served
		s.Close(context.WithoutCancel(t.Context()))
	})
	return conn
}
