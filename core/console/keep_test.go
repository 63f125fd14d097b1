package console_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

// stamps are the remarks in a log.
var stamps = regexp.MustCompile(`\r\n\[[0-9TZ:-]+ (console opened|console lost: [^\]]*)\]\r\n`)

// logged is what is remembered of the console, with the remarks without their times.
func (s *site) logged(t *testing.T, h *console.Hub) string {
	t.Helper()
	text, err := recall(t, s, h, 1_000_000)
	must(t, err)
	return stamps.ReplaceAllString(text, "[$1]")
}

// keeping is a hub that keeps the node's console though nobody watches, with its logs in dir.
func (s *site) keeping(t *testing.T, dir string) *console.Hub {
	t.Helper()
	opened := s.d.opened.Load() // before there is a hub: the log may be wanted already
	h := s.running(t, func(c *console.Config) { c.Dir = dir })
	must(t, s.SetConsoleLog(t.Context(), s.n.ID, "log1"))
	eventually(t, "the console is open", func() bool { return s.d.opened.Load() > opened })
	return h
}

func (s *site) hears(t *testing.T, h *console.Hub, want string) {
	t.Helper()
	var got string
	defer func() {
		if t.Failed() {
			t.Logf("the log says %q", got)
		}
	}()
	eventually(t, fmt.Sprintf("the log says %q", want), func() bool {
		got = s.logged(t, h)
		return got == want
	})
}

func TestLogWhileNobodyWatches(t *testing.T) {
	t.Parallel()
	s, dir := newSite(t), t.TempDir()
	h := s.keeping(t, dir)
	s.d.print(t, "night\n")
	s.hears(t, h, "[console opened]night\n")
	v := s.view(t, h, all("ann"))
	_ = v.Close()
	if s.d.closed.Load() != 0 || s.d.atOnce() != 1 {
		t.Errorf("after a viewer left: %d closed, %d sessions at once", s.d.closed.Load(), s.d.atOnce())
	}
	h.Shutdown()

	next := s.keeping(t, dir)
	s.d.print(t, "morning\n")
	s.hears(t, next, "[console opened]night\n[console lost: the server is being stopped][console opened]morning\n")
	n, c := s.console(t)
	state, err := next.LogOf(t.Context(), n, c)
	if err != nil || !state.Open || state.Error != "" || state.Bytes < 50 {
		t.Errorf("the log is %+v, %v", state, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "log1.log")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
}

func TestKeptConsoleIsReopened(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.keeping(t, t.TempDir())
	s.d.print(t, "one\n")
	s.d.hangUp()
	eventually(t, "it is opened again", func() bool { return s.d.opened.Load() == 2 })
	s.d.print(t, "two\n")
	s.hears(t, h, "[console opened]one\n[console lost: line broken][console opened]two\n")
}

// TestConsoleThatCannotBeKept says why, but nothing of the server's inside.
func TestConsoleThatCannotBeKept(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"somebody else holds it":                                  core.Errorf(core.Unavailable, "somebody else holds it"),
		"the server failed to open the console; its log says why": errors.New("dial tcp 10.0.0.5:5432: connection refused"),
	} {
		s := newSite(t)
		s.d.refuse(err)
		h := s.running(t)
		must(t, s.SetConsoleLog(t.Context(), s.n.ID, "log1"))
		var state console.Log
		eventually(t, "the log says why", func() bool {
			n, c := s.console(t)
			state, _ = h.LogOf(t.Context(), n, c)
			return state.Error != ""
		})
		if state.Error != want || state.Open || s.d.taken > 0 {
			t.Errorf("the log is %+v, taken %d times", state, s.d.taken)
		}
	}
}

// TestLogEnds removes the log when it is not wanted any more, when all is forgotten, and with the term.
func TestLogEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, s *site, h *console.Hub){
		"unwanted": func(t *testing.T, s *site, h *console.Hub) {
			must(t, s.SetConsoleLog(t.Context(), s.n.ID, ""))
			h.StopLog(s.now(t))
		},
		"unwanted, said elsewhere": func(t *testing.T, s *site, _ *console.Hub) {
			must(t, s.SetConsoleLog(t.Context(), s.n.ID, ""))
		},
		"released": func(t *testing.T, s *site, h *console.Hub) {
			eventually(t, "the node is released", func() bool {
				h.Forget(s.now(t), released)
				return s.handOver(t, 2) == nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := newSite(t), t.TempDir()
			h := s.keeping(t, dir)
			s.d.print(t, "secret\n")
			s.hears(t, h, "[console opened]secret\n")
			end(t, s, h)
			eventually(t, "the log is removed, and the session closed", func() bool {
				return len(files(t, dir)) == 0 && s.d.closed.Load() > 0
			})
		})
	}
}

