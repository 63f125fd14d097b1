package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/CCI-MOC/haas/openapi/client"
)

// ConsoleOptions say which part of a console's output is wanted, and how.
type ConsoleOptions struct {
	// Tail is how many of the last lines the output begins with; nil is all that is remembered.
	Tail *int
	// Take takes the line from whoever holds it outside the server.
	Take bool
	// Remembered ends the output where the server's memory does. Attach knows no such end.
	Remembered bool
	// Resume is the position of an earlier attachment, from which the output goes on. Only Attach can.
	Resume string
	// PingEvery is how often Attach makes sure that the server is still there; 0 is a sensible time.
	PingEvery time.Duration
}

func (o ConsoleOptions) query() string {
	q := url.Values{}
	if o.Tail != nil {
		q.Set("tail", strconv.Itoa(*o.Tail))
	}
	if o.Take {
		q.Set("take", "true")
	}
	if o.Remembered {
		q.Set("follow", "false")
	}
	if o.Resume != "" {
		q.Set("resume", o.Resume)
	}
	return q.Encode()
}

// Console is the output of a node's console. Unless only what is remembered is wanted, it has no end but ctx's and the
// server's.
func (s *Server) Console(ctx context.Context, node string, o ConsoleOptions) (io.ReadCloser, error) {
	endless := *s.Client
	endless.Client = s.doer(0)
	resp, err := endless.NodeConsoleShow(ctx, node, func(_ context.Context, r *http.Request) error {
		r.URL.RawQuery = o.query()
		return nil
	})
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_, err := Body(resp, nil)
		return nil, err
	}
	return resp.Body, nil
}

// ConsoleLog is the state of what is kept of a console's output while nobody watches.
type ConsoleLog struct {
	Enabled bool   `json:"enabled"`
	Bytes   int64  `json:"bytes"`
	State   string `json:"state"`
	Error   string `json:"error"`
}

// ConsoleLog asks for the state of a console's log.
func (s *Server) ConsoleLog(ctx context.Context, node string) (*http.Response, error) {
	return s.consoleLog(ctx, http.MethodGet, node, http.NoBody)
}

// SetConsoleLog switches the keeping of a console's log on or off.
func (s *Server) SetConsoleLog(ctx context.Context, node string, enabled bool) (*http.Response, error) {
	body, err := json.Marshal(map[string]bool{"enabled": enabled})
	if err != nil {
		return nil, err
	}
	return s.consoleLog(ctx, http.MethodPut, node, bytes.NewReader(body))
}

func (s *Server) consoleLog(ctx context.Context, method, node string, body io.Reader) (*http.Response, error) {
	below, err := s.belowConsole(ctx, node, "log")
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, below.URL.String(), body)
	if err != nil {
		return nil, err
	}
	r.Header = below.Header
	r.Header.Set("Content-Type", "application/json")
	return s.Client.Client.Do(r)
}

// belowConsole is a request, credentials included, for a path below that of a node's console.
func (s *Server) belowConsole(ctx context.Context, node, path string) (*http.Request, error) {
	r, err := client.NewNodeConsoleShowRequest(s.Server, node)
	if err != nil {
		return nil, err
	}
	r.URL = r.URL.JoinPath(path)
	for _, edit := range s.RequestEditors {
		if err := edit(ctx, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}
