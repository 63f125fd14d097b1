// Command obm-ipmi is the driver of controllers (BMCs) that speak IPMI v2.0 over the network: power, boot device, serial
// console, sensors, inventory and identification lamp. It is not for IPMI v1.5, whose passwords can be read from the wire.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/obm"
)

func main() {
	obm.Serve(func(log hclog.Logger) obm.Driver { return newDriver(log) })
}
