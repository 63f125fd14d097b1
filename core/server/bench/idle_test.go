package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// idle measures the program with the three mock drivers and nothing to do: how soon it is ready, and how much memory
// all of its processes have.
func idle(b *testing.B, t *table) {
	program := build(b)
	var memory []float64
	m := inTurns(b, func(b *testing.B) float64 {
		p := start(b, program)
		ready := p.awaitReady(b)
		memory = append(memory, p.memory(b))
		p.stop(b)
		return milliseconds(ready)
	})
	t.add(row{what: "start until ready, three drivers", haas: figure{m[0], "ms"}, goal: below(1000, "ms")})
	t.add(row{what: "resident memory (PSS), three drivers", haas: figure{median(memory), "MB"}, goal: below(200, "MB")})
}

func build(b *testing.B) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "haas")
	cmd := exec.Command("go", "build", "-trimpath", "-o", program, "github.com/CCI-MOC/haas/cmd/haas")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build haas: %v\n%s", err, out)
	}
	return program
}

// program is a running haas serve.
type program struct {
	cmd   *exec.Cmd
	began time.Time
	url   string
	said  bytes.Buffer
}

func start(b *testing.B, path string) *program {
	b.Helper()
	site := servertest.NewSite(b, "", nil)
	port := freePort(b)
	p := &program{cmd: exec.Command(path, "serve", port), began: time.Now(), url: "http://127.0.0.1:" + port}
	p.cmd.Dir, p.cmd.Env = site.Dir, append(os.Environ(), "HAAS_CONFIG="+site.Config)
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	must(b, p.cmd.Start())
	b.Cleanup(func() { _ = p.cmd.Process.Kill() }) // it may have ended already
	return p
}

// freePort is a port that was free a moment ago.
func freePort(b *testing.B) string {
	b.Helper()
	l := get(net.Listen("tcp", "127.0.0.1:0"))(b)
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(b, err)
	must(b, l.Close())
	return port
}

func (p *program) awaitReady(b *testing.B) time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for !p.ready(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.Fatalf("haas is not ready after %v:\n%s", patience, &p.said)
		}
	}
	return time.Since(p.began)
}

func (p *program) ready(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	r.Close = true
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

func (p *program) stop(b *testing.B) {
	b.Helper()
	must(b, p.cmd.Process.Signal(syscall.SIGTERM))
	if err := p.cmd.Wait(); err != nil {
		b.Fatalf("haas: %v\n%s", err, &p.said)
	}
}

// memory is the megabytes of the program and its drivers. Pages that they share count once.
func (p *program) memory(b *testing.B) float64 {
	b.Helper()
	pid := p.cmd.Process.Pid
	kilobytes := processField(pid, "smaps_rollup", "Pss")
	processes := 1
	for _, child := range childrenOf(pid) {
		kilobytes += processField(child, "smaps_rollup", "Pss")
		processes++
	}
	if processes != 4 {
		b.Fatalf("there are %d processes, want the server and three drivers", processes)
	}
	return float64(kilobytes) / 1000
}

func childrenOf(parent int) []int {
	var found []int
	all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is good
	for _, dir := range all {
		pid, _ := strconv.Atoi(filepath.Base(dir)) // digits alone
		if processField(pid, "status", "PPid") == parent {
			found = append(found, pid)
		}
	}
	return found
}

// processField is a number that the kernel tells of a process, -1 if the process is gone.
func processField(pid int, file, name string) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return -1
	}
	line := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(text)
	if line == nil {
		return -1
	}
	value, _ := strconv.Atoi(string(line[1])) // digits alone
	return value
}
