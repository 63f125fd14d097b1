package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/CCI-MOC/haas/core/console"
)

// viewerTimeout is how long a viewer may take no output before it is given up: a console never ends by itself, and a
// viewer that does not read would hold its connection for ever.
const viewerTimeout = time.Minute

// ConsoleQuery says how a viewer of a console begins.
type ConsoleQuery struct {
	Tail Tail `query:"tail" doc:"Begin with so many of the last lines; without it, with all that is in memory." example:"50"`
	Take bool `query:"take" doc:"Take the line from whoever holds it outside of HaaS. Otherwise the answer is 503 while somebody does." example:"false"`
}

func (q ConsoleQuery) want() console.Want { return console.Want{Tail: q.Tail.lines(), Take: q.Take} }

// ConsoleFollow says whether a viewer waits for what comes.
type ConsoleFollow struct {
	Follow bool `query:"follow" default:"true" doc:"Whether to go on with everything new. Without, the answer is what is remembered, and nothing is opened."`
}

// ConsoleResume says where a viewer goes on.
type ConsoleResume struct {
	Resume string `query:"resume" doc:"Go on where an earlier connection ended: SESSION.AT, from its welcome and what came since." example:"K3J7Q2.5120"`
}

// Tail is a number of lines, or nothing.
type Tail struct {
	Lines int
	given bool
}

var (
	_ huma.ParamWrapper   = (*Tail)(nil)
	_ huma.ParamReactor   = (*Tail)(nil)
	_ huma.SchemaProvider = Tail{}
)

// Schema is that of the number.
func (Tail) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: new(0.0), Maximum: new(1e6)}
}

// Receiver is where Huma puts the number.
func (t *Tail) Receiver() reflect.Value { return reflect.ValueOf(t).Elem().Field(0) }

// OnParamSet notes whether there was one.
func (t *Tail) OnParamSet(isSet bool, _ any) { t.given = isSet }

func (t Tail) lines() int {
	if !t.given {
		return console.All
	}
	return t.Lines
}

// ConsoleLog is the answer of node-console-log.
type ConsoleLog struct {
	Enabled bool   `json:"enabled" doc:"Whether the console's output is kept while nobody watches."`
	Bytes   int64  `json:"bytes" doc:"How much of it there is." example:"51200"`
	State   string `json:"state" enum:"open,closed,waiting" doc:"open: it grows. waiting: the console cannot be opened now. closed: it is not kept." example:"open"`
	Error   string `json:"error" doc:"Why the console is not open, or empty."`
}

// ConsoleLogging is the body of node-set-console-log.
type ConsoleLogging struct {
	Enabled bool `json:"enabled" doc:"Whether to keep the console's output while nobody watches. When false, what was kept is removed." example:"true"`
}

func (s *server) console() {
	g := s.group("console", "Serial consoles of nodes.")
	s.watch(g)

	command(g, operation{
		id: "node-console-start", method: http.MethodPut, path: "/v0/node/{node}/console", summary: "Prepare to watch a node's console",
		description: "For older clients. A console needs no preparation.", errors: []int{404, 409},
	}, func(ctx context.Context, in *NodePath) error { return s.Service.NodeConsoleStart(ctx, in.Node) })

	command(g, operation{
		id: "node-console-stop", method: http.MethodDelete, path: "/v0/node/{node}/console", summary: "Close a node's console",
		description: "For all who watch it. What it printed is forgotten.", errors: []int{404},
	}, func(ctx context.Context, in *NodePath) error { return s.Service.NodeConsoleStop(ctx, in.Node) })

	query(g, operation{
		id: "node-console-log", method: http.MethodGet, path: "/v0/node/{node}/console/log", summary: "Tell whether a node's console is logged",
		description: "What is logged is read with node-console-show, as the last lines.", errors: []int{404, 409},
	}, func(ctx context.Context, in *NodePath) (ConsoleLog, error) {
		log, err := s.Service.NodeConsoleLog(ctx, in.Node)
		shown := ConsoleLog{Enabled: log.Enabled, Bytes: log.Bytes, State: "closed", Error: log.Error}
		switch {
		case log.Open:
			shown.State = "open"
		case log.Enabled:
			shown.State = "waiting"
		}
		return shown, err
	})

	command(g, operation{
		id: "node-set-console-log", method: http.MethodPut, path: "/v0/node/{node}/console/log", summary: "Begin or end the log of a node's console",
		description: "While it is on, the console stays open though nobody watches, and the last megabytes are kept. The log is for the project " +
			"that has the node, and is removed when the node is released.",
		errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		NodePath
		Body ConsoleLogging
	}) error {
		return s.Service.NodeSetConsoleLog(ctx, in.Node, in.Body.Enabled)
	})
}

