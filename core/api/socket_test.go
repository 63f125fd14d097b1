package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/core/api"
)

// socket is the caller's end of a console's WebSocket.
type socket struct {
	tb   testing.TB
	conn *websocket.Conn
}

// join opens a console's WebSocket as the user with the password.
func (s *site) join(path, user, password string) socket {
	s.tb.Helper()
	conn, _, err := s.dial(path, user, password, nil)
	if err != nil {
		s.tb.Fatalf("join %s: %v", path, err)
	}
	s.tb.Cleanup(func() { _ = conn.CloseNow() }) // it may be closed already
	return socket{tb: s.tb, conn: conn}
}

// dial is join for those who may be refused; status is what they are answered.
func (s *site) dial(path, user, password string, header http.Header) (conn *websocket.Conn, status int, err error) {
	s.tb.Helper()
	if header == nil {
		header = http.Header{}
	}
	if user != "" {
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	}
	conn, resp, err := websocket.Dial(s.tb.Context(), "ws"+strings.TrimPrefix(s.url, "http")+path, &websocket.DialOptions{
		HTTPHeader: header, Subprotocols: header["Sec-Websocket-Protocol"],
	})
	if resp == nil {
		return nil, 0, err
	}
	if resp.Body != nil {
		defer func() { _ = resp.Body.Close() }() // it was only read
	}
	return conn, resp.StatusCode, err
}

// hear is the next message: a text as what it says, or output.
func (c socket) hear() (m api.ConsoleMessage, output string) {
	c.tb.Helper()
	kind, p, err := c.conn.Read(c.tb.Context())
	if err != nil {
		c.tb.Fatal("the WebSocket says nothing more: ", err)
	}
	if kind == websocket.MessageBinary {
		return m, string(p)
	}
	if err := json.Unmarshal(p, &m); err != nil {
		c.tb.Fatalf("%s: %v", p, err)
	}
	return m, ""
}

// until is the next message of a type.
func (c socket) until(kind string) api.ConsoleMessage {
	c.tb.Helper()
	for {
		if m, _ := c.hear(); m.Type == kind {
			return m
		}
	}
}

// reads fails the test unless the next output is want.
func (c socket) reads(want string) {
	c.tb.Helper()
	got := ""
	for len(got) < len(want) {
		_, output := c.hear()
		got += output
	}
	if got != want {
		c.tb.Errorf("output is %q, want %q", got, want)
	}
}

func (c socket) types(keys string) { c.send(websocket.MessageBinary, keys) }
func (c socket) says(text string)  { c.send(websocket.MessageText, text) }

func (c socket) send(kind websocket.MessageType, text string) {
	c.tb.Helper()
	if err := c.conn.Write(c.tb.Context(), kind, []byte(text)); err != nil {
		c.tb.Fatal(err)
	}
}

// isKeyboard fails the test unless the next word about the keyboard is this.
func (c socket) isKeyboard(writer string, mine bool, askedBy string) {
	c.tb.Helper()
	if m := c.until("keyboard"); *m.Writer != writer || *m.Mine != mine || *m.AskedBy != askedBy {
		c.tb.Errorf("the keyboard is %q's, mine %t, asked for by %q; want %q, %t, %q", *m.Writer, *m.Mine, *m.AskedBy, writer, mine, askedBy)
	}
}

// newConsole is a site with node n1, which prints "hello", and user ann, who is an administrator.
func newConsole(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.must("PUT", "/node/n1", strings.Replace(nodeBody, `"h"`, `"hello\r\n"`, 1))
	s.must("PUT", "/auth/basic/user/ann", `{"password": "ann-secret", "is_admin": true}`)
	return s
}

const joinPath = "/v0/node/n1/console/ws"

// TestSocket is the talk of two who watch one console.
func TestSocket(t *testing.T) {
	t.Parallel()
	s := newConsole(t)
	first := s.join(joinPath, "admin", "admin-secret")
	if m, _ := first.hear(); m.Type != "welcome" || *m.You != "admin" || *m.At != 0 || *m.Session == "" {
		t.Errorf("first comes %+v", m)
	}
	first.isKeyboard("", false, "")
	first.reads("hello\r\n")
	second := s.join(joinPath, "ann", "ann-secret")
	second.reads("hello\r\n")
	first.types("ls\r")
	first.isKeyboard("admin", true, "")
	first.reads("LS\r")
	second.reads("LS\r")

	second.types("x")
	if m := second.until("refused"); !strings.Contains(*m.Reason, "admin has the keyboard") {
		t.Errorf("refused: %q", *m.Reason)
	}
	second.says(`{"type": "ask"}`)
	first.isKeyboard("admin", true, "ann")
	first.says(`{"type": "keep"}`)
	first.isKeyboard("admin", true, "")
	second.says(`{"type": "ask"}`)
	first.isKeyboard("admin", true, "ann")
	first.says(`{"type": "give"}`)
	first.isKeyboard("ann", false, "")
	second.types("pwd\r")
	first.reads("PWD\r")

	s.must("DELETE", "/node/n1/console", "")
	for _, c := range []socket{first, second} {
		if m := c.until("end"); *m.Reason != "the console of node n1 was closed" || *m.Retry {
			t.Errorf("the end is %q, %t", *m.Reason, *m.Retry)
		}
		if _, _, err := c.conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("after the end: %v", err)
		}
	}
}

