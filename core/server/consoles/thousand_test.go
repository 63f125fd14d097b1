package consoles_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

// TestThousandViewers come and go, in an orderly way or not. Nothing of them is left: no goroutine or open file of the
// server or the driver, no session of the controller. It runs alone, for it counts what the whole process has.
func TestThousandViewers(t *testing.T) {
	s := newSite(t, &bmctest.Echo{})
	const viewers, atOnce = 1000, 20
	s.come(t, 2*atOnce, atOnce)
	s.quiet(t, remains{}, "warm")
	before := remaining(t)
	s.come(t, viewers, atOnce)
	s.quiet(t, before, "after a thousand viewers")
}

// remains is what could be left of a viewer.
type remains struct{ goroutines, files, driverFiles int }

// slack is for what comes and goes by itself: connections kept for the next request, timers.
const slack = 12

func remaining(t *testing.T) remains {
	t.Helper()
	return remains{goroutines(), openFiles("self"), openFiles(child(t, "obm-ipmi"))}
}

// quiet waits until no session is open, and no more is left than before, if that is known.
func (s *site) quiet(t *testing.T, before remains, when string) {
	t.Helper()
	servertest.Eventually(t, when+" nothing is left", func() (bool, any) {
		s.CloseIdle()
		now, open := remaining(t), s.controller.Consoles()
		more := before != remains{} && (now.goroutines > before.goroutines+slack || now.files > before.files+slack || now.driverFiles > before.driverFiles+slack)
		return open == 0 && !more, fmt.Sprintf("%d sessions; before %+v, now %+v", open, before, now)
	})
}

// goroutines are those of the process, but for the ones that the simulated controller keeps for a minute and a half after a
// session: it is no part of the server.
func goroutines() int {
	dump := make([]byte, 4<<20)
	stacks := string(dump[:runtime.Stack(dump, true)])
	return strings.Count(stacks, "\n\ngoroutine ") + 1 - strings.Count(stacks, "(*Server).runSOLWorker(")
}

// come makes viewers join, type and leave, some at once: every other one reads the stream and is cut off, the others hang
// up their WebSocket without a word.
func (s *site) come(t *testing.T, viewers, atOnce int) {
	t.Helper()
	var coming sync.WaitGroup
	for i := range atOnce {
		coming.Go(func() {
			for n := i; n < viewers; n += atOnce {
				if err := s.drop(t.Context(), n%2 == 0); err != nil {
					t.Errorf("viewer %d: %v", n, err)
					return
				}
			}
		})
	}
	coming.Wait()
}

// drop begins to watch, and is gone.
func (s *site) drop(ctx context.Context, stream bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !stream {
		conn, err := dialConsole(ctx, s.URL, "ann", "")
		if err != nil {
			return err
		}
		if _, _, err := conn.Read(ctx); err != nil {
			return err
		}
		return conn.CloseNow()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/v0/node/n1/console", http.NoBody)
	if err != nil {
		return err
	}
	r.SetBasicAuth("ann", "ann-secret")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	cancel()
	_ = res.Body.Close() // it is cut off
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}

// openFiles counts those of a process.
func openFiles(pid string) int {
	found, err := os.ReadDir(filepath.Join("/proc", pid, "fd"))
	if err != nil {
		return 0 // it has ended
	}
	return len(found)
}

// child is the process of this one that runs a driver.
func child(t *testing.T, name string) (pid string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	for _, path := range stats {
		text, _ := os.ReadFile(path) // it may have ended meanwhile
		if strings.Contains(string(text), fmt.Sprintf("(%s) S %d ", name, os.Getpid())) {
			return filepath.Base(filepath.Dir(path))
		}
	}
	return ""
}
