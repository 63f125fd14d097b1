package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// viewerTimeout is how long a viewer may take no output before it is given up: a console never ends by itself, and a
// viewer that does not read would hold its connection for ever.
const viewerTimeout = time.Minute

func (s *server) console() {
	g := s.group("console", "Serial consoles of nodes.")

	register(g, operation{
		id: "node-console-show", method: http.MethodGet, path: "/v0/node/{node}/console", summary: "Watch a node's console",
		description: "The last lines, then everything new, until the caller leaves. Several may watch at once.",
		errors:      deviceFailures(404, 409),
	}, func(ctx context.Context, in *NodePath) (*huma.StreamResponse, error) {
		viewer, err := s.Service.NodeConsoleShow(ctx, in.Node)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) { stream(ctx, viewer) }}, nil
	})
	s.documentStream()

	command(g, operation{
		id: "node-console-start", method: http.MethodPut, path: "/v0/node/{node}/console", summary: "Prepare to watch a node's console",
		description: "For older clients. A console needs no preparation.", errors: []int{404, 409},
	}, func(ctx context.Context, in *NodePath) error { return s.Service.NodeConsoleStart(ctx, in.Node) })

	command(g, operation{
		id: "node-console-stop", method: http.MethodDelete, path: "/v0/node/{node}/console", summary: "Close a node's console",
		description: "For all who watch it. What it printed is forgotten.", errors: []int{404},
	}, func(ctx context.Context, in *NodePath) error { return s.Service.NodeConsoleStop(ctx, in.Node) })
}

// documentStream tells the document what Huma cannot know: that the answer is a stream of bytes.
func (s *server) documentStream() {
	ok := s.api.OpenAPI().Paths["/v0/node/{node}/console"].Get.Responses["200"]
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
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
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

func send(w io.Writer, conn *http.ResponseController, output []byte) bool {
	// A ResponseWriter without deadlines is one in a test.
	_ = conn.SetWriteDeadline(time.Now().Add(viewerTimeout))
	_, err := w.Write(output)
	return err == nil && conn.Flush() == nil
}
