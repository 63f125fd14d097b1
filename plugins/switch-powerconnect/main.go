// Command switch-powerconnect is the driver of Dell PowerConnect 55xx switches, over their command line. It is not for
// the 62xx, 70xx, 80xx and N series, which speak another language.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func main() {
	netswitch.Serve(func(log hclog.Logger) netswitch.Driver { return cli.New(powerconnect(), log) })
}
