package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// headnodeConsole declares the two ways to watch a headnode's serial console, which are those of nodes.
func (s *server) headnodeConsole(g group) {
	const path = "/v0/headnode/{headnode}/console"

	register(g, operation{
		id: "headnode-console-show", method: http.MethodGet, path: path, summary: "Watch a headnode's serial console",
		description: "The last lines, then everything new, until the caller leaves or the headnode is switched off. Several may watch at once.",
		errors:      deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		HeadnodePath
		ConsoleQuery
		ConsoleFollow
	}) (*huma.StreamResponse, error) {
		if !in.Follow {
			text, err := s.Service.HeadnodeConsoleShowRemembered(ctx, in.Headnode, in.Tail.lines())
			return s.here(ctx, err, func(ctx huma.Context) { streamText(ctx, text) })
		}
		viewer, err := s.Service.HeadnodeConsoleShow(ctx, in.Headnode, in.want())
		return s.here(ctx, err, func(ctx huma.Context) { stream(ctx, viewer) })
	})
	s.documentStream(path)

	register(g, operation{
		id: "headnode-console-join", method: http.MethodGet, path: path + "/ws", summary: "Watch a headnode's serial console and type on it",
		description: socketDescription, errors: deviceFailures(404, 409),
	}, func(ctx context.Context, in *struct {
		HeadnodePath
		ConsoleQuery
		ConsoleResume
		Socket
	}) (*huma.StreamResponse, error) {
		if err := in.check("watch " + path); err != nil {
			return nil, err
		}
		want := in.want()
		want.Resume = in.Resume
		viewer, err := s.Service.HeadnodeConsoleShow(ctx, in.Headnode, want)
		return s.here(ctx, err, func(ctx huma.Context) { converse(ctx, viewer) })
	})
	s.documentSocket(path + "/ws")
}
