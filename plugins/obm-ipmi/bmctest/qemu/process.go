package qemu

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// process is QEMU, which ends with this program at the latest.
type process struct {
	cmd   *exec.Cmd
	input io.WriteCloser
	// ended is closed when it has ended, printed when all that it printed was read.
	ended, printed chan struct{}
}

// launch starts QEMU, whose output is the machine's, after that of the process before; so is what it complains of.
func launch(cmd *exec.Cmd, output io.Writer, before *process) (*process, error) {
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, input.Close())
	}
	defer func() { _ = write.Close() }() // it is QEMU's now
	cmd.Stdout, cmd.Stderr = write, write
	// Signals of the terminal are for this program.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	p := &process{cmd: cmd, input: input, ended: make(chan struct{}), printed: make(chan struct{})}
	if err := p.start(); err != nil {
		return nil, errors.Join(err, read.Close())
	}
	go p.print(read, output, before)
	return p, nil
}

func (p *process) start() error {
	started := make(chan error)
	go func() {
		// The kernel ends the program when the thread that started it ends, so that lives as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.ended)
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // it is killed more often than not
		}
	}()
	return <-started
}

// print passes on what is printed, until the process has ended.
func (p *process) print(from io.ReadCloser, to io.Writer, before *process) {
	defer close(p.printed)
	defer func() { _ = from.Close() }() // it was only read
	if before != nil {
		<-before.printed
	}
	_, _ = io.Copy(to, from) // the line takes everything
}

func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// kill cuts the machine off.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.ended
}
