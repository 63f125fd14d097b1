package api

import (
	"context"
	"net/http"

	"github.com/CCI-MOC/haas/openapi"
)

// pages mounts what people look at in a browser.
func (s *server) pages(mux *http.ServeMux) {
	for path, page := range openapi.Pages() {
		mux.Handle("GET "+path, page)
	}
	mux.Handle("GET /console/{node}", s.forWatchers(openapi.ConsolePage(), "node", s.Service.NodeConsoleShowPage))
	mux.Handle("GET /vnc/{headnode}", s.forWatchers(openapi.VNCPage(), "headnode", s.Service.HeadnodeVNCPage))
}

// forWatchers is a page for those who may watch what is named in its path. Browsers ask others for a password.
func (s *server) forWatchers(page http.Handler, name string, may func(context.Context, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, err := s.authenticate(r.Context(), operation{})
		if err == nil {
			err = may(ctx, r.PathValue(name))
		}
		if err != nil {
			write(w, s.model(ctx, err))
			return
		}
		page.ServeHTTP(w, r)
	}
}