// TestNextOwnersLog is kept like that of the owner before.
func TestNextOwnersLog(t *testing.T) {
	t.Parallel()
	s, dir := newSite(t), t.TempDir()
	h := s.keeping(t, dir)
	s.d.print(t, "secret of p1\n")
	s.hears(t, h, "[console opened]secret of p1\n")
	eventually(t, "the node is released", func() bool {
		h.Forget(s.now(t), released)
		return s.handOver(t, 2) == nil
	})
	opened := s.d.opened.Load()
	must(t, s.SetConsoleLog(t.Context(), s.n.ID, "log2"))
	eventually(t, "the console is opened", func() bool { return s.d.opened.Load() > opened })
	s.d.print(t, "new\n")
	s.hears(t, h, "[console opened]new\n")
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	return found
}

// TestOldLogsAreSwept removes at the start what a server left that was not there when the node changed hands.
func TestOldLogsAreSwept(t *testing.T) {
	t.Parallel()
	s, dir := newSite(t), t.TempDir()
	must(t, s.SetConsoleLog(t.Context(), s.n.ID, "log1"))
	old := console.NewLogID() + ".log"
	for _, name := range []string{"haas.log", "log1.log", old, old + ".1", "other.txt"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
	}
	must(t, s.BeatConsoleServer(t.Context(), "dead", "", -24*time.Hour.Milliseconds()))
	s.running(t, func(c *console.Config) { c.Dir = dir })
	eventually(t, "the old log is removed", func() bool {
		return strings.Join(files(t, dir), " ") == filepath.Join(dir, "haas.log")+" "+filepath.Join(dir, "log1.log")+" "+filepath.Join(dir, "other.txt")
	})
	// A server keeps the address that it came with; this one is not remembered.
	must(t, s.BeatConsoleServer(t.Context(), "dead", "http://new", 60_000))
	if found, _, err := s.LivingConsoleServer(t.Context(), "dead"); err != nil || found.Address != "http://new" {
		t.Errorf("a server that was dead for a day is remembered: %+v, %v", found, err)
	}
}

// TestLogIsBounded keeps the end, and goes further back than memory.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	s, dir := newSite(t), t.TempDir()
	h := s.running(t, func(c *console.Config) { c.Dir, c.LogSize = dir, 400<<10 })
	must(t, s.SetConsoleLog(t.Context(), s.n.ID, "log1"))
	eventually(t, "the console is open", func() bool { return s.d.opened.Load() > 0 })
	const lines = 1000
	for i := range lines {
		s.d.print(t, fmt.Sprintf("%4d%s\n", i, strings.Repeat(".", 995)))
	}
	want := func(text string, from int) {
		t.Helper()
		for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
			if !strings.HasPrefix(line, fmt.Sprintf("%4d", from+i)) {
				t.Fatalf("line %d is %q", from+i, line[:20])
			}
		}
		if n := strings.Count(text, "\n"); n != lines-from {
			t.Errorf("%d lines from %d on", n, from)
		}
	}
	eventually(t, "all is taken in", func() bool {
		text, _ := recall(t, s, h, 1)
		return strings.HasPrefix(text, " 999")
	})
	text, err := recall(t, s, h, 190)
	must(t, err)
	want(text, lines-190)
	v := s.view(t, h, console.Want{Tail: 200})
	seen := make([]byte, 200_000)
	_, err = io.ReadFull(v, seen)
	must(t, err)
	want(string(seen), lines-200)
	var size int64
	for _, path := range files(t, dir) {
		info, err := os.Stat(path)
		must(t, err)
		size += info.Size()
	}
	if size > 400<<10 {
		t.Errorf("the log has %d bytes", size)
	}
}

// TestLogThatCannotBeWritten leaves the console as it is without one.
func TestLogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s, dir := newSite(t), t.TempDir()
	blocked := filepath.Join(dir, "file")
	must(t, os.WriteFile(blocked, nil, 0o600))
	h := s.running(t, func(c *console.Config) { c.Dir = filepath.Join(blocked, "logs") })
	must(t, s.SetConsoleLog(t.Context(), s.n.ID, "log1"))
	eventually(t, "the console is open", func() bool { return s.d.opened.Load() > 0 })
	v := s.view(t, h, console.Want{Tail: 0})
	s.d.print(t, "boot")
	eventually(t, "it is seen", func() bool {
		text, _ := recall(t, s, h, console.All)
		return strings.HasSuffix(text, "boot")
	})
	_ = v.Close()
	n, c := s.console(t)
	if state, err := h.LogOf(t.Context(), n, c); err != nil || state.Open || !strings.Contains(state.Error, "cannot be written") {
		t.Errorf("the log is %+v, %v", state, err)
	}
	must(t, os.Remove(blocked))
	s.hears(t, h, "[console opened]boot")
	eventually(t, "it is written once it can be", func() bool { return len(files(t, filepath.Join(blocked, "logs"))) == 1 })
}
