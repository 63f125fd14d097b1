package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
)

// front is a simulated switch in front of a bridge: HaaS configures the simulation over its command line, and the bridge
// forwards what the simulation's ports carry, from each command to the next.
type front struct {
	device consoletest.Switch
	ovs    *ovstest.Switch
	// plugs are the bridge's ports by the name of the simulated switch's.
	plugs map[string]string
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

	mu      sync.Mutex // guards the field below, and keeps the bridge's changes in order
	carried map[string]consoletest.Carried
}

// start lets the bridge carry what the ports carry, until ctx ends, and serves telnet.
func (f *front) start(ctx context.Context) (err error) {
	f.carried = map[string]consoletest.Carried{}
	if err := f.mirror(ctx); err != nil {
		return err
	}
	f.device.OnCommand(func(t consoletest.Typed) {
		if err := f.mirror(ctx); err != nil {
			f.failed(err)
		}
		f.trap.pass(t)
	})
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

// mirror changes the bridge's ports whose simulated ones have changed, all at once.
func (f *front) mirror(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var changes []string
	for name, plug := range f.plugs {
		now := f.device.Carried(name)
		if was, known := f.carried[name]; known && was.Equal(now) {
			continue
		}
		f.carried[name] = now
		changes = append(changes, setPort(plug, now)...)
	}
	if len(changes) == 0 {
		return nil
	}
	if _, err := f.ovs.Ctl(ctx, changes[1:]...); err != nil {
		return fmt.Errorf("let the bridge carry what its switch does: %w", err)
	}
	f.watcher.see(ctx)
	return nil
}

// setPort is an ovs-vsctl command, behind a separator. A port of a bridge without a list of VLANs carries all of them,
// so one that carries nothing lets only the reserved id 4095 through, and that to no other such port.
func setPort(plug string, c consoletest.Carried) []string {
	mode, tag, trunks := "trunk", "[]", "[]"
	if c.Native != 0 {
		mode, tag = "access", strconv.Itoa(c.Native)
	}
	if len(c.Tagged) > 0 {
		trunks = ids(c.Tagged)
	}
	switch {
	case c.Native != 0 && len(c.Tagged) > 0:
		mode = "native-untagged"
	case c.Nothing():
		trunks = "4095"
	}
	return []string{"--", "set", "Port", plug, "vlan_mode=" + mode, "tag=" + tag, "trunks=" + trunks, "protected=" + strconv.FormatBool(c.Nothing())}
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
