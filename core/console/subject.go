package console

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// subject is the machine that a line belongs to.
type subject interface {
	key() key
	// String is the machine for people: "node n1".
	String() string
	// lock keeps the machine from changing hands, and says how its line is opened as things are now.
	lock(ctx context.Context, q store.Queries) (opener, error)
	// claim gives the line to the server, unless another one has it. The caller has locked it, and the server has beaten.
	claim(ctx context.Context, q store.Queries, server string) (c core.Console, mine bool, err error)
	// free gives the server's claim back.
	free(ctx context.Context, s *store.Store, server string) error
	// hungUp is why the other end may have closed the line.
	hungUp() string
}

// key names a line: the ID of a node or of a headnode, neither of which is ever used again.
type key struct {
	headnode bool
	id       int64
}

// opener opens a line; take takes it from whoever holds it.
type opener func(ctx context.Context, take bool) (io.ReadWriteCloser, error)

// nodeLine is a node as the owner of a line.
type nodeLine struct {
	core.Node // as it was when the line was made: its ID and label
	open      Opener
}

func (n nodeLine) key() key       { return key{id: n.ID} }
func (n nodeLine) String() string { return "node " + n.Label }
func (nodeLine) hungUp() string   { return "the node's controller closed the console" }

func (n nodeLine) lock(ctx context.Context, q store.Queries) (opener, error) {
	now, err := q.LockNode(ctx, n.Label)
	if err != nil {
		return nil, err
	}
	if now.ID != n.ID {
		return nil, errChangedHands
	}
	if !now.OBMEnabled {
		return nil, core.Errorf(core.Blocked, "out-of-band management of node %s is disabled; enable it first", n.Label)
	}
	return func(ctx context.Context, take bool) (io.ReadWriteCloser, error) { return n.open(ctx, now, take) }, nil
}

func (n nodeLine) claim(ctx context.Context, q store.Queries, server string) (core.Console, bool, error) {
	return q.ClaimConsole(ctx, n.ID, server)
}

func (n nodeLine) free(ctx context.Context, s *store.Store, server string) error {
	return s.FreeConsole(ctx, n.ID, server)
}

// headnodeLine is a headnode as the owner of a line. It has one owner all its life: the line has one term, and no log.
type headnodeLine struct {
	core.Headnode // its ID, label and machine
	open          HeadnodeOpener
}

func (h headnodeLine) key() key       { return key{headnode: true, id: h.ID} }
func (h headnodeLine) String() string { return "headnode " + h.Label }
func (headnodeLine) hungUp() string {
	return "the headnode was switched off, or its host closed the console"
}

func (h headnodeLine) lock(ctx context.Context, q store.Queries) (opener, error) {
	now, err := q.LockHeadnode(ctx, h.Label)
	if err != nil {
		return nil, err
	}
	if now.ID != h.ID {
		return nil, errChangedHands
	}
	return func(ctx context.Context, take bool) (io.ReadWriteCloser, error) { return h.open(ctx, now, take) }, nil
}

func (h headnodeLine) claim(ctx context.Context, q store.Queries, server string) (core.Console, bool, error) {
	holder, err := q.ClaimHeadnodeConsole(ctx, h.ID, server)
	return core.Console{Server: holder}, holder == server, err
}

func (h headnodeLine) free(ctx context.Context, s *store.Store, server string) error {
	return s.FreeHeadnodeConsole(ctx, h.ID, server)
}
