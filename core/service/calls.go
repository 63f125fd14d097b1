package service

import (
	"context"
	"sync"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// errAtWork says that a node cannot change hands now.
var errAtWork error = core.Errorf(core.Blocked, "a call to the node's controller is under way; try again, or disable the node's out-of-band management first")

// calls are the calls to nodes' controllers that are under way on this server, and the nodes that are about to change hands.
// A node does not while there is a call, and there is none while it does: what an owner orders is not done to another's node.
type calls struct {
	mu sync.Mutex
	// nodes has those with something under way, by label, guarded by mu.
	nodes map[string]*underway
}

// underway is what is under way for a node.
type underway struct{ calls, leavings int }

func newCalls() *calls { return &calls{nodes: map[string]*underway{}} }

// change changes what is under way for a node. The caller holds mu.
func (c *calls) change(node string, calls, leavings int) {
	u := c.nodes[node]
	if u == nil {
		u = &underway{}
		c.nodes[node] = u
	}
	u.calls += calls
	u.leavings += leavings
	if *u == (underway{}) {
		delete(c.nodes, node)
	}
}

// begin begins a call, unless the node is about to change hands. Whether the caller may make the call is to be looked at
// after that.
func (c *calls) begin(node string) (end func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if u := c.nodes[node]; u != nil && u.leavings > 0 {
		return nil, core.Errorf(core.Blocked, "node %s is about to change hands; try again", node)
	}
	c.change(node, 1, 0)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.change(node, -1, 0)
	}, nil
}

// leave is for a node that is to change hands. It is to be ended.
func (c *calls) leave(node string) *leaving { return &leaving{calls: c, node: node} }

// leaving is a node's change of hands, as often as it has to be tried.
type leaving struct {
	calls *calls
	node  string
	begun bool
	// console is the node's, in the term that was to end when it was tried last.
	console core.Console
}

// leave ends the owner's term, inside the transaction that changes the owner. An error of errAtWork or store.ErrConsoleOpen
// says that it can be tried again: no call begins meanwhile.
func (l *leaving) leave(ctx context.Context, q store.Queries, n core.Node) (err error) {
	if l.console, err = q.Console(ctx, n.ID); err != nil {
		return err
	}
	if !l.begin() {
		return errAtWork
	}
	return q.NextConsoleTerm(ctx, n.ID)
}

// begin keeps calls from being begun, and says whether none is under way.
func (l *leaving) begin() bool {
	c := l.calls
	c.mu.Lock()
	defer c.mu.Unlock()
	if !l.begun {
		l.begun = true
		c.change(l.node, 0, 1)
	}
	return c.nodes[l.node].calls == 0
}

// end lets calls be begun again.
func (l *leaving) end() {
	if !l.begun {
		return
	}
	l.calls.mu.Lock()
	defer l.calls.mu.Unlock()
	l.calls.change(l.node, 0, -1)
}
