package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// process is a program that ends with the lab at the latest, however that ends.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// launch starts a program.
func launch(cmd *exec.Cmd) (*process, error) {
	// Signals of the terminal are for the lab: it ends its processes in its own order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel ends the program when the thread that started it ends, so that lives as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // what it said is in its log
		}
	}()
	return p, <-started
}

// signal sends a signal and waits for the program's end.
func (p *process) signal(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s) // it may have ended already
	<-p.ended
}

// children are the processes that the program has started, by name.
func (p *process) children(name string) []int {
	var pids []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // only a bad pattern is an error
	for _, path := range stats {
		if comm, parent := parentOf(path); parent == p.cmd.Process.Pid && strings.HasPrefix(name, comm) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))) // the pattern lets only numbers through
			pids = append(pids, pid)
		}
	}
	return pids
}

// parentOf reads a process's name, which the kernel shortens, and its parent; 0 if it has ended meanwhile.
func parentOf(path string) (comm string, parent int) {
	text, _ := os.ReadFile(path) // a process that has ended has no text
	_, rest, _ := strings.Cut(string(text), "(")
	end := strings.LastIndex(rest, ")")
	if end < 0 {
		return "", 0
	}
	if fields := strings.Fields(rest[end+1:]); len(fields) > 1 {
		parent, _ = strconv.Atoi(fields[1])
	}
	return rest[:end], parent
}
