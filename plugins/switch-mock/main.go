// Command switch-mock is the driver of a switch that exists only in a file. It is for trying HaaS and for its tests:
// it keeps what a real switch would keep, and fails when told to. It is not for production.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func main() {
	netswitch.Serve(func(log hclog.Logger) netswitch.Driver { return newDriver(log) })
}
