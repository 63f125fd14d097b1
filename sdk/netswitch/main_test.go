package netswitch_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

// TestMain makes the test's own program a driver when it is launched as one.
func TestMain(m *testing.M) {
	if os.Getenv(sdk.Handshake.MagicCookieKey) != "" || len(os.Args) > 1 && os.Args[1] == byHand {
		netswitch.Serve(newProgram)
		return
	}
	goleak.VerifyTestMain(m)
}

// byHand is the argument with which the program pretends to be a driver that somebody has started in a shell.
const byHand = "by-hand"

// newProgram is a driver that does what the name of a port says.
func newProgram(log hclog.Logger) netswitch.Driver {
	fmt.Println("a driver must not disturb the handshake")
	return &fake{
		info: sdk.Info{Name: "switch-test", Version: "1.0.0"},
		session: fakeSession{
			read: func(_ context.Context, ports []string) ([]netswitch.PortState, error) {
				if len(ports) > 0 {
					obey(log, ports[0])
				}
				return []netswitch.PortState{}, nil
			},
			save: func() error { return nil },
		},
	}
}

func obey(log hclog.Logger, port string) {
	switch port {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("told to")
	case "log":
		log.Warn("port told to log", "password", sdk.Secret("open-sesame"), "port", port)
	case "print":
		fmt.Println("a driver must not write here")
	}
}
