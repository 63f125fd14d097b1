package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// A notice is tried again after noticeDelay, doubled each time up to noticeMaxDelay: the service may be down for days.
const (
	noticeDelay    = 5 * time.Second
	noticeMaxDelay = 10 * time.Minute
	// noticeTimeout bounds one POST.
	noticeTimeout = 30 * time.Second
	// noticeBatch is how many notices are taken at a time.
	noticeBatch = 50
)

// Notices tells the maintenance service of released nodes: each notice is in a table before the node is released, and
// leaves it only when the service has answered.
type Notices struct {
	store  *store.Store
	client *http.Client
	log    hclog.Logger
	wake   chan struct{}
}

// NewNotices makes the poster of notices. It does nothing until Run.
func NewNotices(s *store.Store, log hclog.Logger) *Notices {
	return &Notices{store: s, client: &http.Client{Timeout: noticeTimeout}, log: log, wake: make(chan struct{}, 1)}
}

// Wake says that there is a notice. It never blocks.
func (n *Notices) Wake() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Run posts notices until ctx ends.
func (n *Notices) Run(ctx context.Context) error {
	tick := time.NewTicker(noticeDelay)
	defer tick.Stop()
	for {
		if err := n.postDue(ctx); err != nil && ctx.Err() == nil {
			n.log.Warn("post maintenance notices", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.wake:
		case <-tick.C:
		}
	}
}

func (n *Notices) postDue(ctx context.Context) error {
	due, err := n.store.DueNotices(ctx, noticeBatch)
	if err != nil {
		return err
	}
	for _, d := range due {
		if err := n.post(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// post delivers one notice, unless another server is about to.
func (n *Notices) post(ctx context.Context, d core.MaintenanceNotice) error {
	delay := min(noticeDelay<<min(d.Attempts, 16), noticeMaxDelay)
	mine, err := n.store.ClaimNotice(ctx, d, n.store.Now()+(noticeTimeout+delay).Milliseconds())
	if err != nil || !mine {
		return err
	}
	if err := n.deliver(ctx, d); err != nil {
		n.log.Warn("maintenance notice put off", "node", d.Node, "err", err)
		return n.store.FailNotice(ctx, d.ID, n.store.Now()+delay.Milliseconds(), err.Error())
	}
	return n.store.DeleteNotice(ctx, d.ID)
}

func (n *Notices) deliver(ctx context.Context, d core.MaintenanceNotice) error {
	body, err := json.Marshal(map[string]string{"node": d.Node})
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := n.client.Do(req)
	if err != nil {
		return err
	}
	_ = res.Body.Close() // its answer is in the status
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the maintenance service answered %s", res.Status)
	}
	return nil
}