func TestSocketResumes(t *testing.T) {
	t.Parallel()
	s := newConsole(t)
	stays := s.join(joinPath, "ann", "ann-secret")
	stays.reads("hello\r\n")
	c := s.join(joinPath+"?tail=0", "admin", "admin-secret")
	session := *c.until("welcome").Session
	if err := c.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	stays.types("x")
	stays.reads("X")
	again := s.join(joinPath+"?resume="+session+".5", "admin", "admin-secret")
	if m := again.until("welcome"); *m.At != 5 || *m.Session != session {
		t.Errorf("welcome: %+v", m)
	}
	again.reads("\r\nX")
	elsewhere := s.join(joinPath+"?resume=OTHER.5&tail=1", "admin", "admin-secret")
	if m := elsewhere.until("lost"); *m.Bytes != 0 {
		t.Errorf("lost: %+v", m)
	}
	elsewhere.reads("X")
}

func TestSocketIsRefused(t *testing.T) {
	t.Parallel()
	s := newConsole(t)
	s.must("PUT", "/auth/basic/user/bob", `{"password": "bob-secret", "is_admin": false}`)
	for _, c := range []struct {
		what, path, user, password string
		header                     http.Header
		want                       int
	}{
		{"a stranger", joinPath, "bob", "bob-secret", nil, http.StatusUnauthorized},
		{"nobody", joinPath, "", "", nil, http.StatusUnauthorized},
		{"a missing node", "/v0/node/n7/console/ws", "admin", "admin-secret", nil, http.StatusNotFound},
		{"a page of another site", joinPath, "admin", "admin-secret", http.Header{"Origin": {"http://evil.example"}}, http.StatusForbidden},
		{"a page of another site, by a newer browser", joinPath, "admin", "admin-secret", http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		{"a bad tail", joinPath + "?tail=-1", "admin", "admin-secret", nil, http.StatusBadRequest},
		{"a bad switch", joinPath + "?take=perhaps", "admin", "admin-secret", nil, http.StatusBadRequest},
	} {
		conn, status, err := s.dial(c.path, c.user, c.password, c.header)
		if err == nil {
			_ = conn.CloseNow()
			t.Errorf("%s is let in", c.what)
			continue
		}
		if status != c.want {
			t.Errorf("%s: %d (%v), want %d", c.what, status, err, c.want)
		}
	}
	s.call("GET", joinPath, "").failure(t, 400, "ValidationError")
	s.do("GET", "/v0/node/n1/console?%74ake=true", nil, http.Header{"Sec-Fetch-Site": {"cross-site"}}).failure(t, 403, "AuthorizationError")
}

// TestSocketHearsNonsense goes on after what it does not understand.
func TestSocketHearsNonsense(t *testing.T) {
	t.Parallel()
	s := newConsole(t)
	c := s.join(joinPath, "admin", "admin-secret")
	c.reads("hello\r\n")
	for _, text := range []string{`{`, `[]`, `"ask"`, `{"type": "welcome"}`, `{"type": 5}`, ``} {
		c.says(text)
		if m := c.until("refused"); !strings.Contains(*m.Reason, `{"type": "ask"}`) {
			t.Errorf("%q is refused with %q", text, *m.Reason)
		}
	}
	c.types("ok")
	c.reads("OK")
	c.types(strings.Repeat("x", 65<<10))
	for {
		if _, _, err := c.conn.Read(t.Context()); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
				t.Errorf("too long a message: %v", err)
			}
			break
		}
	}
	s.join(joinPath, "admin", "admin-secret").until("welcome")
}

func TestConsoleTail(t *testing.T) {
	t.Parallel()
	s := newConsole(t)
	if r := s.call("GET", "/node/n1/console?follow=false", ""); r.status != 200 || r.body != "" {
		t.Errorf("before anybody watched: %d %q", r.status, r.body)
	}
	c := s.join(joinPath, "admin", "admin-secret")
	c.reads("hello\r\n")
	c.types("one\ntwo\n")
	c.reads("ONE\nTWO\n")
	for query, want := range map[string]string{"": "hello\r\nONE\nTWO\n", "&tail=1": "TWO\n", "&tail=0": "", "&tail=100": "hello\r\nONE\nTWO\n"} {
		if r := s.call("GET", "/node/n1/console?follow=false"+query, ""); r.status != 200 || r.body != want {
			t.Errorf("%q: %d %q, want %q", query, r.status, r.body, want)
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	if line, err := s.watch(ctx, "/node/n1/console?tail=1").ReadString('\n'); err != nil || line != "TWO\n" {
		t.Errorf("got %q, %v", line, err)
	}
	for _, query := range []string{"tail=x", "tail=-1", "tail=1000001", "tail=", "follow=perhaps", "tail=1&tail=2"} {
		s.call("GET", "/node/n1/console?"+query, "").failure(t, 400, "ValidationError")
	}
}

func TestConsoleLogState(t *testing.T) {
	t.Parallel()
	s := newConsole(t)
	if r := s.call("GET", "/node/n1/console/log", ""); r.status != 200 || r.body != `{"enabled":false,"bytes":0,"state":"closed","error":""}`+"\n" {
		t.Errorf("%d %s", r.status, r.body)
	}
	s.must("PUT", "/node/n1/console/log", `{"enabled": true}`)
	s.must("PUT", "/node/n1/console/log", `{"enabled": true}`)
	if r := s.call("GET", "/v0/node/n1/console/log", ""); r.status != 200 || !strings.Contains(r.body, `"enabled":true`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	s.must("PUT", "/node/n1/console/log", `{"enabled": false}`)
	s.call("PUT", "/node/n1/console/log", `{"enabled": "yes"}`).failure(t, 400, "ValidationError")
	s.call("PUT", "/node/n1/console/log", `{}`).failure(t, 400, "ValidationError")
	s.call("PUT", "/node/n7/console/log", `{"enabled": true}`).failure(t, 404, "NotFoundError")
	s.call("GET", "/node/n7/console/log", "").failure(t, 404, "NotFoundError")
}
