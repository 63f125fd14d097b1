package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/hashicorp/go-hclog"
)

// front is what every request passes before it is matched to an operation.
type front struct {
	mux   *http.ServeMux
	log   hclog.Logger
	guard *http.CrossOriginProtection
}

// ServeHTTP gives the request an id, logs how it ended, and contains panics.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := identify(r)
	a := &answer{ResponseWriter: w}
	a.Header().Set("X-Request-Id", req.id)
	began := time.Now()
	defer func() {
		f.log.Debug("request", "method", r.Method, "path", clip(r.URL.Path), "status", a.status,
			"duration", time.Since(began), "request", req.id)
	}()
	defer f.contain(a, req.id)
	f.pass(a, r.WithContext(context.WithValue(r.Context(), requestKey{}, req)))
}

func identify(r *http.Request) request {
	name, password, _ := r.BasicAuth()
	return request{
		id: rand.Text(), name: name, password: password, given: r.Header.Get("Authorization") != "",
		forwarded: r.Header.Get(forwardedHeader) != "",
	}
}

// contain turns a panic into a 500, or cuts the connection if the answer has begun.
func (f *front) contain(a *answer, id string) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	f.log.Error("panic while answering a request", "request", id, "err", cause, "stack", string(debug.Stack()))
	if a.status != 0 {
		panic(http.ErrAbortHandler)
	}
	write(a, internal(id))
}

// pass brings the request into its documented form and hands it to the mux.
//
// Requests that change something and that a browser sends for a page of another site are refused with 403: browsers
// add the user's remembered password to them. Programs do not send the headers that this is told by.
func (f *front) pass(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		// Also for bodies that no operation reads: net/http reads on before it answers.
		// Not every ResponseWriter has deadlines; one in a test has none and needs none.
		_ = huma.SetReadDeadline(w, time.Now().Add(bodyTimeout))
	}
	r.Method = strings.ToUpper(r.Method)
	if err := f.guard.Check(asChange(r)); err != nil {
		write(w, newModel(http.StatusForbidden, "requests of other web sites are refused; call the server from its own pages, or by a program"))
		return
	}
	t, ok := resolve(r.Method, rawPath(r.URL))
	if !ok {
		write(w, unknownPath(r))
		return
	}
	if bad := checkNUL(r, t); bad != nil {
		write(w, bad)
		return
	}
	r.URL = t.url(r.URL)
	f.mux.ServeHTTP(w, r)
}

// asChange is the request as one that changes something, if it is a GET that does: opening a WebSocket, and taking a
// console from its holder.
func asChange(r *http.Request) *http.Request {
	if !isSocket(r.Header.Get("Upgrade")) && !r.URL.Query().Has("take") {
		return r
	}
	change := *r
	change.Method = http.MethodPost
	return &change
}

// rawPath is the path as the caller escaped it. URL.EscapedPath is not: it gives up an unusual spelling, and with it
// the difference between "/" and "%2F".
func rawPath(u *url.URL) string {
	if u.RawPath != "" {
		return u.RawPath
	}
	return u.EscapedPath()
}

// unmatched answers requests that match no operation: OPTIONS, a wrong method, an unknown path.
func unmatched(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		allowed := methodsOf(mux, r)
		if len(allowed) == 0 {
			write(w, unknownPath(r))
			return
		}
		w.Header().Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
		if r.Method != http.MethodOptions {
			write(w, newModel(http.StatusMethodNotAllowed, r.Method+" is not possible here; possible are "+w.Header().Get("Allow")))
		}
	}
}

// methodsOf are the methods that the request's path has.
func methodsOf(mux *http.ServeMux, r *http.Request) []string {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		probe := *r
		probe.Method = m
		if _, pattern := mux.Handler(&probe); pattern != "/" {
			allowed = append(allowed, m)
		}
	}
	return allowed
}

func unknownPath(r *http.Request) *ErrorModel {
	return newModel(http.StatusNotFound, "there is no "+clip(r.URL.Path)+" here; /docs lists what there is")
}

// answer remembers the status of a response.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write notes the status that an answer has by default.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
