// Command switch-ovs is the driver of Open vSwitch bridges: their ports are switchports, and their configuration is
// in the OVSDB database that ovs-vswitchd obeys. It is not for bridges whose OpenFlow controller decides about VLANs.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func main() {
	netswitch.Serve(func(log hclog.Logger) netswitch.Driver { return newDriver(log) })
}
