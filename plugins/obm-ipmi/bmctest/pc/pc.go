// Package pc is a machine in memory for simulated controllers. On its serial line it prints what machines print when they
// start, offers a menu, and answers what is typed. It is for trying and for tests of consoles; a machine that runs
// something is in package qemu.
package pc

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// typeahead is how many keys wait for the machine; more are lost.
const typeahead = 256

// Machine is off when it is made.
type Machine struct {
	// Pace is how long a line takes while it starts, so that one can watch.
	Pace time.Duration

	port bmctest.Port

	mu     sync.Mutex // guards the fields below
	device types.BootDeviceSelector
	run    *run // the last one, nil if it was never on
}

var (
	_ bmctest.Booter      = (*Machine)(nil)
	_ bmctest.SelfPowered = (*Machine)(nil)
)

// SetBoot chooses from what it starts.
func (m *Machine) SetBoot(device types.BootDeviceSelector) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.device = device
}

// Power turns the machine on or off.
func (m *Machine) Power(on bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.run
	if before != nil {
		before.stop()
	}
	if !on {
		return nil
	}
	r := &run{device: m.device, pace: m.Pace, screen: &m.port, keys: make(chan byte, typeahead), ended: make(chan struct{})}
	r.ctx, r.stop = context.WithCancel(context.Background())
	go r.live(before)
	m.run = r
	return nil
}

// On reports whether the machine is on.
func (m *Machine) On() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.run != nil && m.run.ctx.Err() == nil
}

// Serial attaches to the serial line; whoever was attached is cut off.
func (m *Machine) Serial() (io.ReadWriteCloser, error) { return m.port.Attach(keyboard{m}), nil }

// Close turns the machine off, and cuts off whoever is attached.
func (m *Machine) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.port.Close()
	if m.run != nil {
		m.run.stop()
		<-m.run.ended
	}
	return nil
}

// keyboard is what is typed; a machine that is off hears nothing.
type keyboard struct{ machine *Machine }

func (k keyboard) Write(b []byte) (int, error) {
	k.machine.mu.Lock()
	defer k.machine.mu.Unlock()
	if k.machine.run == nil {
		return len(b), nil
	}
	for _, key := range b {
		select {
		case k.machine.run.keys <- key:
		default:
		}
	}
	return len(b), nil
}
