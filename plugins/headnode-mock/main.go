// Command headnode-mock is the driver of a host whose virtual machines exist only in a file. It is for trying HaaS and
// for its tests, not for production.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

func main() {
	headnode.Serve(func(hclog.Logger) headnode.Driver { return newDriver() })
}