// watch declares the two ways to watch a console.
func (s *server) watch(g group) {
	register(g, operation{
		id: "node-console-show", method: http.MethodGet, path: "/v0/node/{node}/console", summary: "Watch a node's console",
		description: "The last lines, then everything new, until the caller leaves. Several may watch at once.",
		errors:      deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		NodePath
		ConsoleQuery
		ConsoleFollow
	}) (*huma.StreamResponse, error) {
		if !in.Follow {
			text, err := s.Service.NodeConsoleShowRemembered(ctx, in.Node, in.Tail.lines())
			return s.here(ctx, err, func(ctx huma.Context) { streamText(ctx, text) })
		}
		viewer, err := s.Service.NodeConsoleShow(ctx, in.Node, in.want())
		return s.here(ctx, err, func(ctx huma.Context) { stream(ctx, viewer) })
	})
	s.documentStream("/v0/node/{node}/console")

	register(g, operation{
		id: "node-console-join", method: http.MethodGet, path: "/v0/node/{node}/console/ws", summary: "Watch a node's console and type on it",
		description: socketDescription, errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		NodePath
		ConsoleQuery
		ConsoleResume
		Socket
	}) (*huma.StreamResponse, error) {
		if err := in.check("watch /v0/node/{node}/console"); err != nil {
			return nil, err
		}
		want := in.want()
		want.Resume = in.Resume
		viewer, err := s.Service.NodeConsoleShow(ctx, in.Node, want)
		return s.here(ctx, err, func(ctx huma.Context) { converse(ctx, viewer) })
	})
	s.documentSocket("/v0/node/{node}/console/ws")
}

// here answers with a body, unless err says that another server has the console open and where that can be reached: then
// the request is passed on.
func (s *server) here(ctx context.Context, err error, body func(huma.Context)) (*huma.StreamResponse, error) {
	if err == nil {
		return &huma.StreamResponse{Body: body}, nil
	}
	e, ok := errors.AsType[*console.ElsewhereError](err)
	if !ok || e.Address == "" || requestOf(ctx).forwarded {
		return nil, err
	}
	pass, err := s.forward(e.Address)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: pass}, nil
}

// documentStream tells the document what Huma cannot know: that the answer of an operation is a stream of bytes.
func (s *server) documentStream(path string) {
	ok := s.api.OpenAPI().Paths[path].Get.Responses["200"]
	ok.Description = "The console's output, without end."
	ok.Content = map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}
}

// stream copies a viewer's output to the caller, each piece as soon as it is there.
func stream(ctx huma.Context, viewer io.ReadCloser) {
	// The viewer was only read, so its end is the end.
	defer func() { _ = viewer.Close() }()
	r, w := humago.Unwrap(ctx)
	beginStream(w)
	conn := http.NewResponseController(w)
	if r.Method == http.MethodHead || conn.Flush() != nil {
		return
	}
	for buffer := make([]byte, 4096); ; {
		n, err := viewer.Read(buffer)
		if n > 0 && !send(w, conn, buffer[:n]) || err != nil {
			return
		}
	}
}

// streamText answers with a text that has an end.
func streamText(ctx huma.Context, text []byte) {
	_, w := humago.Unwrap(ctx)
	beginStream(w)
	_, _ = w.Write(text) // a failure to write means that the caller is gone
}

func beginStream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

func send(w io.Writer, conn *http.ResponseController, output []byte) bool {
	// A ResponseWriter without deadlines is one in a test.
	_ = conn.SetWriteDeadline(time.Now().Add(viewerTimeout))
	_, err := w.Write(output)
	return err == nil && conn.Flush() == nil
}
