// These tests are inside the package for the reason that main_test.go gives.
package lab

import (
	"errors"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
)

// typist puts a simulated Nexus in front of the rig's bridge, with both projects apart, as if HaaS had configured it.
func typist(t *testing.T) (*Lab, consoletest.Switch) {
	t.Helper()
	l, s := rig(t)
	device := nexus5k.New(consoletest.Options{})
	must(t, device.Type("configure terminal", "vlan 201-202", "exit",
		"interface ethernet 1/1-2", "switchport access vlan 201", "interface ethernet 1/3-4", "switchport access vlan 202"))
	f := &front{device: device, ovs: s, turn: &sync.Mutex{}, bridge: nexus, watcher: l.watcher, failed: func(err error) { t.Error(err) }, plugs: map[string]string{
		"Ethernet1/1": "n1-eth0", "Ethernet1/2": "n2-eth0", "Ethernet1/3": "n3-eth0", "Ethernet1/4": "n4-eth0",
	}}
	l.atEnd(f.stop)
	must(t, f.start(l.ctx))
	return l, device
}

func TestTheBridgeCarriesWhatItsSwitchDoes(t *testing.T) {
	t.Parallel()
	l, device := typist(t)
	must(t, l.check(t.Context()))
	must(t, device.Type("configure terminal", "interface ethernet 1/1", "shutdown"))
	l.machines[0].native = nil
	must(t, l.check(t.Context()))
	must(t, device.Type("configure terminal", "interface ethernet 1/1", "no shutdown"))
	l.machines[0].native = l.machines[1].native
	must(t, l.check(t.Context()))
}

// TestAStateBetweenTwoCommandsIsSeen shows that an exposure need not outlast one command: a Nexus' fresh trunk carries
// every VLAN, until it is told otherwise by the next line.
func TestAStateBetweenTwoCommandsIsSeen(t *testing.T) {
	t.Parallel()
	l, device := typist(t)
	must(t, l.check(t.Context()))
	must(t, device.Type("configure terminal", "interface ethernet 1/3", "switchport mode trunk",
		"switchport trunk allowed vlan none", "switchport mode access"))
	must(t, until(t.Context(), func() (bool, any, error) { return l.watcher.verdict() != nil, l.watcher, nil }))
	if err := l.check(t.Context()); !errors.Is(err, errForeign) {
		t.Errorf("after a fresh trunk: %v", err)
	}
}
