// Command headnode-libvirt is the driver of hosts of virtual machines that libvirt manages.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/headnode"
)

func main() {
	headnode.Serve(func(log hclog.Logger) headnode.Driver { return newDriver(log) })
}
