package lab

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/CCI-MOC/haas/cmd/haas-sim/internal/bridge"
	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// front is a simulated switch in front of a bridge: HaaS configures the simulation over its command line, and the bridge
// forwards what the simulation's ports carry, from each command to the next.
type front struct {
	device consoletest.Switch
	ovs    *ovstest.Switch
	// bridge is the bridge, plugs are its ports by the name of the simulated switch's.
	bridge string
	plugs  map[string]string
	// turn is held while any bridge changes.
	turn *sync.Mutex
	// watcher sees each state that the bridge passes through.
	watcher *watcher
	// driver is the name of the program that configures the switch.
	driver string
	// failed is told what went wrong behind a command.
	failed func(error)
	// trap springs at a command.
	trap trap

	listener net.Listener
	served   chan error
}

// start lets the bridge carry what the ports carry, until ctx ends, and serves telnet.
func (f *front) start(ctx context.Context) (err error) {
	behind := &bridge.Bridge{Name: f.bridge, Plugs: f.plugs, Control: f.control}
	if err := behind.Follow(ctx, f.device, f.failed); err != nil {
		return err
	}
	f.device.OnCommand(f.trap.pass)
	if f.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	f.served = make(chan error, 1)
	go func() { f.served <- f.device.Serve(f.listener, "telnet") }()
	return nil
}

// tcpPort is where telnet is served.
func (f *front) tcpPort() int {
	if a, ok := f.listener.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// control changes the bridge, and waits until the watcher has seen what it forwards now. Bridges are changed in turn, for
// they are one Open vSwitch: changing two ports together, 3.1.0 may forward single frames of one by the new VLANs of the
// other.
func (f *front) control(ctx context.Context, args ...string) error {
	if err := f.alone(ctx, args); err != nil {
		return err
	}
	f.watcher.see(ctx)
	return nil
}

func (f *front) alone(ctx context.Context, args []string) error {
	f.turn.Lock()
	defer f.turn.Unlock()
	_, err := f.ovs.Ctl(ctx, args...)
	return err
}

// mend ends all mishaps of the switch.
func (f *front) mend() {
	f.trap.release()
	f.device.Heal()
}

// stop ends the simulation and all its sessions.
func (f *front) stop() error {
	err := f.device.Close()
	if f.listener == nil {
		return err
	}
	_ = f.listener.Close() // the device may have closed it
	if served := <-f.served; !errors.Is(served, net.ErrClosed) {
		err = errors.Join(err, served)
	}
	return err
}
