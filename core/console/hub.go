// Package console shares the serial consoles of nodes and headnodes: one session per machine whatever the number of viewers
// and servers, one viewer who types, the last lines for those who come later, and a log for those who come tomorrow; and it
// holds the screens of headnodes. It knows no protocol: how a line is opened is handed in. It decides nothing about
// permissions; but what a node printed for one owner is never shown to another, and while a node's console is open the node
// does not change hands (store.NextConsoleTerm).
package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// Opener opens a node's serial line; take takes it from whoever holds it. Closing the line closes all that was opened for
// it.
type Opener func(ctx context.Context, n core.Node, take bool) (io.ReadWriteCloser, error)

// Config is what a hub stands on; all of it is required but where it says otherwise.
type Config struct {
	Store *store.Store
	Open  Opener
	// OpenHeadnode may be nil where there are no headnodes.
	OpenHeadnode HeadnodeOpener
	Log          hclog.Logger
	// Address is where other servers reach this one, as an URL; empty if they cannot.
	Address string
	// Dir is the folder of the logs, and LogSize how many bytes of each are kept at the most.
	Dir     string
	LogSize int64
	// Beat is how often the hub says that it is alive, and looks what has changed; Lease is how long it counts as alive
	// without. Absent, a second and ten.
	Beat, Lease time.Duration
}

const (
	defaultBeat  = time.Second
	defaultLease = 10 * time.Second
)

// Hub holds the open consoles of a server.
type Hub struct {
	Config
	// server is this hub's name among the servers, a new one with each start.
	server string
	// life ends when the hub is shut down and its consoles are closed, stopping is closed when that begins; sessions outlive
	// the request that opened them.
	life     context.Context //nolint:containedctx // the component's own lifetime, not a request's.
	end      context.CancelFunc
	stopping chan struct{}
	stop     sync.Once
	work     sync.WaitGroup
	look     chan struct{}
	lease    lease

	mu sync.Mutex
	// lines are the consoles, guarded by mu. Once made a line stays: it is what keeps two sessions of a machine apart.
	lines map[key]*line
}

// New makes a hub. Run keeps it alive.
func New(c Config) *Hub {
	c.Beat, c.Lease = cmp.Or(c.Beat, defaultBeat), cmp.Or(c.Lease, defaultLease)
	life, end := context.WithCancel(context.Background())
	return &Hub{
		Config: c, server: rand.Text(), life: life, end: end, look: make(chan struct{}, 1),
		stopping: make(chan struct{}), lease: lease{length: c.Lease},
		lines: map[key]*line{},
	}
}

// View joins a node's console, opening it for the first viewer. The viewer ends when ctx does, when it is closed, when the
// node's console is closed, or when the line breaks.
func (h *Hub) View(ctx context.Context, n core.Node, c core.Console, w Want) (*Viewer, error) {
	return h.view(ctx, nodeLine{n, h.Open}, c, w)
}

func (h *Hub) view(ctx context.Context, of subject, c core.Console, w Want) (*Viewer, error) {
	l, err := h.line(of, c)
	if err != nil {
		return nil, err
	}
	return l.join(ctx, c.Term, w)
}

// Recall is what is remembered of a node's console without opening it: its last lines, all there are if tail is All.
func (h *Hub) Recall(ctx context.Context, n core.Node, c core.Console, tail int) ([]byte, error) {
	return h.recall(ctx, nodeLine{n, h.Open}, c, tail)
}

func (h *Hub) recall(ctx context.Context, of subject, c core.Console, tail int) ([]byte, error) {
	if err := h.elsewhere(ctx, of, c); err != nil {
		return nil, err
	}
	l, err := h.line(of, c)
	if err != nil {
		return nil, err
	}
	return l.recall(c.Term, tail)
}

// StopLog ends and removes the log of a node's console here. As with Hang and Forget, what is of a later term than the
// console's is another owner's, and stays.
func (h *Hub) StopLog(c core.Console) {
	if l := h.known(key{id: c.NodeID}); l != nil {
		l.stopKeeping(c.Term)
	}
}

// Hang ends all viewers of a node's console here, for a reason, and closes its line. What it printed is remembered.
func (h *Hub) Hang(c core.Console, why End) {
	if l := h.known(key{id: c.NodeID}); l != nil {
		l.hang(c.Term, why)
	}
}

// Forget is Hang, and what the console printed is forgotten, the log included.
func (h *Hub) Forget(c core.Console, why End) {
	if l := h.known(key{id: c.NodeID}); l != nil {
		l.forget(c.Term, why)
	}
}

// Shutdown closes every console and waits until nothing of them runs. Logs are kept.
func (h *Hub) Shutdown() {
	h.mu.Lock()
	h.stop.Do(func() { close(h.stopping) })
	h.mu.Unlock()
	var closing sync.WaitGroup
	for _, l := range h.all() {
		closing.Go(l.shut)
	}
	closing.Wait()
	h.end()
	h.work.Wait()
}

// isStopping reports that the hub is shut down, or is about to be.
func (h *Hub) isStopping() bool {
	select {
	case <-h.stopping:
		return true
	default:
		return false
	}
}

// start runs fn where Shutdown waits for it; false once the hub is shut down.
func (h *Hub) start(fn func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isStopping() {
		return false
	}
	h.work.Go(fn)
	return true
}

func (h *Hub) known(of key) *line {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lines[of]
}

// all are the lines there are.
func (h *Hub) all() []*line {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := make([]*line, 0, len(h.lines))
	for _, l := range h.lines {
		lines = append(lines, l)
	}
	return lines
}

// line is the machine's line in the console's term. What it printed in an earlier one is forgotten.
func (h *Hub) line(of subject, c core.Console) (*line, error) {
	h.mu.Lock()
	if h.isStopping() {
		h.mu.Unlock()
		return nil, errShutDown
	}
	l := h.lines[of.key()]
	if l == nil {
		l = newLine(h, of)
		h.lines[of.key()] = l
	}
	h.mu.Unlock()
	return l, l.enterTerm(c)
}
