package wire_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// stoppable is the connection of a host that may be stopped: then it takes in nothing, but does not hang up either.
type stoppable struct {
	net.Conn
	stopped, closed <-chan struct{}
	close           func()
}

func (s stoppable) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	select {
	case <-s.stopped:
		<-s.closed
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (s stoppable) Close() error {
	s.close()
	return s.Conn.Close()
}

// patient is a driver whose Info takes until nobody wants to know any more.
type patient struct {
	begun, given chan struct{}
}

func (p patient) Info(ctx context.Context) (sdk.Info, error) {
	close(p.begun)
	<-ctx.Done()
	close(p.given)
	return sdk.Info{}, ctx.Err()
}

// TestACallEndsWhoseHostIsStopped: another server takes a switch over from one that is stopped or swapped out, and must
// not find the driver of that one still typing. The lease of a lane is 15 seconds, unless it is configured otherwise.
func TestACallEndsWhoseHostIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := bufconn.Listen(1 << 16)
		server := grpc.NewServer(wire.ServerOptions(hclog.NewNullLogger())...)
		driver := patient{begun: make(chan struct{}), given: make(chan struct{})}
		service{driver}.Register(server)
		var running sync.WaitGroup
		running.Go(func() { _ = server.Serve(listener) })
		stopped, closed := make(chan struct{}), make(chan struct{})
		conn, err := grpc.NewClient("passthrough:///driver", grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
				c, err := listener.DialContext(ctx)
				return stoppable{c, stopped, closed, sync.OnceFunc(func() { close(closed) })}, err
			}))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		running.Go(func() {
			if _, err := pb.NewDriverClient(conn).Info(ctx, &pb.InfoRequest{}); err == nil {
				t.Error("the call has an answer")
			}
		})
		<-driver.begun
		<-time.After(30 * time.Second) // a host that works may wait for long
		select {
		case <-driver.given:
			t.Error("the call ended although the host waits for it")
		default:
		}
		close(stopped)
		select {
		case <-driver.given:
		case <-time.After(14 * time.Second):
			t.Error("the driver works on for a host that is stopped")
		}
		cancel()
		_ = conn.Close()
		server.Stop()
		running.Wait()
	})
}
