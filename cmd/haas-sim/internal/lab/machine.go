package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync/atomic"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// nic is the name of each machine's only network interface, on the machine and in HaaS.
const nic = "eth0"

// machine is a node: a network namespace whose interface is cabled to a switchport.
type machine struct {
	name string
	// number is the last in the machine's addresses.
	number int
	// sw and port are where its cable ends.
	sw, port string

	ns   *ovstest.Namespace
	wire *wire
	// door is the namespace, for programs of others.
	door *os.File
	// native is the network of its untagged frames, nil if it is on none; taps are for those of its tagged frames.
	native *network
	taps   []*tap
	// owner is the project that has the machine now, or a word that is only this machine's.
	owner atomic.Pointer[string]
	// rounds counts those of the watcher.
	rounds atomic.Int64
}

// plug is the cable's end at the switch, an interface there.
func (m *machine) plug() string { return m.name + "-" + nic }

// mac is the address of the machine's interface.
func (m *machine) mac() net.HardwareAddr {
	return net.HardwareAddr{0x02, 'h', 'a', 'a', 's', byte(m.number)}
}

// address is the machine's IP address in one of the subnets.
func (m *machine) address(subnet int) string { return fmt.Sprintf("10.77.%d.%d", subnet, m.number) }

// start makes the machine, cabled to a bridge. Its addresses for untagged frames are all in one subnet, whatever network
// it is on: who reaches whom is for the VLANs alone to say.
func (m *machine) start(ctx context.Context, s *ovstest.Switch, bridge string) (err error) {
	if m.ns, err = ovstest.NewMachine(ctx); err != nil {
		return err
	}
	if err := m.configure(ctx, s, bridge); err != nil {
		return fmt.Errorf("start machine %s: %w", m.name, err)
	}
	if m.wire, err = openWire(m.ns, nic); err != nil {
		return err
	}
	return m.ns.Do(func() (err error) { m.door, err = os.Open("/proc/thread-self/ns/net"); return err })
}

// path is where programs of others enter the machine, while the lab lasts.
func (m *machine) path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), m.door.Fd()) }

func (m *machine) configure(ctx context.Context, s *ovstest.Switch, bridge string) error {
	if err := m.ns.Do(quiet); err != nil {
		return err
	}
	if err := s.Plug(ctx, bridge, m.plug(), m.ns, nic); err != nil {
		return err
	}
	if _, err := m.ns.Run(ctx, "ip", "link", "set", nic, "address", m.mac().String()); err != nil {
		return err
	}
	return m.ns.SetAddress(ctx, nic, m.address(untagged)+"/24")
}

// vlan is that of frames with a tag, or of those without one (0) if the machine is on a network; else 0.
func (m *machine) vlan(tag int) int {
	switch {
	case tag != untagged && slices.ContainsFunc(m.taps, func(t *tap) bool { return t.vlan == tag }):
		return tag
	case tag == untagged && m.native != nil:
		return m.native.vlan
	}
	return 0
}

// carries reports whether the machine is on a VLAN, tagged or not.
func (m *machine) carries(vlan int) bool { return m.vlan(untagged) == vlan || m.vlan(vlan) == vlan }

// tag gives the machine an interface for the tagged frames of a VLAN.
func (m *machine) tag(ctx context.Context, vlan int) error {
	t, err := openTap(ctx, m, vlan)
	if err != nil {
		return err
	}
	m.taps = append(m.taps, t)
	return nil
}

// leave notes that the machine is on a network no more, and removes its interface for the network's tagged frames.
func (m *machine) leave(n *network) (err error) {
	if m.native == n {
		m.native = nil
	}
	m.taps = slices.DeleteFunc(m.taps, func(t *tap) bool {
		if t.vlan == n.vlan {
			err = t.close()
		}
		return t.vlan == n.vlan
	})
	return err
}

// quiet switches IPv6 off, if there is any: what it says unasked is nobody's traffic.
func quiet() error {
	err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// stop ends the machine and its cable.
func (m *machine) stop() error {
	var errs []error
	for _, t := range m.taps {
		errs = append(errs, t.close())
	}
	if m.wire != nil {
		errs = append(errs, m.wire.close())
	}
	if m.door != nil {
		errs = append(errs, m.door.Close())
	}
	if m.ns != nil {
		errs = append(errs, m.ns.Close())
	}
	return errors.Join(errs...)
}
