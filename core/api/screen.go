package api

import (
	"context"
	"io"
	"net/http"
	"sync"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
)

const (
	// maxScreenMessage is how long a message of a screen's viewer may be: what is pasted comes in one.
	maxScreenMessage = 1 << 20
	// screenChunk is how much of a screen one message carries at the most.
	screenChunk = 64 << 10
	// screenProtocol is what VNC clients in browsers call a WebSocket that carries their bytes.
	screenProtocol = "binary"
)

func (s *server) headnodeScreen(g group) {
	const path = "/v0/headnode/{headnode}/vnc"

	register(g, operation{
		id: "headnode-vnc", method: http.MethodGet, path: path, summary: "Open a headnode's screen",
		description: "A WebSocket whose binary messages are the remote framebuffer protocol (RFC 6143), as VNC clients in browsers speak it. " +
			"It asks for no password. /vnc/{headnode} is a page that shows it. It ends when the headnode is switched off.",
		errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		HeadnodePath
		Socket
	}) (*huma.StreamResponse, error) {
		if err := in.check("see the port of its screen on its host in /v0/headnode/{headnode}"); err != nil {
			return nil, err
		}
		screen, err := s.Service.HeadnodeVNC(ctx, in.Headnode)
		return s.here(ctx, err, func(ctx huma.Context) { relay(ctx, screen) }) //nolint:contextcheck // it has the same request.
	})
	op := s.api.OpenAPI().Paths[path].Get
	op.Responses["101"] = &huma.Response{Description: "The connection is a WebSocket now."}
	delete(op.Responses, "200")
}

// relay carries a screen over a WebSocket until either end leaves.
func relay(ctx huma.Context, screen io.ReadWriteCloser) {
	defer func() { _ = screen.Close() }() // its viewer is gone
	r, conn, err := accept(ctx, screenProtocol)
	if err != nil {
		return // the caller has been told
	}
	v := &viewing{conn: conn, screen: screen}
	v.run(r.Context())
}

// viewing is one viewer's WebSocket.
type viewing struct {
	conn   *websocket.Conn
	screen io.ReadWriteCloser
}

// run ends when the screen does, which listening closes when the viewer leaves.
func (v *viewing) run(ctx context.Context) {
	defer func() { _ = v.conn.CloseNow() }() // it is closed already, or the caller is gone
	v.conn.SetReadLimit(maxScreenMessage)
	ctx, stop := context.WithCancel(ctx)
	var listening sync.WaitGroup
	defer listening.Wait()
	defer stop()
	listening.Go(func() { v.listen(ctx) })
	if v.show(ctx) {
		_ = v.conn.Close(websocket.StatusNormalClosure, "the screen has ended") // the caller may be gone
	}
}

// listen gives the screen what its viewer does, until the viewer leaves or ctx ends. Then it closes the screen.
func (v *viewing) listen(ctx context.Context) {
	defer func() { _ = v.screen.Close() }() // its viewer is gone
	for {
		kind, p, err := v.conn.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageBinary {
			_ = v.conn.Close(websocket.StatusUnsupportedData, "a screen takes binary messages") // it is told once
			return
		}
		if _, err := v.screen.Write(p); err != nil {
			return
		}
	}
}

// show gives the viewer what the screen says; true if the screen ended, false if the viewer left.
func (v *viewing) show(ctx context.Context) bool {
	for buffer := make([]byte, screenChunk); ; {
		n, err := v.screen.Read(buffer)
		if n > 0 && v.send(ctx, buffer[:n]) != nil {
			return false
		}
		if err != nil {
			return true
		}
	}
}

func (v *viewing) send(ctx context.Context, p []byte) error {
	ctx, cancel := context.WithTimeout(ctx, viewerTimeout)
	defer cancel()
	return v.conn.Write(ctx, websocket.MessageBinary, p)
}
