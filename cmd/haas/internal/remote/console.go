package remote

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/openapi/client"
)

// ConsoleOptions say which part of a console's output is wanted, and how.
type ConsoleOptions struct {
	// Headnode says that the console is that of a headnode.
	Headnode bool
	// Tail is how many of the last lines the output begins with; nil is all that is remembered.
	Tail *int64
	// Take takes the line from whoever holds it outside of HaaS.
	Take bool
	// Remembered ends the output where the server's memory does. Attach knows no such end.
	Remembered bool
	// Resume is the position of an earlier attachment, from which the output goes on. Only Attach can.
	Resume string
	// PingEvery is how often Attach makes sure that the server is still there; 0 is a sensible time.
	PingEvery time.Duration
}

// given is a parameter of a call, left out where it says what is so anyway.
func given[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// Console is the output of the console of a node or headnode. Unless only what is remembered is wanted, it has no end but ctx's and the
// server's.
func (s *Server) Console(ctx context.Context, machine string, o ConsoleOptions) (io.ReadCloser, error) {
	endless := *s.Client
	endless.Client = s.doer(0)
	resp, err := o.show(ctx, &endless, machine)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_, err := Body(resp, nil)
		return nil, err
	}
	return resp.Body, nil
}

func (o ConsoleOptions) show(ctx context.Context, c *client.Client, machine string) (*http.Response, error) {
	params := client.NodeConsoleShowParams{Tail: o.Tail, Take: given(o.Take)}
	if o.Remembered {
		params.Follow = new(false)
	}
	if o.Headnode {
		return c.HeadnodeConsoleShow(ctx, machine, new(client.HeadnodeConsoleShowParams(params)))
	}
	return c.NodeConsoleShow(ctx, machine, &params)
}

func (o ConsoleOptions) join(server, machine string) (*http.Request, error) {
	params := client.NodeConsoleJoinParams{Tail: o.Tail, Take: given(o.Take), Resume: given(o.Resume)}
	if o.Headnode {
		return client.NewHeadnodeConsoleJoinRequest(server, machine, new(client.HeadnodeConsoleJoinParams(params)))
	}
	return client.NewNodeConsoleJoinRequest(server, machine, &params)
}

// joining is the request for a console's WebSocket, credentials included.
func (s *Server) joining(ctx context.Context, machine string, o ConsoleOptions) (*http.Request, error) {
	r, err := o.join(s.Server, machine)
	if err != nil {
		return nil, err
	}
	for _, edit := range s.RequestEditors {
		if err := edit(ctx, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}
