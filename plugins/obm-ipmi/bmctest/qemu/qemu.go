// Package qemu is a machine for simulated controllers that QEMU emulates in software: it starts from its disk or, in
// earnest, from the network, and its first serial port is the controller's serial line. It is for tests and for trying,
// not for speed, and unless it is given a network, its own ends in QEMU.
package qemu

import (
	"cmp"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/bougou/go-ipmi/pkg/types"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// Program is QEMU's name, of Debian's package qemu-system-x86.
const Program = "qemu-system-x86_64"

// MAC is the address of a machine's network card. No two of them should meet on a network.
const MAC = "52:54:00:12:34:56"

// defaultMemory, in megabytes, is enough for a guest that has nothing to do.
const defaultMemory = 128

// Options are what a machine is made of. What it starts is on its disk, and is served on its network too.
type Options struct {
	// Kernel and Initrd are the files of the kernel and of its initial file system, if it has one, and Append is the
	// kernel's command line.
	Kernel, Initrd, Append string
	// Network is, in place of all of these, a tap that outlives the machine: its network card, with the address MAC, is at
	// the other end. The disk is empty, so the machine starts what somebody else offers on the network.
	Network *os.File
	// Memory is how many megabytes it has; absent, 128.
	Memory int
}

// Machine is an emulated machine. It is off when it is made.
type Machine struct {
	options Options
	port    bmctest.Port

	mu      sync.Mutex // guards the fields below
	device  types.BootDeviceSelector
	process *process // the last one, nil if it was never on
	served  string   // the folder that its network serves, "" if there is none yet
}

var (
	_ bmctest.Booter      = (*Machine)(nil)
	_ bmctest.SelfPowered = (*Machine)(nil)
)

// New makes a machine, or says which of its parts is missing.
func New(o Options) (*Machine, error) {
	if _, err := exec.LookPath(Program); err != nil {
		return nil, err
	}
	for _, file := range o.files() {
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
	}
	o.Memory = cmp.Or(o.Memory, defaultMemory)
	return &Machine{options: o}, nil
}

// files are what the machine starts, by their names on its network.
func (o Options) files() map[string]string {
	files := map[string]string{}
	if o.Kernel != "" {
		files[kernel] = o.Kernel
	}
	if o.Initrd != "" {
		files[initrd] = o.Initrd
	}
	return files
}

// SetBoot chooses between the network and the disk, which is every other choice.
func (m *Machine) SetBoot(device types.BootDeviceSelector) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.device = device
}

// Power starts the emulation or cuts it off.
func (m *Machine) Power(on bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.process != nil {
		m.process.kill()
	}
	if !on {
		return nil
	}
	args, err := m.arguments()
	if err != nil {
		return err
	}
	cmd := exec.Command(Program, args...) //nolint:gosec,noctx // the arguments are the owner's; it ends with Close
	if m.options.Network != nil {
		cmd.ExtraFiles = []*os.File{m.options.Network}
	}
	p, err := launch(cmd, &m.port, m.process)
	if err != nil {
		return err
	}
	m.process = p
	return nil
}

// On reports whether the emulation is running.
func (m *Machine) On() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process != nil && m.process.alive()
}

// Serial attaches to the serial port; whoever was attached is cut off.
func (m *Machine) Serial() (io.ReadWriteCloser, error) { return m.port.Attach(keyboard{m}), nil }

// Close ends the emulation, and cuts off whoever is attached.
func (m *Machine) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.port.Close()
	if m.process != nil {
		m.process.kill()
		<-m.process.printed
	}
	return os.RemoveAll(m.served) // nothing, if it serves none
}

// keyboard is what is typed; a machine that is off hears nothing.
type keyboard struct{ machine *Machine }

func (k keyboard) Write(b []byte) (int, error) {
	k.machine.mu.Lock()
	p := k.machine.process
	k.machine.mu.Unlock()
	if p != nil {
		_, _ = p.input.Write(b) // it may have gone off meanwhile
	}
	return len(b), nil
}
