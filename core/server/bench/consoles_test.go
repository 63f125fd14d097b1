package bench_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bougou/go-ipmi/pkg/command/transport"
	"github.com/bougou/go-ipmi/pkg/types"
	"github.com/coder/websocket"

	ipmi "github.com/bougou/go-ipmi/pkg/client"

	"github.com/CCI-MOC/haas/core/server/servertest"
	"github.com/CCI-MOC/haas/plugins/obm-ipmi/bmctest"
)

const (
	// manyConsoles are open at once, each with so many viewers.
	manyConsoles, viewersEach = 1000, 5
	// askers is how many viewers come at a time.
	askers = 16
	// boot is how much each machine prints when it starts, and chatter how much a few print then, twice: more than a
	// console remembers.
	boot, chatter, chatty = 16 << 10, 128 << 10, 25
	// fastest is the poll of the bare library's console: it makes a key come back soonest.
	fastest = 5 * time.Millisecond
)

// manyWatched measures a thousand consoles with five viewers each: the memory of server and driver, that it does not grow
// with what is printed, and how soon a key is echoed meanwhile.
func manyWatched(b *testing.B, t *table) {
	h := newConsoleHall(b)
	h.watchAll(b)
	for some := range slices.Chunk(h.machines, chatty) { // a controller throws away what is not fetched in time
		h.print(b, some, boot)
	}
	server, driver := h.memory(b)
	t.add(
		row{what: fmt.Sprintf("memory of the server, %d consoles × %d viewers", manyConsoles, viewersEach), haas: figure{server, "MB"}},
		row{what: fmt.Sprintf("memory of the driver, %d consoles", manyConsoles), haas: figure{driver, "MB"}})
	h.print(b, h.machines[:chatty], chatter)
	serverBefore, driverBefore := h.memory(b)
	h.print(b, h.machines[:chatty], chatter)
	server, driver = h.memory(b)
	what := fmt.Sprintf("after %d MB more : before, on %d consoles that were full", chatty*chatter>>20, chatty)
	t.add(
		row{"memory of the server " + what, figure{server, "MB"}, figure{serverBefore, "MB"}, ratioAtMost(1.25)},
		row{"memory of the driver " + what, figure{driver, "MB"}, figure{driverBefore, "MB"}, ratioAtMost(1.25)})

	const times = 100
	ours, bare := h.typist(b), bareTypist(b)
	m := inTurns(b,
		func(b *testing.B) float64 { return typical(times, func() { ours.echo(b) }) },
		func(b *testing.B) float64 { return typical(times, func() { bare.echo(b) }) })
	t.add(row{
		"key press to echo, p50, WebSocket to controller and back, meanwhile : go-ipmi, polling each 5 ms",
		figure{m[0], "ms"}, figure{m[1], "ms"}, below(m[1]+10, "ms"),
	})
}

// consoleHall is a server, which is a process of its own, and the machines whose consoles it shows.
type consoleHall struct {
	url      string
	pid      int
	machines []*bmctest.Echo
	// seen is how many bytes all viewers together have received.
	seen atomic.Int64
	want int64
	// failed is what a viewer was told that did not see everything.
	failed atomic.Pointer[string]
}

func newConsoleHall(b *testing.B) *consoleHall {
	b.Helper()
	h := &consoleHall{}
	var all []*bmctest.Controller
	for range manyConsoles {
		m := &bmctest.Echo{}
		h.machines = append(h.machines, m)
		all = append(all, simulate(b, bmctest.Options{Machine: m}))
	}
	home := servertest.NewSite(b, newControllerSite(b, all...).uri, servertest.Sections{"general": {"log_level": "WARNING"}})
	h.url = home.StartProcess(b, "serve", "--listen", "127.0.0.1:0").URL
	h.pid = childNamed(b, os.Getpid(), "haas")
	return h
}

// childNamed is the one process that a process has started under a name.
func childNamed(b *testing.B, parent int, name string) int {
	b.Helper()
	for _, pid := range childrenOf(parent) {
		comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)) // it may have ended
		if strings.TrimSpace(string(comm)) == name {
			return pid
		}
	}
	b.Fatalf("process %d has no child %s", parent, name)
	return 0
}

// memory is the megabytes of the server and of the driver. Pages that they share with others count in part.
func (h *consoleHall) memory(b *testing.B) (server, driver float64) {
	b.Helper()
	pss := func(pid int) float64 { return float64(processField(pid, "smaps_rollup", "Pss")) / 1000 }
	return pss(h.pid), pss(childNamed(b, h.pid, "obm-ipmi"))
}

