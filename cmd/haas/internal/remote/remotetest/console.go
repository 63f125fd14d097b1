// Package remotetest is a server's consoles as a test wants them: over real WebSockets, and saying what the test says.
package remotetest

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/openapi/client"
)

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

// maxMessages is how many messages of a visitor wait for the test. While there are so many, the server reads no more.
const maxMessages = 100

// Console is a server with nothing but consoles.
type Console struct {
	URL    string
	visits chan *Visit

	// mu guards what follows.
	mu sync.Mutex
	// refusals are the answers to the next visitors.
	refusals []refusal
	refused  int
}

type refusal struct {
	status int
	body   string
}

// NewConsole starts a server.
func NewConsole(t testing.TB) *Console {
	t.Helper()
	return start(t, (*httptest.Server).Start)
}

// NewSecureConsole starts a server that speaks TLS, and HTTP/2 to those who like that. Its certificate is in a file.
func NewSecureConsole(t testing.TB) (c *Console, certificate string) {
	t.Helper()
	certificate = filepath.Join(t.TempDir(), "certificate.pem")
	return start(t, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of those who do not trust it
		s.StartTLS()
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
		if err := os.WriteFile(certificate, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}), certificate
}

func start(t testing.TB, begin func(*httptest.Server)) *Console {
	t.Helper()
	c := &Console{visits: make(chan *Visit)}
	stop := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(t, stop, w, r) }))
	begin(s)
	c.URL = s.URL
	t.Cleanup(func() {
		close(stop)
		s.Close()
	})
	return c
}

func (c *Console) serve(t testing.TB, stop <-chan struct{}, w http.ResponseWriter, r *http.Request) {
	if no, ok := c.refusal(); ok {
		w.WriteHeader(no.status)
		_, _ = w.Write([]byte(no.body))
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/console/ws") {
		http.NotFound(w, r)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		t.Errorf("accept a WebSocket: %v", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	v := &Visit{t: t, ctx: ctx, conn: conn, messages: make(chan message, maxMessages), Request: r}
	defer v.Drop()
	defer context.AfterFunc(ctx, v.Drop)()
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	select {
	case c.visits <- v:
		v.receive()
	case <-ctx.Done():
	}
}

func (c *Console) refusal() (refusal, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.refusals) == 0 {
		return refusal{}, false
	}
	no := c.refusals[0]
	c.refusals = c.refusals[1:]
	c.refused++
	return no, true
}

// Refuse answers a number of visitors with a status and a body.
func (c *Console) Refuse(times, status int, body string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range times {
		c.refusals = append(c.refusals, refusal{status, body})
	}
}

// Next waits for the next visitor.
func (c *Console) Next(t testing.TB) *Visit {
	t.Helper()
	select {
	case v := <-c.visits:
		return v
	case <-time.After(patience):
		t.Fatal("nobody comes to the console")
		return nil
	}
}

// Visit is one connection with a console.
type Visit struct {
	Request *http.Request

	t        testing.TB
	ctx      context.Context //nolint:containedctx // the visit's own lifetime
	conn     *websocket.Conn
	messages chan message
}

// message is what the visitor sent.
type message struct {
	isText bool
	data   []byte
}

func (v *Visit) receive() {
	defer close(v.messages)
	for {
		kind, data, err := v.conn.Read(v.ctx)
		if err != nil {
			return
		}
		select {
		case v.messages <- message{kind == websocket.MessageText, data}:
		case <-v.ctx.Done():
			return
		}
	}
}

// Print sends output of the machine.
func (v *Visit) Print(text string) {
	v.t.Helper()
	v.send(websocket.MessageBinary, []byte(text))
}

// Tell sends a message.
func (v *Visit) Tell(m client.ConsoleMessage) {
	v.t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		v.t.Fatal(err)
	}
	v.send(websocket.MessageText, text)
}

// Say sends a text that need not be a message.
func (v *Visit) Say(text string) {
	v.t.Helper()
	v.send(websocket.MessageText, []byte(text))
}

// send sends a message, if the visitor is still there: a test that minds notices by what the visitor does.
func (v *Visit) send(kind websocket.MessageType, data []byte) {
	v.t.Helper()
	if err := v.conn.Write(v.ctx, kind, data); err != nil {
		v.t.Logf("%q does not reach the visitor: %v", data, err)
	}
}

// Welcome greets a visitor who is alone.
func (v *Visit) Welcome(session string, at int64) {
	v.t.Helper()
	v.Tell(client.ConsoleMessage{Type: client.Welcome, You: new("ann"), Session: new(session), At: new(at)})
	v.Tell(client.ConsoleMessage{Type: client.Keyboard})
}

// WantTyped waits until the visitor has typed exactly this, in however many pieces.
func (v *Visit) WantTyped(text string) {
	v.t.Helper()
	typed := ""
	for len(typed) < len(text) {
		m, ok := v.next()
		if !ok || m.isText {
			v.t.Fatalf("got %s after %s was typed, want %s", brief(string(m.data)), brief(typed), brief(text))
		}
		typed += string(m.data)
	}
	if typed != text {
		v.t.Errorf("%s was typed, want %s", brief(typed), brief(text))
	}
}

// brief is a text that a person can read.
func brief(text string) string {
	if len(text) < 1000 {
		return strconv.Quote(text)
	}
	return fmt.Sprintf("%d bytes that end with %q", len(text), text[len(text)-100:])
}

// WantTold waits for a message of the visitor.
func (v *Visit) WantTold(text string) {
	v.t.Helper()
	if m, ok := v.next(); !ok || !m.isText || string(m.data) != text {
		v.t.Errorf("the visitor sent %q, want the message %s", m.data, text)
	}
}

// WantGone waits for the visitor to go, who must say nothing more.
func (v *Visit) WantGone() {
	v.t.Helper()
	if m, ok := v.next(); ok {
		v.t.Errorf("the visitor sent %q instead of going", m.data)
	}
}

func (v *Visit) next() (message, bool) {
	v.t.Helper()
	select {
	case m, ok := <-v.messages:
		return m, ok
	case <-time.After(patience):
		v.t.Fatal("the visitor does nothing")
		return message{}, false
	}
}

// Drop breaks the connection.
func (v *Visit) Drop() {
	v.t.Helper()
	_ = v.conn.CloseNow() // it may be broken already
}
