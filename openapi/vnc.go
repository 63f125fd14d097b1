package openapi

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// vncFiles are @novnc/novnc 1.7.0 from npm, in the folder novnc, unchanged but without what documents its interface, and the
// page around it, which is ours: index.html, page.css, page.js.
//
//go:embed vnc
var vncFiles embed.FS

// vncPolicy keeps the page from loading anything from elsewhere, and from speaking to anybody but the server. noVNC draws
// pictures and the pointer from data URLs.
const vncPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// VNCPage is the page that shows the screen of a headnode, for /vnc/{headnode}, as ConsolePage is that of consoles.
func VNCPage() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := vncFiles.ReadFile("vnc/index.html")
		if err != nil {
			panic(err) // it is embedded
		}
		guard(w, vncPolicy)
		http.ServeContent(w, r, "index.html", time.Time{}, bytes.NewReader(text))
	})
}

// vncPages are the files of VNCPage by path.
func vncPages() map[string]http.Handler {
	pages := map[string]http.Handler{}
	err := fs.WalkDir(vncFiles, "vnc", func(name string, _ fs.DirEntry, err error) error {
		if ext := path.Ext(name); ext == ".js" || ext == ".css" {
			pages["/vnc-files"+strings.TrimPrefix(name, "vnc")] = page(vncFiles, name, vncPolicy)
		}
		return err
	})
	if err != nil {
		panic(err) // they are embedded
	}
	return pages
}
