package wire

import (
	"fmt"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// HostEnd is embedded by the plugin types of the contracts, which are only the host's end of the wire.
type HostEnd struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer refuses: a driver is served by the Serve function of its contract.
func (HostEnd) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return fmt.Errorf("a driver is served with Serve, not with Plugin")
}
