// These tests are inside the package for the reason that main_test.go gives.
package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote/remotetest"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal/terminaltest"
)

// at is a command with a window for its input and outputs.
func at(w *terminaltest.Window, cmd *exec.Cmd) *exec.Cmd {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = w.TTY, w.TTY, w.TTY
	return cmd
}

// consoleAtATerminal has the console between two commands of a shell, which is interrupted if a key does not go where
// it should.
func consoleAtATerminal(t *testing.T, program string) {
	c := remotetest.NewConsole(t)
	s := shell{program: program, dir: t.TempDir(), env: []string{"HAAS_ENDPOINT=" + c.URL}}
	w := terminaltest.New(t)
	cmd := at(w, exec.CommandContext(t.Context(), "sh", "-c", `stty -a >before; "$0" console n1; echo "status $?"; stty -a >after; read line`, program))
	cmd.Dir, cmd.Env = s.dir, s.command(t).Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v := c.Next(t)
	v.Welcome("s", 0)
	v.Print("login: ")
	if got := w.Until("login: "); !strings.Contains(got, "~. at the start of a line leaves") {
		t.Errorf("seen first: %q", got)
	}
	w.Press("\x03\x1a\x1c\x11\x13\x16")
	v.WantTyped("\x03\x1a\x1c\x11\x13\x16")
	w.Press("root\r~.")
	v.WantTyped("root\r")
	v.WantGone()
	if got := w.Until("status 0\r\n"); strings.Trim(got, "\r\n") != "" {
		t.Errorf("seen last: %q", got)
	}
	w.Press("\r")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if before, after := s.read(t, "before"), s.read(t, "after"); before != after || before == "" {
		t.Errorf("the terminal was\n%s, and is\n%s", before, after)
	}
}

// consoleAndSignals ends the program from outside, in each of the ways that allow it to say farewell.
func consoleAndSignals(t *testing.T, program string) {
	c := remotetest.NewConsole(t)
	s := shell{program: program, dir: t.TempDir(), env: []string{"HAAS_ENDPOINT=" + c.URL}}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		w := terminaltest.New(t)
		cmd := at(w, s.command(t, "console", "n1"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		v := c.Next(t)
		v.Welcome("s", 0)
		v.Print("login: ")
		w.Until("login: ")
		if !w.IsRaw() {
			t.Error("the terminal is not raw")
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		v.WantGone()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", signal, err)
		}
		w.WantRestored()
	}
}

func consoleOverTLS(t *testing.T, program string) {
	c, certificate := remotetest.NewSecureConsole(t)
	s := shell{program: program, dir: t.TempDir(), env: []string{
		"HAAS_ENDPOINT=" + c.URL, "SSL_CERT_FILE=" + certificate, "HAAS_USERNAME=ann", "HAAS_PASSWORD=hush",
	}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if status, out, stderr := s.give(t, "reboot\n", "console", "n1", "--silence", "1ms"); status != 0 || out+stderr != "" {
			t.Errorf("exit status %d\n%s%s", status, out, stderr)
		}
	}()
	v := c.Next(t)
	if user, password, _ := v.Request.BasicAuth(); user != "ann" || password != "hush" {
		t.Errorf("came as %s", user)
	}
	v.Welcome("s", 0)
	v.WantTyped("reboot\r")
	<-ended
	stranger := s
	stranger.env = s.env[:1]
	stranger.fails(t, "console n1", "do not trust the HaaS server")
}

// seat is somebody at a console of a real server.
type seat struct {
	*terminaltest.Window
	cmd *exec.Cmd
}

// sit joins the console of n1.
func (s shell) sit(t *testing.T) seat {
	t.Helper()
	w := terminaltest.New(t)
	cmd := at(w, s.command(t, "console", "n1"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended if the test is content
	w.Until("~? tells more\r\n")
	return seat{w, cmd}
}

// wantStatus waits for the program to end.
func (s seat) wantStatus(t *testing.T, status int) {
	t.Helper()
	_ = s.cmd.Wait() // the status says it
	if got := s.cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("exit status %d, want %d", got, status)
	}
	s.WantRestored()
}

// consoleForTwo is a console of a real server, until its node is released.
func consoleForTwo(t *testing.T, program string) {
	s := start(t, program, nil)
	s.sample(t)
	for _, line := range []string{"site import sample.yaml", "project node add demo n1"} {
		s.ok(t, line)
	}
	one, two := s.sit(t), s.sit(t)
	one.Press("first")
	one.Until("first")
	two.Until("[haas] root has the keyboard; ~a asks for it\r\n")
	two.Press("no")
	two.Until("[haas] not passed on: root has the keyboard; ask for it\r\n")
	if status, _, stderr := s.give(t, "reboot\n", "console", "n1"); status != 1 || !strings.Contains(stderr, "not passed on: root has the keyboard") {
		t.Errorf("exit status %d\n%s", status, stderr)
	}
	two.Press("\r~a")
	two.Until("[haas] asked root for the keyboard\r\n")
	one.Until("[haas] root (2) asks for the keyboard: ")
	one.Press("\r~g")
	two.Until("[haas] you have the keyboard\r\n")
	two.Press("second")
	one.Until("second")
	s.ok(t, "node power on n1")
	one.Until("Run /sbin/init as init process\r\n")
	two.Press("\r~.")
	two.wantStatus(t, 0)
	one.Until("[haas] nobody has the keyboard; typing takes it\r\n")
	s.ok(t, "project node remove demo n1")
	one.Until("haas console: the console of n1 has ended: node n1 was released")
	one.wantStatus(t, 1)
}

// consoleOutlivesItsServer stops the server under a session, and starts it again.
func consoleOutlivesItsServer(t *testing.T, program string) {
	s := newShell(t, program, nil)
	d, line := s.serve(t, readyLine, "serve", "--listen", "127.0.0.1:0")
	client := s.at(line)
	s.sample(t)
	client.ok(t, "site import sample.yaml")
	client.ok(t, "project node add demo n1")
	one := client.sit(t)
	one.Press("before")
	one.Until("before")
	d.stop(t)
	one.Until("[haas] the server cannot be reached; trying to connect again\r\n")
	one.Press("meanwhile")
	one.Until("[haas] not connected; what you type is not passed on\r\n")
	_, address, _ := strings.Cut(client.env[len(client.env)-1], "://")
	s.serve(t, readyLine, "serve", "--listen", address)
	one.Until("[haas] connected again\r\n")
	one.Press("after\r")
	if got := one.Until("after"); strings.Contains(got, "meanwhile") {
		t.Errorf("seen: %q", got)
	}
	one.Press("~.")
	one.wantStatus(t, 0)
}
