package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/ovstest"
)

// longestFrame is more than a frame without its tag has.
const longestFrame = 2048

// tap is a machine's interface for the tagged frames of one VLAN. It is made in user space, because not every kernel
// has VLAN interfaces.
type tap struct {
	vlan int
	file *os.File
	wire *wire
	busy sync.WaitGroup
}

// openTap makes the interface eth0.VLAN of the machine, with an address in the subnet of the VLAN's number.
func openTap(ctx context.Context, m *machine, vlan int) (*tap, error) {
	name := fmt.Sprintf("%s.%d", nic, vlan)
	file, err := openTun(m.ns, name)
	if err != nil {
		return nil, err
	}
	t := &tap{vlan: vlan, file: file}
	if t.wire, err = openWire(m.ns, nic); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	t.busy.Go(t.out)
	t.busy.Go(t.in)
	for _, args := range []string{
		"link set " + name + " address " + m.mac().String(),
		"link set " + name + " up",
		"address add " + m.address(vlan) + "/24 dev " + name,
	} {
		if _, err := m.ns.Run(ctx, "ip", strings.Fields(args)...); err != nil {
			return nil, errors.Join(err, t.close())
		}
	}
	return t, nil
}

// openTun makes an Ethernet interface whose other end is the file.
func openTun(ns *ovstest.Namespace, name string) (*os.File, error) {
	var fd int
	if err := ns.Do(func() (err error) { fd, err = tunSocket(name); return err }); err != nil {
		return nil, fmt.Errorf("make interface %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

func tunSocket(name string) (int, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return 0, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

// out carries frames from the machine to its wire, until one of them is closed.
func (t *tap) out() {
	buf := make([]byte, longestFrame)
	for {
		n, err := t.file.Read(buf)
		if err != nil {
			return
		}
		_ = t.wire.send(tagged(buf[:n], t.vlan)) // a cable may lose frames; a closed one ends the reading too
	}
}

// in carries the VLAN's frames from the wire to the machine.
func (t *tap) in() {
	buf := make([]byte, longestFrame)
	for {
		a, err := t.wire.receive(buf)
		if err != nil {
			return
		}
		if _, err := parseBeacon(a.frame); err != nil && a.vlan == t.vlan {
			_, _ = t.file.Write(a.frame) // the interface may be down still
		}
	}
}

// close removes the interface.
func (t *tap) close() error {
	err := errors.Join(t.file.Close(), t.wire.close())
	t.busy.Wait()
	return err
}
