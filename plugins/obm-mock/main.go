// Command obm-mock is the driver of a controller that exists only in a file: power, boot device, sensors,
// inventory, lamp, and a console that prints a boot log and echoes. It is for trying HaaS and for its tests, not for
// production.
package main

import (
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk/obm"
)

func main() {
	obm.Serve(func(hclog.Logger) obm.Driver { return newDriver() })
}
