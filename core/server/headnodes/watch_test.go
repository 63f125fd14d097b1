package headnodes_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// dial opens a WebSocket of the headnode's until the test ends.
func (s *site) dial(t *testing.T, user, path string) *websocket.Conn {
	t.Helper()
	conn, err := tryDial(t.Context(), s.URL, user, path)
	must(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() }) // it may be closed already
	return conn
}

func tryDial(ctx context.Context, url, user, path string) (*websocket.Conn, error) {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, user+"-secret")
	conn, res, err := websocket.Dial(ctx, url+path, &websocket.DialOptions{HTTPHeader: r.Header, Subprotocols: []string{"binary"}})
	if res != nil && res.Body != nil {
		_ = res.Body.Close() // it was only read
	}
	return conn, err
}

// hears reads from a WebSocket until the text has come in its binary messages.
func hears(t *testing.T, conn *websocket.Conn, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var got strings.Builder
	for !strings.Contains(got.String(), want) {
		kind, p, err := conn.Read(ctx)
		if err != nil {
			t.Fatalf("%v before %q came; heard %q", err, want, got.String())
		}
		if kind == websocket.MessageBinary {
			got.Write(p)
		}
	}
}

// hasEnded reads a WebSocket to its end.
func hasEnded(t *testing.T, conn *websocket.Conn) {
	t.Helper()
	for {
		if _, _, err := conn.Read(t.Context()); err != nil {
			return
		}
	}
}

// watched is a headnode that boots, as its owner sees and uses it through the one door.
func (s *site) watched(t *testing.T, name string) {
	t.Helper()
	console, screen := s.dial(t, "ann", "/v0/headnode/"+name+"/console/ws"), s.dial(t, "ann", "/v0/headnode/"+name+"/vnc")
	hears(t, screen, "RFB 003.008\n")
	// The prompt may have come before anybody watched; Enter brings another.
	must(t, console.Write(t.Context(), websocket.MessageBinary, []byte("\r")))
	hears(t, console, "guest# ")
	must(t, console.Write(t.Context(), websocket.MessageBinary, []byte("echo $((6*7)) is the answer\r")))
	hears(t, console, "42 is the answer")
	must(t, screen.Write(t.Context(), websocket.MessageBinary, []byte("RFB 003.008\n")))
	hears(t, screen, "\x01\x01") // one kind of security, that without a password
	for _, path := range []string{"/console/ws", "/vnc"} {
		if conn, err := tryDial(t.Context(), s.URL, "bob", "/v0/headnode/"+name+path); err == nil {
			_ = conn.CloseNow()
			t.Errorf("a stranger is let in at %s", path)
		}
	}
	s.ann.OK(t, "POST", "/v0/headnode/"+name+"/stop", "")
	hasEnded(t, console)
	hasEnded(t, screen)
	if got := s.ann.Do(t, "GET", "/v0/headnode/"+name+"/console", ""); got.Status != http.StatusBadGateway || !strings.Contains(got.Body, "does not run") {
		t.Errorf("the console of a headnode that is off: %d %s", got.Status, got.Body)
	}
	servertest.Eventually(t, "what it printed is remembered", func() (bool, any) {
		text := s.ann.OK(t, "GET", "/v0/headnode/"+name+"/console?follow=false", "").Body
		return strings.Contains(text, "42 is the answer"), text
	})
}
