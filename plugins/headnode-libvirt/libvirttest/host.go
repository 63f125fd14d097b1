package libvirttest

import (
	"bufio"
	"context"
	_ "embed" // for the script
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// patience bounds the start of the daemon, which asks QEMU what it can do, on a machine that is busy with tests.
	patience = time.Minute
	// pause is that between two looks at a daemon that starts.
	pause = 20 * time.Millisecond
	// longestDir leaves room for the sockets in it: their paths may have 107 characters.
	longestDir = 80
)

//go:embed host.sh
var script string

// Options are what a host has beside the daemon.
type Options struct {
	// In calls a function in the network namespace that the daemon is to live in; absent, that is the caller's. An
	// ovstest.Switch and an ovstest.Namespace have such a method.
	In func(func() error) error
	// OpenVSwitch is the folder of the Open vSwitch that the host's machines are plugged into, "" if there is none.
	OpenVSwitch string
}

// Host is a running libvirtd, and its machines.
type Host struct {
	// CA vouches for the daemon at TLSAddress, and Client is somebody it lets in. Both are PEM.
	CA     string
	Client Identity

	dir string
	in  func(func() error) error // calls a function in the host's network
	// sshKey lets root in over SSH, "" where nobody is let in.
	sshKey string

	mu    sync.Mutex // guards what follows: one word, one answer
	cmd   *exec.Cmd
	tell  io.WriteCloser
	heard *bufio.Scanner
}

// Start starts a host whose files are in dir: an empty folder with a short path. ctx is for the start.
func Start(ctx context.Context, dir string, o Options) (*Host, error) {
	if len(dir) > longestDir {
		return nil, fmt.Errorf("the folder %s has more than %d characters: sockets need a short path", dir, longestDir)
	}
	if err := Available(); err != nil {
		return nil, err
	}
	h := &Host{dir: dir, in: o.In}
	if err := errors.Join(write(dir), h.writeTLS()); err != nil {
		return nil, err
	}
	if err := h.launch(o); err != nil {
		return nil, err
	}
	if err := h.Restart(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// launch starts the first process, which starts the daemon when it is told.
func (h *Host) launch(o Options) error {
	cmd := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", script, "host", h.dir)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	if o.OpenVSwitch != "" { // libvirt plugs machines in by ovs-vsctl, which finds the daemons by this
		cmd.Env = append(cmd.Env, "OVS_RUNDIR="+o.OpenVSwitch)
	}
	log, err := os.Create(h.path("host.log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the process has its own
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if h.tell, err = cmd.StdinPipe(); err != nil {
		return err
	}
	h.cmd, h.heard = cmd, bufio.NewScanner(stdout)
	start := cmd.Start
	if o.In != nil { // the ports for SSH and TLS are nobody else's there
		sshd, err := h.writeSSH()
		if err != nil {
			return err
		}
		cmd.Env = append(cmd.Env, "SSHD="+sshd)
		cmd.Args = append(cmd.Args, "--listen")
		start = func() error { return o.In(cmd.Start) }
	}
	if err := start(); err != nil {
		return err
	}
	return h.listen()
}

// listen waits until the first process has done what it was told.
func (h *Host) listen() error {
	if h.heard.Scan() && h.heard.Text() == "done" {
		return nil
	}
	said, _ := os.ReadFile(h.path("host.log")) // what cannot be read cannot be told
	return fmt.Errorf("the host has ended: %s", strings.TrimSpace(string(said)))
}

func (h *Host) do(what string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := fmt.Fprintln(h.tell, what); err != nil {
		return err
	}
	return h.listen()
}

// Restart starts the daemon after Kill, with the machines that run, and waits until it answers.
func (h *Host) Restart(ctx context.Context) error {
	if err := h.do("start"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !h.accepts(ctx) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return h.silent(ctx.Err())
		}
	}
	if _, err := h.Virsh(ctx, "uri"); err != nil { // it is answered when the daemon is ready
		return h.silent(err)
	}
	return nil
}

// silent is an error with what the daemon had to say.
func (h *Host) silent(err error) error {
	said, _ := os.ReadFile(h.path("libvirtd.log")) // what cannot be read cannot be told
	return fmt.Errorf("libvirtd does not answer: %w: %s", err, said)
}

func (h *Host) accepts(ctx context.Context) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", h.socket())
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was said
	return true
}

// Kill ends the daemon at once. Its machines go on.
func (h *Host) Kill() error { return h.do("kill") }

// Freeze keeps the daemon from doing anything, as if it hung, until Thaw. Its machines go on.
func (h *Host) Freeze() error { return h.do("freeze") }

// Thaw lets a frozen daemon go on.
func (h *Host) Thaw() error { return h.do("thaw") }

// Close ends the daemon and all its machines, and waits for them.
func (h *Host) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.tell.Close(); err != nil {
		return err
	}
	_ = h.cmd.Wait() // whether it thinks that it has failed makes no difference
	return nil
}

// URI is what a driver is given.
func (h *Host) URI() string { return uri(h.socket()) }

func (h *Host) socket() string { return h.path("sockets/libvirt-sock") }

func (h *Host) path(name string) string { return filepath.Join(h.dir, name) }

// Dir is the folder with the host's files: libvirtd.log among them.
func (h *Host) Dir() string { return h.dir }
