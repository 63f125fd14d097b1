// These tests are inside the package so that they run anew whenever the program changes, which they start as a whole.
package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

const patience = 60 * time.Second

// TestHaaS runs the program itself, built once for all its stories.
func TestHaaS(t *testing.T) {
	t.Parallel()
	path := build(t)
	for name, story := range map[string]func(*testing.T, string){
		"user guide":              userGuide,
		"workflow":                workflow,
		"a switch typed on":       handiwork,
		"real switches":           realSwitches,
		"power and consoles":      powerAndConsoles,
		"failed connect":          failedConnect,
		"site round trip":         roundTrip,
		"interrupted import":      interruptedImport,
		"contradictory site":      contradictions,
		"serve with a site":       serveWithSite,
		"serve with a wrong site": serveWithWrongSite,
		"API and fabric apart":    apart,
		"first administrator":     firstAdministrator,
		"server misuse":           serverMisuse,
		"bridges of a host":       hostBridges,
		"a console at a terminal": consoleAtATerminal,
		"a console and signals":   consoleAndSignals,
		"a console over TLS":      consoleOverTLS,
		"a console for two":       consoleForTwo,
		"a console outlives":      consoleOutlivesItsServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, path)
		})
	}
}

func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "haas")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build haas: %v\n%s", err, out)
	}
	return path
}

// shell runs the program in a folder with an environment of its own.
type shell struct {
	program string
	dir     string
	env     []string
}

// command is haas with arguments.
func (s shell) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	// The context of the test ends before its servers are stopped.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), s.program, args...)
	cmd.Dir = s.dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir}, s.env...)
	return cmd
}

// run runs haas and returns its exit status and what it printed on both outputs.
func (s shell) run(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	return s.give(t, "", args...)
}

// give is run with something to read on standard input.
func (s shell) give(t *testing.T, in string, args ...string) (int, string, string) {
	t.Helper()
	var out, err bytes.Buffer
	cmd := s.command(t, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &err
	_ = cmd.Run() // the status says it
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

// ok runs a line of haas that must succeed, and returns what it printed.
func (s shell) ok(t *testing.T, line string) string {
	t.Helper()
	status, out, err := s.run(t, strings.Fields(line)...)
	if status != 0 {
		t.Fatalf("haas %s: exit status %d\n%s%s", line, status, out, err)
	}
	return out
}

// soon runs a line of haas until it prints the words.
func (s shell) soon(t *testing.T, line, words string) {
	t.Helper()
	limit := time.After(patience)
	for {
		out := s.ok(t, line)
		if strings.Contains(out, words) {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-limit:
			t.Fatalf("haas %s does not print %q, but\n%s", line, words, out)
		}
	}
}

// fails runs a line of haas that must fail with the words.
func (s shell) fails(t *testing.T, line, words string) {
	t.Helper()
	status, _, err := s.run(t, strings.Fields(line)...)
	if status != 1 || !strings.Contains(err, words) {
		t.Errorf("haas %s: exit status %d, want 1 and %q\n%s", line, status, words, err)
	}
}

// daemon is haas as a server.
type daemon struct {
	cmd *exec.Cmd
	out *bufio.Reader
	err *bytes.Buffer
}

// serve starts haas and waits for the line with the words ready.
func (s shell) serve(t *testing.T, ready string, args ...string) (d *daemon, line string) {
	t.Helper()
	cmd := s.command(t, args...)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d = &daemon{cmd: cmd, out: bufio.NewReader(pipe), err: &bytes.Buffer{}}
	cmd.Stderr = d.err
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.stop(t) })
	return d, d.until(t, ready)
}

// until reads lines up to the one with the words.
func (d *daemon) until(t *testing.T, words string) string {
	t.Helper()
	limit := time.AfterFunc(patience, func() { _ = d.cmd.Process.Kill() })
	defer limit.Stop()
	for {
		line, err := d.out.ReadString('\n')
		if err != nil {
			_ = d.cmd.Wait() // so that all of its words are there
			t.Fatalf("haas ended before it said %q\n%s", words, d.err)
		}
		if strings.Contains(line, words) {
			return line
		}
	}
}

// stop ends the server as a supervisor would, and wants it to end well.
func (d *daemon) stop(t *testing.T) {
	t.Helper()
	if d.cmd.ProcessState != nil {
		return
	}
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	limit := time.AfterFunc(patience, func() { _ = d.cmd.Process.Kill() })
	defer limit.Stop()
	_, _ = io.Copy(io.Discard, d.out) // Wait closes the pipe
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("haas: %v\n%s", err, d.err)
	}
}

const readyLine = "HaaS is ready at "

// newShell is in a new site's folder, logged in as its administrator, with nothing running yet.
func newShell(t *testing.T, program string, changes servertest.Sections) shell {
	t.Helper()
	site := servertest.NewSite(t, "", changes)
	s := shell{program: program, dir: site.Dir}
	s.ok(t, "create_admin_user root hush")
	s.env = []string{"HAAS_USERNAME=root", "HAAS_PASSWORD=hush"}
	return s
}

// start serves a new site and returns a shell whose client finds it.
func start(t *testing.T, program string, changes servertest.Sections) shell {
	t.Helper()
	s := newShell(t, program, changes)
	_, line := s.serve(t, readyLine, "serve", "--listen", "127.0.0.1:0")
	return s.at(line)
}

// at is the shell as client of the server that said line.
func (s shell) at(line string) shell {
	url, _, _ := strings.Cut(strings.TrimPrefix(line, readyLine), " ")
	s.env = append(slices.Clone(s.env), "HAAS_ENDPOINT="+url)
	return s
}
