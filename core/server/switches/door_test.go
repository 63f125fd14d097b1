package switches_test

import (
	"context"
	"net"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// door is an address that can be closed and opened again, for this switch or another. No two scenes have the same one:
// the server goes on visiting the switch of a scene that is over, and must not find another's there.
type door struct {
	address string
	shut    func()
}

// open serves a switch behind the door until it is shut or the test ends. It gives the address.
func (d *door) open(t *testing.T, sw consoletest.Switch) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.WithoutCancel(t.Context()), "tcp", d.address)
	noError(t, err)
	d.address = l.Addr().String()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = sw.Serve(l, "telnet") // until the door is shut
	}()
	d.shut = func() {
		_ = l.Close() // it has nothing to write
		<-served
	}
	t.Cleanup(func() { _ = l.Close() }) // the switch waits for its end
	return d.address
}
