package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/pflag"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/openapi/client"
)

const (
	// waitTimeout is how long --wait waits unless told otherwise: a switch with every repetition failing takes longer,
	// and a person wants to know by then.
	waitTimeout = 5 * time.Minute
	// firstLook and slowestLook bound the time between two questions: most actions are done within a second.
	firstLook, slowestLook = 100 * time.Millisecond, 2 * time.Second
)

func waitFlags(f *pflag.FlagSet) {
	f.Bool("wait", false, "wait until the switch is configured; fail if that fails")
	timeoutFlag(f)
}

func timeoutFlag(f *pflag.FlagSet) {
	f.Duration("timeout", waitTimeout, "how long to wait")
}

func (c *call) timeout() time.Duration {
	d, _ := c.flags.GetDuration("timeout")
	return d
}

// begun ends a command whose work goes on in the background, or waits for its end if that is asked for.
func (c *call) begun(ctx context.Context, resp *http.Response, err error) error {
	body, err := remote.Read[json.RawMessage](resp, err)
	if err != nil {
		return err
	}
	var begun client.StatusID
	if err := json.Unmarshal(body, &begun); err != nil {
		return err
	}
	if c.is("wait") {
		return c.await(ctx, begun.StatusID)
	}
	if c.asJSON() {
		return c.write(body)
	}
	_, err = fmt.Fprintf(c.env.Out, "begun; to see how it goes: haas action show %s\n", begun.StatusID)
	return err
}

// await waits for an action's end and shows it. An action that ends in ERROR is a failure, in the device's words.
func (c *call) await(ctx context.Context, id string) error {
	body, err := c.follow(ctx, id)
	if err != nil {
		return err
	}
	if c.asJSON() {
		return c.write(body)
	}
	return nil
}

// follow asks for the action until it has ended, and shows progress on standard error.
func (c *call) follow(ctx context.Context, id string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout())
	defer cancel()
	p := c.progress(id)
	defer p.end()
	for pause := firstLook; ; pause = min(2*pause, slowestLook) {
		body, action, err := c.look(ctx, id)
		switch {
		case err != nil && !passing(err) && ctx.Err() == nil:
			return nil, err
		case err == nil && action.Status != client.PENDING:
			p.show(action)
			return body, failure(action)
		}
		p.show(action)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, stillPending(ctx, id)
		}
	}
}

func (c *call) look(ctx context.Context, id string) ([]byte, client.Action, error) {
	var action client.Action
	body, err := remote.Read[json.RawMessage](c.NetworkingActionShow(ctx, id))
	if err != nil {
		return nil, action, err
	}
	return body, action, json.Unmarshal(body, &action)
}

// passing reports whether an error may be over soon: a server that restarts has forgotten nothing.
func passing(err error) bool {
	if e, ok := errors.AsType[*remote.StatusError](err); ok {
		return e.Status == http.StatusServiceUnavailable
	}
	_, ok := errors.AsType[*remote.UnreachableError](err)
	return ok
}

// failure is the device's refusal.
func failure(a client.Action) error {
	if a.Status != client.ERROR {
		return nil
	}
	return fmt.Errorf("the switch of node %s, NIC %s was not configured: %s\nnothing has changed; mend the cause and try again",
		a.Node, a.NIC, or(a.Error))
}

func stillPending(ctx context.Context, id string) error {
	text := "interrupted"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		text = "has not ended within the timeout"
	}
	return fmt.Errorf("%s; it goes on in the background\nto see how it goes: haas action show %s", text, id)
}

// progress is the line that tells a waiting person what happens.
type progress struct {
	env   Env
	id    string
	live  bool
	began time.Time
	last  client.ActionStatus
}

func (c *call) progress(id string) *progress {
	return &progress{env: c.env, id: id, live: isTerminal(c.env.Err), began: time.Now()}
}

// show rewrites the line on a terminal, and elsewhere prints one for each change.
func (p *progress) show(a client.Action) {
	status := a.Status
	if status == "" {
		status = "no answer"
	}
	line := fmt.Sprintf("%s: %s (%s)", p.what(a), status, time.Since(p.began).Round(time.Second))
	switch {
	case p.live:
		fmt.Fprintf(p.env.Err, "\r\x1b[K%s", line)
	case status != p.last:
		fmt.Fprintln(p.env.Err, line)
	}
	p.last = status
}

func (p *progress) what(a client.Action) string {
	if a.Node == "" {
		return "action " + p.id
	}
	return fmt.Sprintf("node %s, NIC %s, network %s", a.Node, a.NIC, or(a.NewNetwork))
}

func (p *progress) end() {
	if p.live {
		fmt.Fprintln(p.env.Err)
	}
}
