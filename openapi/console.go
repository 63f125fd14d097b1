package openapi

import (
	"bytes"
	"embed"
	"net/http"
	"time"
)

// consoleFiles are @xterm/xterm 6.0.0 and @xterm/addon-fit 0.11.0 from npm, unchanged, and the page around them, which
// is ours: index.html, page.css, page.js, line.js, terminal.js.
//
//go:embed console
var consoleFiles embed.FS

// consolePolicy keeps the page from loading anything from elsewhere, and from speaking to anybody but the server.
// xterm styles its elements inline.
const consolePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; " +
	"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ConsolePage is the page that shows the console of a node, for /console/{node}: whose console it is, the page takes
// from its address. It does not look who asks for it. Its files are among Pages.
func ConsolePage() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := consoleFiles.ReadFile("console/index.html")
		if err != nil {
			panic(err) // it is embedded
		}
		guard(w, consolePolicy)
		// Not ServeFileFS, which has a meaning of its own for nodes that are called index.html.
		http.ServeContent(w, r, "index.html", time.Time{}, bytes.NewReader(text))
	})
}
