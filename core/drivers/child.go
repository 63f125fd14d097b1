package drivers

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"github.com/hashicorp/go-plugin/runner"
	"golang.org/x/sys/unix"
)

// child is a driver's process and whatever that starts: they are one process group, and end together.
//
// The kernel kills the process when the thread that started it ends, so that no driver survives the server. The
// goroutine that calls Start therefore keeps its thread for as long as the process is wanted.
type child struct {
	cmd            *exec.Cmd
	stdout, stderr io.ReadCloser
	exited         chan struct{} // closed as soon as the process has ended

	mu     sync.Mutex // guards the fields below, and cmd until it is started
	killed bool
	reaped bool // a signal now could hit a stranger who got the process's number
}

var _ runner.Runner = (*child)(nil)

// newChild prepares the program at path.
func newChild(path string) (*child, error) {
	cmd := exec.Command(path) //nolint:noctx // it lives until kill, longer than the launch
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	stdout, outErr := cmd.StdoutPipe()
	stderr, errErr := cmd.StderrPipe()
	return &child{cmd: cmd, stdout: stdout, stderr: stderr, exited: make(chan struct{})}, errors.Join(outErr, errErr)
}

// Start launches the process.
func (c *child) Start(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.killed {
		return errors.New("killed before it was started")
	}
	if err := c.cmd.Start(); err != nil {
		return err
	}
	go c.watch()
	return nil
}

// watch waits for the process to end, and takes its group along, which could hold the output open for ever. The
// process stays a zombie meanwhile, so its number is still its own.
func (c *child) watch() {
	for {
		err := unix.Waitid(unix.P_PID, c.pid(), nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	c.kill()
	close(c.exited)
}

// Wait returns when the process has ended and its number is free again.
func (c *child) Wait(context.Context) error {
	<-c.exited
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reaped = true
	if err := c.cmd.Wait(); err != nil && c.cmd.ProcessState == nil {
		return err
	}
	return nil
}

// Kill ends the process and its group at once.
func (c *child) Kill(context.Context) error {
	c.kill()
	return nil
}

func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.killed = true
	if c.cmd.Process != nil && !c.reaped {
		_ = syscall.Kill(-c.pid(), syscall.SIGKILL) // it fails only when there is nobody left
	}
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// fate says how the process ended.
func (c *child) fate() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd.ProcessState == nil {
		return "never ran"
	}
	return c.cmd.ProcessState.String()
}

// Stdout carries the handshake.
func (c *child) Stdout() io.ReadCloser { return c.stdout }

// Stderr carries the log.
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Name is the path of the program.
func (c *child) Name() string { return c.cmd.Path }

// ID is never empty, since go-plugin cleans up only after a runner that has one.
func (c *child) ID() string {
	if c.cmd.Process == nil {
		return "not started"
	}
	return strconv.Itoa(c.pid())
}

// Diagnose adds nothing to the error of a failed launch.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost changes nothing: the driver sees the same file system.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin changes nothing.
func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

// setEnv gives the process env, and of the server's environment only the surroundings.
func (c *child) setEnv(env []string) { c.cmd.Env = append(surroundings(), env...) }

// surroundings are the only variables a driver gets of the server's environment: a driver that runs a program needs
// the path, and everything else may be a secret.
func surroundings() []string {
	var env []string
	for _, key := range []string{"PATH", "TMPDIR"} {
		if v, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+v)
		}
	}
	return env
}
