package headnode

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/internal/wire"
)

// NewService is the driver's end of the wire.
func NewService(d Driver, log hclog.Logger) wire.Service { return newServer(d, log) }
