package ovstest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace without a name: a machine at the switch. It lasts until it is closed or this
// process ends.
type Namespace struct{ file *os.File }

// NewMachine makes a machine without NICs but its own loopback.
func NewMachine(ctx context.Context) (*Namespace, error) {
	n, err := newNamespace()
	if err != nil {
		return nil, err
	}
	if _, err := n.Run(ctx, "ip", "link", "set", "lo", "up"); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// newNamespace is made by a thread that ends afterwards, because its namespace is not that of the others.
func newNamespace() (*Namespace, error) {
	var n Namespace
	err := onThread(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		n.file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	return &n, err
}

// Close lets go of the namespace, which ends once no program runs in it. Its cables end with it.
func (n *Namespace) Close() error { return n.file.Close() }

// path names the namespace to the program ip, as long as this process lives.
func (n *Namespace) path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.file.Fd()) }

// Do calls f in the namespace. What f opens or starts stays there; goroutines that it starts are not in it.
func (n *Namespace) Do(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter a network namespace: %w", err)
		}
		return f()
	})
}

// onThread calls f on a thread of its own, which ends with f and what f did to it.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

// Run runs a program in the namespace, without a shell, and gives what it printed.
func (n *Namespace) Run(ctx context.Context, program string, args ...string) (out string, err error) {
	err = n.Do(func() error {
		out, err = output(exec.CommandContext(ctx, program, args...))
		return err
	})
	return out, err
}

// enable lets a NIC send and receive. It asks for an address ten times a second and not once: a question that was lost
// while the switch was changed must not look like a machine that is out of reach.
func (n *Namespace) enable(ctx context.Context, nic string) error {
	if _, err := n.Run(ctx, "ip", "link", "set", nic, "up"); err != nil {
		return err
	}
	_, err := n.Run(ctx, "ip", "ntable", "change", "name", "arp_cache", "dev", nic, "retrans", "100")
	return err
}

// SetAddress gives a NIC its one address, with the length of its network: "10.0.0.1/24".
func (n *Namespace) SetAddress(ctx context.Context, nic, address string) error {
	if _, err := n.Run(ctx, "ip", "address", "flush", "dev", nic); err != nil {
		return err
	}
	_, err := n.Run(ctx, "ip", "address", "add", address, "dev", nic)
	return err
}

// Ping reports whether an address answers an echo. Several are sent, because one may be lost on a busy machine; silence
// takes two seconds.
func (n *Namespace) Ping(ctx context.Context, address string) (bool, error) {
	out, err := n.Run(ctx, "ping", "-n", "-c", "1", "-w", "2", "-i", "0.2", address)
	if err != nil && !strings.Contains(out, "100% packet loss") {
		return false, err
	}
	return err == nil, nil
}
