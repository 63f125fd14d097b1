package server_test

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

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// process is the program, run for a site as a process that can be killed.
type process struct {
	*servertest.Server
	cmd   *exec.Cmd
	said  *servertest.Log
	ended chan struct{}
}

// readiness is what the program says when it serves: the API's address, or that there is none.
var readiness = regexp.MustCompile(`HaaS is ready at (\S+)|HaaS configures the switches`)

// startProcess runs haas with the arguments until it is ready; it is killed when the test ends.
func startProcess(t *testing.T, site *servertest.Site, args ...string) *process {
	t.Helper()
	c := newCwd(t)
	p := &process{said: &servertest.Log{}, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(c.dir, "haas"), append(args, "--config", site.Config)...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = c.dir, c.env, p.said, p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }() // it is killed, so it ends with an error
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended already
		<-p.ended
		if t.Failed() {
			t.Logf("haas %v said at the end\n%s", args, p.said.Tail(60))
		}
	})
	var found []string
	servertest.Eventually(t, "haas is ready", func() (bool, any) {
		found = readiness.FindStringSubmatch(p.said.String())
		return found != nil, p.said
	})
	p.Server = servertest.At(t, found[1])
	return p
}

// kill ends the process by SIGKILL, and wants its drivers to end with it.
func (p *process) kill(t *testing.T) {
	t.Helper()
	drivers := p.drivers(t, "")
	noError(t, p.cmd.Process.Kill())
	<-p.ended
	servertest.Eventually(t, "the drivers have ended with their server", func() (bool, any) {
		drivers = slices.DeleteFunc(drivers, func(pid int) bool { return !alive(pid) })
		return len(drivers) == 0, drivers
	})
}

// drivers are the processes of the drivers whose program's name begins as given.
func (p *process) drivers(t *testing.T, name string) []int {
	t.Helper()
	found := []int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
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

// killDriver ends the process of a driver by SIGKILL.
func (p *process) killDriver(t *testing.T, name string) {
	t.Helper()
	for _, pid := range p.drivers(t, name) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
}
