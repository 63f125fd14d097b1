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

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/openapi"
)

// TestConsolePage is the page before a server that says what a real one says rarely.
func TestConsolePage(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	b := newBrowser(t)
	v := b.console(l, "rack%201%25")
	b.shows("h1", "rack 1%")
	b.shows(state, "Connecting")
	if got := v.query.Encode(); got != "" {
		t.Errorf("the page connects with %s", got)
	}
	v.says(welcome, nobodys)
	v.prints("boot\r\n", "\xe2\x82", "\xac 5\r\n") // a character in two pieces
	b.shows(state, "Connected as ann")
	b.shows(holder, "Nobody has the keyboard: type to take it")
	b.shows(screen, "boot")
	b.shows(screen, "€ 5")
	b.offers()

	// Keys.
	b.keys("ls é\r", 0)
	v.typed("ls \xc3\xa9\r")
	v.says(mine)
	b.shows(holder, "You have the keyboard")
	b.offers("Lay it down")
	b.keys(kb.ArrowUp, chromedp.ModifierCtrl|chromedp.ModifierShift)
	b.keys(kb.Tab, 0)
	b.keys(" ", 0)
	v.hears(websocket.MessageText, `{"type":"give"}`) // by the button, which was reached without a mouse
	b.keys("c", chromedp.ModifierCtrl)
	v.typed("\x03")
	b.paste("a\nb")
	v.typed("a\rb")

	// Hand-over.
	v.says(`{"type":"keyboard","writer":"ann","mine":true,"asked_by":"carol"}`)
	b.shows(notice, "carol asks for the keyboard")
	b.offers("Give it to carol", "Keep it")
	b.picture("console-page.png")
	b.press("keep")
	v.hears(websocket.MessageText, `{"type":"keep"}`)
	b.press("give")
	v.hears(websocket.MessageText, `{"type":"give"}`)
	v.says(bobs)
	b.offers("Ask for the keyboard")
	b.shows(holder, "bob has the keyboard")
	b.keys("x", 0)
	v.typed("x")
	v.says(`{"type":"refused","reason":"bob is typing; ask for the keyboard"}`)
	b.shows(notice, "not passed on: bob is typing; ask for the keyboard.")
	b.press("ask")
	v.hears(websocket.MessageText, `{"type":"ask"}`)
	v.says(`{"type":"keyboard","writer":"bob","mine":false,"asked_by":"ann"}`)
	b.shows(notice, "You asked bob for the keyboard.")
	b.offers()
	v.says(bobs)
	b.shows(notice, "bob keeps the keyboard.")
	b.offers("Ask for the keyboard")

	// What is missing, and going on where it was: 13 bytes were printed and 1000 lost after position 100.
	v.says(`{"type":"lost","bytes":1000}`)
	b.shows(screen, "[1000 bytes are missing here]")
	v.says(`{"type":"end","reason":"the line broke","retry":true}`)
	again := l.next()
	if got := again.query.Get("resume"); got != "s+1.1113" {
		t.Errorf("the page goes on at %s", got)
	}
	again.says(`{"type":"welcome","you":"ann","session":"s2","at":7}`, nobodys)
	again.prints("more")
	b.shows(screen, "more")
	if err := again.conn.CloseNow(); err != nil {
		t.Fatal(err)
	}
	again = l.next()
	if got := again.query.Get("resume"); got != "s2.11" {
		t.Errorf("the page goes on at %s", got)
	}
	again.says(`{"type":"welcome","you":"ann","session":"s2","at":11}`, mine, `{"type":"end","reason":"node n1 was released","retry":false}`)
	b.shows(notice, "Node n1 was released.")
	b.shows(state, "Closed")
	b.offers("Connect again")
	b.stayedAt(l.URL)
}

