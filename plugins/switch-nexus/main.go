// Command switch-nexus is the driver of Cisco Nexus 5000 switches, by their command line over telnet or SSH. It is for
// no other line of switches with NX-OS, although much of it may fit them.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func main() {
	netswitch.Serve(func(log hclog.Logger) netswitch.Driver { return cli.New(nexus(), log) })
}
