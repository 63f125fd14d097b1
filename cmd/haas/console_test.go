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
	s := shell{program: program, dir: t.TempDir()}
	w := terminaltest.New(t)
	cmd := at(w, exec.CommandContext(t.Context(), "sh", "-c", `stty -a >before; "$0" console n1; echo "status $?"; stty -a >after; read line`, program))
	cmd.Dir, cmd.Env = s.dir, append(s.command(t).Env, "HAAS_ENDPOINT="+c.URL)
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
