// These tests are inside the package for the reason that main_test.go gives.
package main

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ziutek/telnet"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// realSwitches does what README.md says about real switches, with a switch at another port.
func realSwitches(t *testing.T, program string) {
	readme := newReadme(t, "2323")
	s := startOpen(t, program)
	s.simulator(t, readme.one(t, `(?m)^    bin/haas-sim (switch .*)$`), "answers telnet on")
	scripts := readme.all(t, "(?s)<!-- switch[^\n]*-->\n```sh\n(.*?\n)```\n")

	if out := s.script(t, scripts[0]); !strings.Contains(out, "Ethernet1/12  node-12/eth0  native 100  native 100  in order") {
		t.Errorf("the switch is not in order:\n%s", out)
	}
	typeByHand(t, readme.address, readme.one(t, "(?s)```console\n\\$ telnet [^\n]*\n(.*?\n)```\n"))
	status, out, _ := s.run(t, "switch", "check", "sw-nexus")
	if status != 1 || !strings.Contains(out, "Ethernet1/12  node-12/eth0  native 100  native 100, tagged 199") {
		t.Errorf("exit status %d after somebody typed:\n%s", status, out)
	}
	if out := s.script(t, scripts[1]); !strings.Contains(out, "Ethernet1/12  node-12/eth0  shut    shut     in order") {
		t.Errorf("the switch is not in order again:\n%s", out)
	}
}

// powerAndConsoles does what README.md says about controllers, with one at another port.
func powerAndConsoles(t *testing.T, program string) {
	readme := newReadme(t, "6230")
	s := startOpen(t, program)
	s.simulator(t, readme.one(t, `(?m)^    bin/haas-sim (bmc .*)$`), "answers IPMI on")
	out := s.script(t, readme.one(t, "(?s)<!-- power[^\n]*-->\n```sh\n(.*?\n)```\n"))
	for _, want := range []string{"network (PXE)", "Starting Rescue system", "node-62  biology  on", "MBTemp", "rack-7", "console opened]"} {
		if !strings.Contains(out, want) {
			t.Errorf("the commands did not show %s:\n%s", want, out)
		}
	}
}

// startOpen is start for a site where everybody is an administrator and nobody but the test checks switches. The
// programs are in bin, as in the README.
func startOpen(t *testing.T, program string) shell {
	t.Helper()
	site := servertest.NewSite(t, "", servertest.Sections{"fabric": {"check_interval": "0"}})
	s := shell{program: filepath.Join(site.Dir, "bin", "haas"), dir: site.Dir}
	site.Write(t, strings.Replace(s.read(t, "haas.cfg"), "haas.ext.auth.database", "haas.ext.auth.null", 1))
	if err := os.Mkdir(filepath.Dir(s.program), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, s.program); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Dir(s.program), "../haas-sim").CombinedOutput(); err != nil {
		t.Fatalf("build haas-sim: %v\n%s", err, out)
	}
	_, line := s.serve(t, readyLine, "serve", "--listen", "127.0.0.1:0")
	return s.at(line)
}

// simulator starts bin/haas-sim, and waits until it says so.
func (s shell) simulator(t *testing.T, line, says string) {
	t.Helper()
	s.program = filepath.Join(s.dir, "bin", "haas-sim")
	s.serve(t, says, strings.Fields(line)...)
}

// script runs commands until the first that fails, which none must, and returns what they printed.
func (s shell) script(t *testing.T, commands string) string {
	t.Helper()
	limit, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	cmd := exec.CommandContext(limit, "bash", "-xeuo", "pipefail", "-c", commands)
	cmd.Dir, cmd.Env = s.dir, append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir}, s.env...)
	cmd.WaitDelay = time.Second // a descendant that lives on keeps the output open
	var out, failed strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &failed
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, failed.String(), out.String())
	}
	return out.String()
}

// typeByHand types what stands behind the prompts of a dialogue, each when the switch has prompted, until it hangs up.
func typeByHand(t *testing.T, address, dialogue string) {
	t.Helper()
	conn, err := telnet.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // nothing is on its way any more
	conn.SetUnixWriteMode(true)
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(dialogue) {
		prompt, typed := parted(t, line)
		if seen, err := conn.ReadUntil(prompt); err != nil {
			t.Fatalf("wait for the prompt %q: %v\n%s", prompt, err, seen)
		}
		if _, err := io.WriteString(conn, typed); err != nil {
			t.Fatalf("type %q: %v", typed, err)
		}
	}
	if rest, err := io.ReadAll(conn); err != nil {
		t.Fatalf("log out: %v\n%s", err, rest)
	}
}

// parted is a line's prompt and what is typed behind it, with its end.
func parted(t *testing.T, line string) (prompt, typed string) {
	t.Helper()
	at := regexp.MustCompile(`^\S+(?:#|:) `).FindStringIndex(line)
	if at == nil {
		t.Fatalf("%q begins with no prompt", line)
	}
	return line[:at[1]], line[at[1]:]
}

// readme is README.md with a free port in place of the simulated device's.
type readme struct{ text, address string }

func newReadme(t *testing.T, port string) readme {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	_, another, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return readme{strings.ReplaceAll(string(text), port, another), address}
}

// all are what a pattern finds.
func (r readme) all(t *testing.T, pattern string) []string {
	t.Helper()
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(r.text, -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 {
		t.Fatalf("README.md has nothing like %s", pattern)
	}
	return found
}

// one is what a pattern finds first.
func (r readme) one(t *testing.T, pattern string) string {
	t.Helper()
	return r.all(t, pattern)[0]
}
