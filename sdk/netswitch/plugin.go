package netswitch

import (
	"context"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/CCI-MOC/haas/sdk/internal/pb"
	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// Kind is the first word of a switch driver's name, and the key of Plugin in a plugin set.
const Kind = "switch"

// Serve is the main function of a switch driver. It returns when the server lets the driver go. The driver logs with
// log; its standard output goes nowhere. A driver that is also a sdk.Configurer is configured.
func Serve(newDriver func(log hclog.Logger) Driver) {
	wire.Serve(Kind, func(log hclog.Logger) wire.Service { return newServer(newDriver(log), log) })
}

// Plugin is the host's end of a switch driver, for the plugin set of go-plugin. Dispense gives a Driver, which is
// also a sdk.Configurer if the driver is one. It fails if the driver cannot say who it is.
type Plugin struct{ wire.HostEnd }

var _ plugin.GRPCPlugin = Plugin{}

// GRPCClient makes a Driver of a connection to one.
func (Plugin) GRPCClient(ctx context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	base, configurable, err := wire.Connect(ctx, conn)
	if err != nil {
		return nil, err
	}
	c := &client{Base: base, rpc: pb.NewSwitchClient(conn)}
	if !configurable {
		return c, nil
	}
	return struct {
		*client
		wire.Configurer
	}{c, base.Configurer()}, nil
}