// watchAll gives each console its viewers, until the end of the benchmark.
func (h *consoleHall) watchAll(b *testing.B) {
	b.Helper()
	ctx, leave := context.WithCancel(context.WithoutCancel(b.Context()))
	var watching, coming sync.WaitGroup
	b.Cleanup(func() {
		leave()
		watching.Wait()
	})
	nodes := make(chan int)
	for range askers {
		coming.Go(func() {
			for node := range nodes {
				conn, err := h.join(ctx, node)
				if err != nil {
					b.Error(err)
					continue
				}
				watching.Go(func() { h.count(ctx, conn) })
			}
		})
	}
	for i := range manyConsoles * viewersEach {
		nodes <- i % manyConsoles
	}
	close(nodes)
	coming.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// join opens a WebSocket to the console of a node.
func (h *consoleHall) join(ctx context.Context, node int) (*websocket.Conn, error) {
	login := base64.StdEncoding.EncodeToString([]byte(admin + ":" + password))
	conn, res, err := websocket.Dial(ctx, h.url+"/v0/node/"+nodeLabel(node)+"/console/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + login}},
	})
	if res != nil && res.Body != nil {
		_ = res.Body.Close() // it is empty, or says what err says
	}
	return conn, err
}

// count counts what a viewer receives, until it leaves.
func (h *consoleHall) count(ctx context.Context, conn *websocket.Conn) {
	defer func() { _ = conn.CloseNow() }() // it was only read
	for {
		kind, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			h.seen.Add(int64(len(text)))
		} else if bytes.Contains(text, []byte(`"end"`)) || bytes.Contains(text, []byte(`"lost"`)) {
			h.failed.CompareAndSwap(nil, new(string(text)))
		}
	}
}

// print has machines print, and waits until all their viewers have seen it.
func (h *consoleHall) print(b *testing.B, machines []*bmctest.Echo, size int) {
	b.Helper()
	line := strings.Repeat("a line of what a machine prints\r\n", size/33)
	var printing sync.WaitGroup
	for _, m := range machines {
		printing.Go(func() {
			if err := m.Print(line); err != nil {
				b.Error(err)
			}
		})
	}
	printing.Wait()
	h.want += int64(len(machines) * viewersEach * len(line))
	must(b, within(5*patience, "all viewers have seen what was printed", func() (bool, error) {
		if told := h.failed.Load(); told != nil {
			return false, errors.New(*told)
		}
		return h.seen.Load() >= h.want, nil
	}))
}

// typist types keys on a console and waits for each to come back.
type typist struct {
	key  func() error
	back io.Reader
}

func (t typist) echo(b *testing.B) {
	b.Helper()
	must(b, t.key())
	got := make([]byte, 1)
	_, err := io.ReadFull(t.back, got)
	must(b, err)
	if got[0] != 'k' {
		b.Fatalf("%q came back", got)
	}
}

// typist is one more viewer of a console, who types.
func (h *consoleHall) typist(b *testing.B) typist {
	b.Helper()
	conn := get(h.join(b.Context(), manyConsoles-1))(b)
	b.Cleanup(func() { _ = conn.CloseNow() }) // nothing is lost
	back, screen := io.Pipe()
	b.Cleanup(func() { _ = back.Close() }) // it always succeeds
	go func() {                            // ends with the connection
		for {
			kind, text, err := conn.Read(context.WithoutCancel(b.Context()))
			if err != nil {
				return
			}
			if text = bytes.Trim(text, "\r\nalineofwhtmcpris "); kind == websocket.MessageBinary && len(text) > 0 {
				_, _ = screen.Write(text) // it is closed at the end
			}
		}
	}()
	return typist{func() error { return conn.Write(b.Context(), websocket.MessageBinary, []byte("k")) }, back}
}

// bareTypist is the bare library on a controller of its own.
func bareTypist(b *testing.B) typist {
	b.Helper()
	c := logIn(b, simulate(b, bmctest.Options{}))
	get(c.ActivatePayload(b.Context(), &transport.ActivatePayloadRequest{
		PayloadType: types.PayloadTypeSOL, PayloadInstance: 1, EnableEncryption: true, EnableAuthentication: true,
	}))(b)
	typed, keys := io.Pipe()
	back, screen := io.Pipe()
	ctx, leave := context.WithCancel(context.WithoutCancel(b.Context()))
	var streaming sync.WaitGroup
	streaming.Go(func() { _ = c.SOLStream(ctx, typed, screen, &ipmi.SOLStreamOptions{PollInterval: fastest}) }) // it is left
	b.Cleanup(func() {
		leave()
		_, _ = typed.Close(), back.Close() // they always succeed
		streaming.Wait()
	})
	return typist{func() error { _, err := keys.Write([]byte("k")); return err }, back}
}