// TestConsolePageDoesNotAnswer keeps the terminals of those who only watch from answering the machine's questions.
func TestConsolePageDoesNotAnswer(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	b := newBrowser(t)
	v := b.console(l, "n1")
	questions := "\x1b[c\x1b[>c\x1b[5n\x1b[6n\x1b[?6n\x1b[4$p\x1b[?7$p\x1bP$qm\x1b\\\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07"
	v.says(welcome, bobs)
	v.prints("\x1b[?1004h"+questions, "asked")
	b.shows(screen, "asked")
	b.keys("x", 0)
	v.typed("x") // and nothing before it
	v.says(mine)
	b.shows(holder, "You have the keyboard")
	v.prints("\x1b[5n")
	v.typed("\x1b[0n")
	b.stayedAt(l.URL)
}

// TestConsolePageRefused shows why a console cannot be had, and takes a line from whoever holds it elsewhere.
func TestConsolePageRefused(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	b := newBrowser(t)
	l.refuse(&refusal{http.StatusUnauthorized, "the user name or the password is wrong"})
	b.do("open the console", chromedp.EmulateViewport(960, 540), chromedp.Navigate(l.URL+prefix+"/console/n1"))
	b.shows(notice, "The user name or the password is wrong.")
	b.offers("Connect again")

	l.refuse(&refusal{http.StatusServiceUnavailable, "the controller does not answer"})
	b.press("again")
	b.shows(notice, "The controller does not answer. Trying again in ")
	b.shows(state, "Not connected")
	b.offers("Connect again")
	l.refuse(&refusal{http.StatusServiceUnavailable, "somebody else holds the console"})
	b.shows(notice, "Somebody else holds the console. Trying again in ")
	b.offers("Connect again", "Take it over")
	b.picture("console-held.png")

	b.press("take")
	v := l.next()
	l.refuse(nil)
	if got := v.query.Encode(); got != "take=true" {
		t.Errorf("the page connects with %s", got)
	}
	v.says(welcome, nobodys)
	b.shows(state, "Connected as ann")
	b.offers()
	v.says(`{"type":"end","reason":"the line broke","retry":true}`)
	if again := l.next(); again.query.Get("take") != "" {
		t.Error("the page takes the line again by itself")
	}
}

const (
	welcome = `{"type":"welcome","you":"ann","session":"s+1","at":100}`
	nobodys = `{"type":"keyboard","writer":"","mine":false,"asked_by":""}`
	bobs    = `{"type":"keyboard","writer":"bob","mine":false,"asked_by":""}`
	mine    = `{"type":"keyboard","writer":"ann","mine":true,"asked_by":""}`
)

// prefix is what a proxy puts in front of the server's paths.
const prefix = "/lab"

// lines is a server whose consoles say what a test tells them to.
type lines struct {
	*httptest.Server
	t       *testing.T
	viewers chan *viewer

	mu      sync.Mutex // guards refusal
	refusal *refusal
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

// show shows what there is, and then nothing more. Without following it opens nothing that could fail.
func (l *lines) show(w http.ResponseWriter, r *http.Request) {
	follow := r.URL.Query().Get("follow") != "false"
	if l.refused(w, r, follow) {
		return
	}
	w.WriteHeader(http.StatusOK)
	if follow {
		_ = http.NewResponseController(w).Flush() // the page may be gone
		<-r.Context().Done()
	}
}

// refused answers so, if there is a refusal. That of a controller shows when its line is opened, unless it is taken.
func (l *lines) refused(w http.ResponseWriter, r *http.Request, opens bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refusal == nil || l.refusal.status >= 500 && (!opens || r.URL.Query().Has("take")) {
		return false
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(l.refusal.status)
	// A failure to write means that the page is gone.
	_ = json.NewEncoder(w).Encode(map[string]string{"detail": l.refusal.text})
	return true
}

// refuse lets all who ask from now on be answered so; nil is no refusal.
func (l *lines) refuse(r *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusal = r
}

func (l *lines) watch(w http.ResponseWriter, r *http.Request) {
	if l.refused(w, r, true) {
		return
	}
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

// console opens the page of a node's console, and is its viewer when the server was told that it watches.
func (b *browser) console(l *lines, node string) *viewer {
	b.t.Helper()
	b.do("open the console", chromedp.EmulateViewport(960, 540), chromedp.Navigate(l.URL+prefix+"/console/"+node))
	return l.next()
}
