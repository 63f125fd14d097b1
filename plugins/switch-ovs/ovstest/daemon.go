package ovstest

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Daemon is one of the switch's two programs.
type Daemon struct {
	program string
	args    []string
	env     []string
	log     string
	ns      *Namespace

	mu    sync.Mutex // guards the fields below
	cmd   *exec.Cmd  // nil while it is not running
	ended chan struct{}
}

// Start starts the daemon anew, with what it had on its disk. It does not wait until the daemon answers.
func (d *Daemon) Start() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	log, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the daemon has its own
	cmd := exec.Command(d.program, d.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = d.env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ended := make(chan struct{})
	if err := d.launch(cmd, ended); err != nil {
		return err
	}
	d.cmd, d.ended = cmd, ended
	return nil
}

// launch starts the daemon on a thread that lives as long as the daemon does: the kernel ends the daemon when the thread
// that started it ends, which is at the latest when this process does, however that ends.
func (d *Daemon) launch(cmd *exec.Cmd, ended chan struct{}) error {
	started := make(chan error, 1)
	go func() {
		defer close(ended)
		err := d.ns.Do(func() error {
			err := cmd.Start()
			started <- err
			if err == nil {
				_ = cmd.Wait() // what it said is in its log
			}
			return nil
		})
		if err != nil {
			started <- err
		}
	}()
	return <-started
}

// Stop asks the daemon to end and waits until it has. It is killed if it takes too long.
func (d *Daemon) Stop() { d.end(syscall.SIGTERM) }

// Kill ends the daemon at once and waits until it has ended.
func (d *Daemon) Kill() { d.end(syscall.SIGKILL) }

func (d *Daemon) end(signal syscall.Signal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Signal(signal)          // it may have ended already
	_ = d.cmd.Process.Signal(syscall.SIGCONT) // a frozen one does not hear
	kill := time.AfterFunc(patience, func() { _ = d.cmd.Process.Kill() })
	<-d.ended
	kill.Stop()
	d.cmd = nil
}

// Freeze stops the daemon from doing anything, as if it hung, until Thaw.
func (d *Daemon) Freeze() error { return d.signal(syscall.SIGSTOP) }

// Thaw lets a frozen daemon go on.
func (d *Daemon) Thaw() error { return d.signal(syscall.SIGCONT) }

func (d *Daemon) signal(signal syscall.Signal) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd == nil {
		return os.ErrProcessDone
	}
	return d.cmd.Process.Signal(signal)
}
