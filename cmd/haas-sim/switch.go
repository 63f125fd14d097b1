package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/CCI-MOC/haas/cmd/haas-sim/internal/bridge"
	"github.com/CCI-MOC/haas/sdk/console/consoletest"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/nexus5k"
	"github.com/CCI-MOC/haas/sdk/console/consoletest/powerconnect55"
)

// simulated is what the flags of "haas-sim switch" say.
type simulated struct {
	family, telnet, ssh      string
	passwordFile, enableFile string
	transcript               bool
	bridge, ovsdb            string
	plugs                    map[string]string
	consoletest.Options
}

func switchCommand() *cobra.Command {
	var s simulated
	cmd := &cobra.Command{
		Use: "switch --family nexus|powerconnect", Short: "Simulate a switch with its command line", Args: cobra.NoArgs,
		Long: "Simulate a switch with its command line, as strict as the device: what it does not know it refuses in the device's\n" +
			"words, it pages, it runs out of sessions, and each port starts as it came from the factory: up, in VLAN 1.\n" +
			"It forgets everything when it ends. With --bridge it steers real packets: after each command, and before its answer,\n" +
			"a bridge of Open vSwitch carries what the simulated ports carry.",
		Example: "  haas-sim switch --family nexus --listen 127.0.0.1:2323\n" +
			"  haas-sim switch --family powerconnect --listen 127.0.0.1:2324 --latency 100ms --login 3s --save 8s\n" +
			"  haas-sim switch --family nexus --bridge br0 --map Ethernet1/1=veth1,Ethernet1/2=veth2",
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.StringVar(&s.family, "family", "", "nexus (Cisco Nexus 5548) or powerconnect (Dell PowerConnect 5548)")
	f.StringVar(&s.telnet, "listen", "127.0.0.1:2323", "the address for telnet")
	f.StringVar(&s.ssh, "ssh", "", "the address for SSH; none if empty")
	f.StringVar(&s.Hostname, "hostname", "", "the host name in its prompt; the family's own if empty")
	f.IntVar(&s.Ports, "ports", 48, "how many ports it has")
	f.StringVar(&s.Username, "username", "admin", "who may log in")
	f.StringVar(&s.passwordFile, "password-file", "", `the file with the password; without it, it is "admin"`)
	f.StringVar(&s.enableFile, "enable-file", "", "the file with the password for privilege; without it, the user has it")
	f.IntVar(&s.Sessions, "sessions", 0, "how many may be logged in at once; 0 is the family's own number")
	f.DurationVar(&s.Latency, "latency", 0, "how long a command takes")
	f.DurationVar(&s.Login, "login", 0, "how long a login takes")
	f.DurationVar(&s.Save, "save", 0, "how long saving takes")
	f.DurationVar(&s.Idle, "idle", 10*time.Minute, "how long a session may be silent; 0 is for ever")
	f.StringVar(&s.bridge, "bridge", "", "a bridge of Open vSwitch that carries what the ports do")
	f.StringToStringVar(&s.plugs, "map", nil, "the bridge's interfaces by the names of the ports they are, as PORT=INTERFACE,...")
	f.StringVar(&s.ovsdb, "ovsdb", "", "the socket of the bridge's database; where ovs-vsctl looks if empty")
	f.BoolVar(&s.transcript, "transcript", false, "print who logs in and what is typed, on standard error")
	_ = cmd.MarkFlagRequired("family") // it is one of the flags above
	return cmd
}

// run serves until ctx ends, or until the bridge fails.
func (s *simulated) run(ctx context.Context, out io.Writer) error {
	device, err := s.device()
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	unplug, err := s.plugIn(ctx, device, fail)
	if err != nil {
		return err
	}
	err = s.serve(ctx, device, out)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	return errors.Join(err, unplug())
}

// serve answers connections until ctx ends.
func (s *simulated) serve(ctx context.Context, device consoletest.Switch, out io.Writer) error {
	served := make(chan error)
	serving := 0
	var err error
	for _, on := range []struct{ address, transport string }{{s.telnet, consoletest.Telnet}, {s.ssh, consoletest.SSH}} {
		if on.address == "" {
			continue
		}
		l, listenErr := new(net.ListenConfig).Listen(ctx, "tcp", on.address)
		if listenErr != nil {
			err = errors.Join(err, listenErr)
			continue
		}
		fmt.Fprintf(out, "A %s switch with %d ports answers %s on %s to the user %s.\n", s.family, len(device.Ports()), on.transport, l.Addr(), s.user())
		go func() { served <- device.Serve(l, on.transport) }()
		serving++
	}
	if err == nil {
		fmt.Fprintln(out, "Interrupt this program to end it.")
		<-ctx.Done()
	}
	err = errors.Join(err, device.Close())
	for range serving {
		if ended := <-served; !errors.Is(ended, net.ErrClosed) {
			err = errors.Join(err, ended)
		}
	}
	return err
}

// plugIn lets the bridge follow the switch, if there is one, and returns how that ends.
func (s *simulated) plugIn(ctx context.Context, device consoletest.Switch, fail func(error)) (unplug func() error, err error) {
	if s.bridge == "" {
		return func() error { return nil }, nil
	}
	b := &bridge.Bridge{Name: s.bridge, Database: s.ovsdb, Plugs: s.plugs}
	if s.ovsdb != "" && !strings.Contains(s.ovsdb, ":") {
		b.Database = "unix:" + s.ovsdb
	}
	if err := b.Follow(ctx, device, fail); err != nil {
		return nil, err
	}
	return func() error { return b.Close(context.WithoutCancel(ctx)) }, nil
}

// user is who may log in, with the password if everybody knows it.
func (s *simulated) user() string {
	if s.passwordFile == "" {
		return s.Username + ", whose password is admin"
	}
	return s.Username
}

// device makes the switch.
func (s *simulated) device() (consoletest.Switch, error) {
	var err error
	if s.Password, err = secret(s.passwordFile); err != nil {
		return nil, err
	}
	if s.Enable, err = secret(s.enableFile); err != nil {
		return nil, err
	}
	if s.transcript {
		s.Log = hclog.New(&hclog.LoggerOptions{Name: s.family, Level: hclog.Debug, Output: os.Stderr})
	}
	switch s.family {
	case "nexus":
		return nexus5k.New(s.Options), nil
	case "powerconnect":
		return powerconnect55.New(s.Options), nil
	default:
		return nil, fmt.Errorf("--family: %q is not simulated; say nexus or powerconnect", s.family)
	}
}

// secret is the first line of a file, nothing if there is no file.
func secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line, nil
}
