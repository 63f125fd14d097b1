package qemu

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bougou/go-ipmi/pkg/types"
)

// What the network offers to whoever starts from it. QEMU's network cards run iPXE, which reads the first of them.
const (
	bootfile = "boot.ipxe"
	kernel   = "vmlinuz"
	initrd   = "initrd"
)

// arguments are QEMU's. It is called with the lock held.
func (m *Machine) arguments() ([]string, error) {
	args := []string{
		"-accel", "tcg", "-nodefaults", "-no-user-config", "-nographic", "-vga", "none", "-m", fmt.Sprint(m.options.Memory),
		"-chardev", "stdio,id=line,signal=off", "-serial", "chardev:line",
	}
	if m.options.Network != nil {
		return append(args, plugged()...), nil
	}
	if m.device != types.BootDeviceSelectorForcePXE {
		args = append(args, "-nic", "none", "-kernel", m.options.Kernel, "-append", m.options.Append)
		if m.options.Initrd != "" {
			args = append(args, "-initrd", m.options.Initrd)
		}
		return args, nil
	}
	if err := m.serve(); err != nil {
		return nil, err
	}
	// Without a disk the firmware starts from the network, which reaches nobody.
	network := "user,restrict=on,model=virtio-net-pci,bootfile=" + bootfile + ",tftp=" + strings.ReplaceAll(m.served, ",", ",,")
	return append(args, "-nic", network), nil
}

// plugged is a network card at the first of the process's extra files, and a disk made of nothing.
func plugged() []string {
	return []string{
		"-nic", "tap,fd=3,model=virtio-net-pci,mac=" + MAC,
		"-blockdev", "null-co,node-name=disk,read-zeroes=on,size=16777216", "-device", "virtio-blk-pci,drive=disk",
	}
}

// serve prepares the folder that the machine's network serves, unless it is there.
func (m *Machine) serve() error {
	if m.served != "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "haas-qemu-")
	if err != nil {
		return err
	}
	m.served = dir
	for name, file := range m.options.files() {
		path, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	script := "#!ipxe\nkernel " + kernel + " " + m.options.Append + "\n"
	if m.options.Initrd != "" {
		script += "initrd " + initrd + "\n"
	}
	script += "boot\n"
	return os.WriteFile(filepath.Join(dir, bootfile), []byte(script), 0o600)
}
