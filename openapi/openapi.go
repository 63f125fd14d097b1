// Package openapi holds what is made from the API's description: the committed documents, which describe the settings of
// this repository's drivers, the generated Go client in client, and the pages for people: Swagger UI, a node's console, and a
// headnode's screen. The description itself is made by core/api from its operations; nothing is edited here.
package openapi

import (
	"embed"
	"maps"
	"net/http"
)

// To describe the API anew after a change of core/api: go generate ./openapi/...
//
//go:generate go test . -run TestDocuments -update
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config client.yaml openapi-3.0.json

// files are swagger-ui-dist 5.35.0 from npm, unchanged, and the page around it, which is ours: index.html, page.css, page.js.
//
//go:embed ui
var files embed.FS

// policy keeps the page from loading anything from elsewhere. Swagger UI styles its elements inline and draws icons
// from data URLs.
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

// Pages are what anybody may load, by path: Swagger UI, at /docs, and its files below, and the files of ConsolePage and VNCPage.
func Pages() map[string]http.Handler {
	pages := map[string]http.Handler{"/docs": page(files, "ui/index.html", policy)}
	for _, name := range []string{"page.css", "page.js", "swagger-ui.css", "swagger-ui-bundle.js"} {
		pages["/docs/"+name] = page(files, "ui/"+name, policy)
	}
	for _, name := range []string{"page.css", "page.js", "line.js", "terminal.js", "xterm.css", "xterm.mjs", "addon-fit.mjs"} {
		pages["/console-files/"+name] = page(consoleFiles, "console/"+name, consolePolicy)
	}
	maps.Copy(pages, vncPages())
	return pages
}

func page(files embed.FS, name, policy string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		guard(w, policy)
		http.ServeFileFS(w, r, files, name)
	}
}

// guard tells the browser what the page may do.
func guard(w http.ResponseWriter, policy string) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
}
