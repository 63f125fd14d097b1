package console

import (
	"context"
	"io"

	"github.com/CCI-MOC/haas/core"
)

// HeadnodeOpener opens a headnode's serial line, as an Opener opens a node's.
type HeadnodeOpener func(ctx context.Context, h core.Headnode, take bool) (io.ReadWriteCloser, error)

// ViewHeadnode is View for a headnode's console, which the database says the server has open.
func (h *Hub) ViewHeadnode(ctx context.Context, n core.Headnode, server string, w Want) (*Viewer, error) {
	return h.view(ctx, headnodeLine{n, h.OpenHeadnode}, core.Console{Server: server}, w)
}

// RecallHeadnode is Recall for a headnode's console, which the database says the server has open.
func (h *Hub) RecallHeadnode(ctx context.Context, n core.Headnode, server string, tail int) ([]byte, error) {
	return h.recall(ctx, headnodeLine{n, h.OpenHeadnode}, core.Console{Server: server}, tail)
}

// ForgetHeadnode ends all viewers of a headnode's console here, for a reason, and forgets what it printed.
func (h *Hub) ForgetHeadnode(id int64, why End) {
	if l := h.known(key{headnode: true, id: id}); l != nil {
		l.forget(0, why) // it has one term
	}
}
