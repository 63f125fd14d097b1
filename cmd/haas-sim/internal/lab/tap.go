package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
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
	file, err := m.ns.OpenTap(name)
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
