package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/guest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/pc"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest/qemu"
)

const (
	// pace is how long a line of a simple machine takes while it starts: long enough to watch.
	pace = 200 * time.Millisecond
	// mostControllers is more than anybody looks at.
	mostControllers = 1000
)

// controllers are what the flags of "haas-sim bmc" say.
type controllers struct {
	listen, user, passwordFile string
	count                      int
	machine                    string
	qemu.Options
}

func bmcCommand() *cobra.Command {
	var c controllers
	cmd := &cobra.Command{
		Use: "bmc", Short: "Simulate management controllers, with machines behind them", Args: cobra.NoArgs,
		Long: "Simulate management controllers (BMCs), which answer IPMI 2.0, HaaS's driver and ipmitool alike, with a machine behind\n" +
			"each, whose power they drive and whose serial line they carry. A simple machine says from what it was started, shows a\n" +
			"boot menu, and answers what is typed. With --machine qemu it is an emulated one, which really boots: from its disk,\n" +
			"or over PXE from a network of its own. Everything is forgotten when the program ends.",
		Example: "  haas-sim bmc --listen 127.0.0.1:6230\n" +
			"  haas-sim bmc --listen 127.0.0.1:6230 --machine qemu\n" +
			"  haas-sim bmc --listen 127.0.0.1:7000 --count 50",
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.StringVar(&c.listen, "listen", "127.0.0.1:6230", "the address, over UDP; with --count, that of the first")
	f.IntVar(&c.count, "count", 1, "how many controllers there are, each on the port after that of the one before")
	f.StringVar(&c.user, "user", "admin", "who may log in")
	f.StringVar(&c.passwordFile, "password-file", "", `the file with the password; without it, it is "admin"`)
	f.StringVar(&c.machine, "machine", "simple", "simple, or qemu for an emulated machine")
	f.StringVar(&c.Kernel, "kernel", "", "with qemu: the kernel; without it, the guest that .ci/setup fetches")
	f.StringVar(&c.Initrd, "initrd", "", "with qemu: the kernel's initial file system")
	f.StringVar(&c.Append, "append", "console=ttyS0", "with qemu: the kernel's command line")
	f.IntVar(&c.Memory, "memory", 128, "with qemu: megabytes of memory")
	return cmd
}

// run serves until ctx ends.
func (c *controllers) run(ctx context.Context, out io.Writer) error {
	account, err := c.account()
	if err != nil {
		return err
	}
	addresses, err := c.addresses()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "haas-sim-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // others clean that folder otherwise
	machine, err := c.factory(dir)
	if err != nil {
		return err
	}
	for _, address := range addresses {
		stop, err := c.serve(address, account, machine, out) //nolint:contextcheck // a controller lives until it is closed
		if err != nil {
			return err
		}
		defer stop()
	}
	fmt.Fprintln(out, "Interrupt this program to end it.")
	<-ctx.Done()
	return nil
}

// account is who may log in.
func (c *controllers) account() (bmctest.User, error) {
	password, err := secret(c.passwordFile)
	if c.passwordFile == "" {
		password = "admin"
	}
	switch {
	case err != nil:
		return bmctest.User{}, err
	case len(c.user) < 1 || len(c.user) > 16:
		return bmctest.User{}, fmt.Errorf("--user: %q must have 1 to 16 bytes, for which IPMI has room", c.user)
	case len(password) < 1 || len(password) > 20:
		return bmctest.User{}, errors.New("--password-file: the password must have 1 to 20 bytes, for which IPMI has room")
	}
	return bmctest.User{Name: c.user, Password: password}, nil
}

// addresses are those of the controllers; on port 0 each finds one by itself.
func (c *controllers) addresses() ([]string, error) {
	first, err := net.ResolveUDPAddr("udp", c.listen)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w; say HOST:PORT", err)
	}
	if c.count < 1 || c.count > mostControllers {
		return nil, fmt.Errorf("--count: %d must be from 1 to %d", c.count, mostControllers)
	}
	if last := first.Port + c.count - 1; first.Port > 0 && last > math.MaxUint16 {
		return nil, fmt.Errorf("--listen: %d controllers from port %d on would need port %d; say a lower one", c.count, first.Port, last)
	}
	var all []string
	for range c.count {
		all = append(all, first.String())
		if first.Port > 0 {
			first.Port++
		}
	}
	return all, nil
}

// machine is what is behind a controller.
type machine interface {
	bmctest.Machine
	io.Closer
}

// factory makes machines, which may have their files in dir.
func (c *controllers) factory(dir string) (func() (machine, error), error) {
	switch c.machine {
	case "simple":
		if c.Kernel != "" || c.Initrd != "" {
			return nil, errors.New("--kernel and --initrd: a simple machine runs neither; say --machine qemu")
		}
		return func() (machine, error) { return &pc.Machine{Pace: pace}, nil }, nil
	case "qemu":
		if c.Kernel == "" {
			if err := c.useGuest(dir); err != nil {
				return nil, err
			}
		}
		return func() (machine, error) { return qemu.New(c.Options) }, nil
	default:
		return nil, fmt.Errorf("--machine: %q is not known; say simple or qemu", c.machine)
	}
}

// useGuest has the machines run the guest, with the initial file system that was given, if one was.
func (c *controllers) useGuest(dir string) error {
	g, err := guest.Find()
	if err != nil {
		return fmt.Errorf("--kernel: %w; or say which kernel", err)
	}
	o, err := qemu.Guest(dir, g, guest.Image{})
	if err != nil {
		return err
	}
	c.Kernel = o.Kernel
	if c.Initrd == "" {
		c.Initrd = o.Initrd
	}
	return nil
}

// serve starts a controller with its machine.
func (c *controllers) serve(address string, account bmctest.User, build func() (machine, error), out io.Writer) (stop func(), err error) {
	m, err := build()
	if err != nil {
		return nil, fmt.Errorf("make the machine: %w", err)
	}
	controller, err := bmctest.Listen(address, bmctest.Options{Users: []bmctest.User{account}, Machine: m})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--listen: %w", err), m.Close())
	}
	who := c.user
	if c.passwordFile == "" {
		who += ", whose password is admin"
	}
	fmt.Fprintf(out, "A controller of a %s machine answers IPMI on %s to the user %s.\n", c.machine, controller.Address(), who)
	return func() {
		_ = controller.Close() // everything is forgotten
		_ = m.Close()
	}, nil
}
