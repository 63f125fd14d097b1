package api

import (
	"net/http"

	"github.com/CCI-MOC/haas/openapi"
)

// pages mounts what people look at in a browser.
func (s *server) pages(mux *http.ServeMux) {
	for path, page := range openapi.Pages() {
		mux.Handle("GET "+path, page)
	}
	mux.Handle("GET /console/{node}", s.forWatchers(openapi.ConsolePage()))
}

// forWatchers is a page for those who may watch the console of the node in its path. Browsers ask others for a password.
func (s *server) forWatchers(page http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, err := s.authenticate(r.Context(), operation{})
		if err == nil {
			err = s.Service.NodeConsoleShowPage(ctx, r.PathValue("node"))
		}
		if err != nil {
			write(w, s.model(ctx, err))
			return
		}
		page.ServeHTTP(w, r)
	}
}
