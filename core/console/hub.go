// Package console shares serial consoles: one session per node whatever the number of viewers, and the last lines kept
// for those who come later. It knows no protocol: how a line is opened is handed in.
package console

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// recheck is how often a viewer's permission is looked at again: another server may have released the node.
const recheck = 2 * time.Second

// Opener opens a node's serial line. Closing the line closes all that was opened for it.
type Opener func(ctx context.Context) (io.ReadWriteCloser, error)

// Hub holds the open consoles of a server.
type Hub struct {
	log hclog.Logger
	// life ends when the hub is closed; sessions outlive the request that opened them.
	life context.Context //nolint:containedctx // the component's own lifetime, not a request's.
	end  context.CancelFunc
	work sync.WaitGroup

	mu sync.Mutex
	// lines are the consoles by node, guarded by mu. A line stays, for its last output, until the node is closed.
	lines map[string]*line
}

// New makes a hub.
func New(log hclog.Logger) *Hub {
	life, end := context.WithCancel(context.Background())
	return &Hub{log: log, life: life, end: end, lines: map[string]*line{}}
}

// View joins a node's console, opening it for the first viewer. The viewer ends when ctx does, when it is closed, when
// the node's console is closed, when the line breaks, or when allowed no longer gives nil. What was printed for another
// owner is forgotten: another server may have released the node.
func (h *Hub) View(ctx context.Context, node, owner string, allowed func(context.Context) error, open Opener) (*Viewer, error) {
	l, err := h.line(node, owner)
	if err != nil {
		return nil, err
	}
	v, err := l.join(ctx, h, open)
	if err != nil {
		return nil, err
	}
	// Only now the viewer is one that Close would end; was the node given away before that?
	if err := allowed(ctx); err != nil {
		v.end()
		return nil, err
	}
	if !h.start(func() { v.watch(h.life.Done(), allowed) }) {
		v.end()
		return nil, errClosed
	}
	return v, nil
}

// Close ends all viewers of a node's console, closes its line and forgets what it printed.
func (h *Hub) Close(node string) {
	h.mu.Lock()
	l := h.lines[node]
	delete(h.lines, node)
	h.mu.Unlock()
	if l != nil {
		l.close()
	}
}

// Shutdown closes every console and waits until nothing of them runs.
func (h *Hub) Shutdown() {
	h.mu.Lock()
	h.end()
	lines := h.lines
	h.lines = map[string]*line{}
	h.mu.Unlock()
	for _, l := range lines {
		l.close()
	}
	h.work.Wait()
}

// start runs fn where Shutdown waits for it; false once the hub is shut down.
func (h *Hub) start(fn func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.life.Err() != nil {
		return false
	}
	h.work.Go(fn)
	return true
}

// line is the node's line for the owner; one for another owner is closed.
func (h *Hub) line(node, owner string) (*line, error) {
	h.mu.Lock()
	if h.life.Err() != nil {
		h.mu.Unlock()
		return nil, errClosed
	}
	l, other := h.lines[node], (*line)(nil)
	if l != nil && l.owner != owner {
		l, other = nil, l
	}
	if l == nil {
		l = newLine(h.log.With("node", node), owner)
		h.lines[node] = l
	}
	h.mu.Unlock()
	if other != nil {
		other.close()
	}
	return l, nil
}
