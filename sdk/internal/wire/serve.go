package wire

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk"
)

// farewell is how long the sessions with devices may take to close. The host kills a driver that takes two seconds.
const farewell = 1500 * time.Millisecond

// Service is the driver's end of one contract.
type Service interface {
	// Register adds the contract's gRPC services.
	Register(s grpc.ServiceRegistrar)
	// Close closes the sessions with devices, until ctx ends.
	Close(ctx context.Context)
}

// Serve is the whole life of a driver program.
func Serve(kind string, newService func(log hclog.Logger) Service) {
	if os.Getenv(sdk.Handshake.MagicCookieKey) != sdk.Handshake.MagicCookieValue {
		fmt.Fprint(os.Stderr, startedByHand(filepath.Base(os.Args[0]), kind))
		os.Exit(2)
	}
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: os.Stderr, JSONFormat: true})
	service := quietly(func() Service { return newService(log) })
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  sdk.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{sdk.ProtocolVersion: {kind: served{service: service}}},
		Logger:           log,
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return plugin.DefaultGRPCServer(append(opts, ServerOptions(log)...))
		},
	})
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	service.Close(ctx)
}

func startedByHand(name, kind string) string {
	return fmt.Sprintf("%s is a %s driver of HaaS (Hardware as a Service) and is launched by the HaaS server.\n"+
		"Put it into the server's plugin directory, \"dir\" in the section [plugins] of haas.cfg;\n"+
		"a running server finds it there by itself, and \"haas driver list\" shows it.\n", name, kind)
}

// quietly keeps what start prints off the standard output, whose first line is the handshake. Later go-plugin does so.
func quietly(start func() Service) Service {
	stdout := os.Stdout
	os.Stdout = os.Stderr
	defer func() { os.Stdout = stdout }()
	return start()
}

// served is a Service in the shape go-plugin serves.
type served struct {
	plugin.NetRPCUnsupportedPlugin
	service Service
}

func (s served) GRPCServer(_ *plugin.GRPCBroker, g *grpc.Server) error {
	s.service.Register(g)
	return nil
}

func (served) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, fmt.Errorf("this is the driver's end of the wire")
}
