package servertest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Process is the program, run for a site as a process that can be killed.
type Process struct {
	*Server
	cmd   *exec.Cmd
	said  *Log
	ended chan struct{}
}

// readiness is what the program says when it serves: the API's address, or that there is none.
var readiness = regexp.MustCompile(`HaaS is ready at (\S+)|HaaS configures the switches`)

// StartProcess runs haas with the arguments until it is ready; it is killed when the test ends.
func (s *Site) StartProcess(t testing.TB, args ...string) *Process {
	t.Helper()
	p := &Process{said: &Log{}, ended: make(chan struct{})}
	dir := t.TempDir()
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), Program(t), append(args, "--config", s.Config)...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, p.said, p.said
	must(t, p.cmd.Start())
	go func() { _ = p.cmd.Wait(); close(p.ended) }() // it is killed, so it ends with an error
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended already
		<-p.ended
		if t.Failed() {
			t.Logf("haas %v said at the end\n%s", args, p.said.Tail(60))
		}
	})
	var found []string
	Eventually(t, "haas is ready", func() (bool, any) {
		found = readiness.FindStringSubmatch(p.said.String())
		return found != nil, p.said
	})
	p.Server = At(t, found[1])
	return p
}

// Said is what the process has printed and logged.
func (p *Process) Said() string { return p.said.String() }

// Processes are the process and its drivers.
func (p *Process) Processes(t testing.TB) []int {
	t.Helper()
	return append(p.drivers(t, ""), p.cmd.Process.Pid)
}

// Signal sends a signal to the process.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Kill ends the process by SIGKILL, and wants its drivers to end with it.
func (p *Process) Kill(t testing.TB) {
	t.Helper()
	drivers := p.drivers(t, "")
	must(t, p.cmd.Process.Kill())
	<-p.ended
	Eventually(t, "the drivers have ended with their server", func() (bool, any) {
		drivers = slices.DeleteFunc(drivers, func(pid int) bool { return !alive(pid) })
		return len(drivers) == 0, drivers
	})
}

// KillDriver ends the processes of the drivers whose program's name begins as given by SIGKILL, and says how many there
// were.
func (p *Process) KillDriver(t testing.TB, name string) int {
	t.Helper()
	found := p.drivers(t, name)
	for _, pid := range found {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	return len(found)
}

// drivers are the processes of the drivers whose program's name begins as given.
func (p *Process) drivers(t testing.TB, name string) []int {
	t.Helper()
	found := []int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	for _, path := range stats {
		comm, parent, _ := parentOf(path)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))) // the pattern lets only numbers through
		if parent == p.cmd.Process.Pid && strings.HasPrefix(comm, name) {
			found = append(found, pid)
		}
	}
	return found
}

// parentOf reads the name and the parent from a process's stat; zero values if it is gone, or is only waited for.
func parentOf(path string) (comm string, parent int, ok bool) {
	text, _ := os.ReadFile(path) // it may have ended meanwhile
	open, shut := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || shut < open {
		return "", 0, false
	}
	var state string
	if _, err := fmt.Sscan(string(text[shut+1:]), &state, &parent); err != nil || state == "Z" {
		return "", 0, false
	}
	return string(text[open+1 : shut]), parent, true
}

// alive reports whether a process is more than waited for.
func alive(pid int) bool {
	_, _, ok := parentOf(fmt.Sprintf("/proc/%d/stat", pid))
	return ok
}
