package clients_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/openapi"
)

// prefix is what a proxy puts in front of the server's paths.
const prefix = "/lab"

// lines is a server whose consoles say what a test tells them to.
type lines struct {
	*httptest.Server
	t       *testing.T
	viewers chan *viewer

	mu      sync.Mutex // guards the fields below
	refusal *refusal
	queries []string
}

// refusal is an answer instead of a console.
type refusal struct {
	status int
	text   string
}

// viewer is a page that watches a console.
type viewer struct {
	t     *testing.T
	conn  *websocket.Conn
	query url.Values
}

func newLines(t *testing.T) *lines {
	t.Helper()
	l := &lines{t: t, viewers: make(chan *viewer)}
	mux := http.NewServeMux()
	mux.Handle("GET /console/{node}", openapi.ConsolePage())
	for path, page := range openapi.Pages() {
		mux.Handle("GET "+path, page)
	}
	mux.HandleFunc("GET /v0/node/{node}/console", l.show)
	mux.HandleFunc("GET /v0/node/{node}/console/ws", l.watch)
	l.Server = httptest.NewServer(http.StripPrefix(prefix, mux))
	t.Cleanup(l.Close)
	return l
}

// show is asked before a console is watched.
func (l *lines) show(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queries = append(l.queries, r.URL.RawQuery)
	if l.refusal == nil {
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(l.refusal.status)
	// A failure to write means that the page is gone.
	_ = json.NewEncoder(w).Encode(map[string]string{"detail": l.refusal.text})
}

// refuse lets all who ask from now on be answered so; nil is no refusal.
func (l *lines) refuse(r *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusal = r
}

func (l *lines) watch(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		l.t.Errorf("accept a viewer: %v", err)
		return
	}
	l.viewers <- &viewer{t: l.t, conn: conn, query: r.URL.Query()}
}

// next is the next page that watches, once it does.
func (l *lines) next() *viewer {
	l.t.Helper()
	select {
	case v := <-l.viewers:
		l.t.Cleanup(func() { _ = v.conn.CloseNow() }) // the test is over
		return v
	case <-time.After(visit):
		l.t.Fatal("no page watches the console")
		return nil
	}
}

// says sends messages.
func (v *viewer) says(messages ...string) {
	v.t.Helper()
	for _, m := range messages {
		v.send(websocket.MessageText, m)
	}
}

// prints sends what the machine prints, a message for each piece.
func (v *viewer) prints(pieces ...string) {
	v.t.Helper()
	for _, p := range pieces {
		v.send(websocket.MessageBinary, p)
	}
}

func (v *viewer) send(kind websocket.MessageType, text string) {
	v.t.Helper()
	if err := v.conn.Write(v.t.Context(), kind, []byte(text)); err != nil {
		v.t.Fatalf("send %q: %v", text, err)
	}
}

// hears wants the page to send the message next.
func (v *viewer) hears(kind websocket.MessageType, want string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), visit)
	defer cancel()
	got, text, err := v.conn.Read(ctx)
	if err != nil || got != kind || string(text) != want {
		v.t.Errorf("the page sends %v %q, %v; want %v %q", got, text, err, kind, want)
	}
}

// typed wants keys to arrive, in as many messages as the page likes.
func (v *viewer) typed(want string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), visit)
	defer cancel()
	for got := ""; got != want; {
		kind, text, err := v.conn.Read(ctx)
		got += string(text)
		if err != nil || kind != websocket.MessageBinary || len(got) > len(want) {
			v.t.Fatalf("what was typed arrives as %v %q, %v; want %q", kind, got, err, want)
		}
	}
}
