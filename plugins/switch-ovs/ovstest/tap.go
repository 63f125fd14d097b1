package ovstest

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// PlugTap makes a NIC whose other end is the file, for an emulated machine say, and plugs it into a port of a bridge that is
// made with it. The port is as Open vSwitch makes it: a trunk of all VLANs. Its name is of at most 15 characters.
func (s *Switch) PlugTap(ctx context.Context, bridge, port string) (*os.File, error) {
	file, err := s.ns.OpenTap(port)
	if err != nil {
		return nil, err
	}
	if _, err = s.ns.Run(ctx, "ip", "link", "set", port, "up"); err == nil {
		_, err = s.Ctl(ctx, "add-port", bridge, port)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// OpenTap makes a NIC whose other end is the file: it ends when that is closed.
func (n *Namespace) OpenTap(nic string) (*os.File, error) {
	var fd int
	if err := n.Do(func() (err error) { fd, err = openTap(nic); return err }); err != nil {
		return nil, fmt.Errorf("make interface %s: %w", nic, err)
	}
	return os.NewFile(uintptr(fd), nic), nil
}

func openTap(nic string) (int, error) {
	request, err := unix.NewIfreq(nic)
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
