package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/headnode"
)

// fakeHost is a driver of a host whose machines print "hello" on their consoles and their screens.
type fakeHost struct{ headnode.Driver }

func (fakeHost) Info(context.Context) (sdk.Info, error) {
	return sdk.Info{Name: "headnode-mock", Version: "1", Types: []sdk.Type{
		{URL: hostType, Title: "Fake host", Settings: json.RawMessage(objectSchema)},
	}}, nil
}

func (fakeHost) Open(context.Context, sdk.Target) (headnode.Session, error) {
	return fakeHostSession{}, nil
}

type fakeHostSession struct{ headnode.Session }

func (fakeHostSession) Create(context.Context, headnode.Spec) error { return nil }
func (fakeHostSession) Start(context.Context, string) error         { return nil }
func (fakeHostSession) Delete(context.Context, string) error        { return nil }
func (fakeHostSession) Images(context.Context) ([]headnode.Image, error) {
	return []headnode.Image{{Name: "img1", Size: 7, Checksum: "sha256:00", Description: "Debian"}}, nil
}

func (fakeHostSession) Close() error { return nil }

func (fakeHostSession) State(context.Context, string) (headnode.State, error) {
	return headnode.State{Running: true, VNCPort: 5901}, nil
}

func (fakeHostSession) Console(ctx context.Context, _ string) (io.ReadWriteCloser, error) {
	return fakeController{host: "hello\r\n"}.Console(ctx)
}

func (s fakeHostSession) Screen(ctx context.Context, id string) (io.ReadWriteCloser, error) {
	return s.Console(ctx, id)
}

const vncPath = "/v0/headnode/h1/vnc"

// newHeadnode is a site with headnode h1, which was started, and user bob, who is a stranger to it.
func newHeadnode(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.must("PUT", "/project/p1", "")
	for _, h := range []string{"h1", "new"} {
		s.must("PUT", "/headnode/"+h, `{"project": "p1", "base_img": "img1"}`)
	}
	s.must("POST", "/headnode/h1/start", "")
	s.must("PUT", "/auth/basic/user/bob", `{"password": "bob-secret", "is_admin": false}`)
	return s
}

// TestHeadnodeConsole is like that of a node, and ends with the headnode.
func TestHeadnodeConsole(t *testing.T) {
	t.Parallel()
	s := newHeadnode(t)
	c := s.join("/v0/headnode/h1/console/ws", "admin", "admin-secret")
	c.reads("hello\r\n")
	c.types("ls\r")
	c.reads("LS\r")
	if line, err := s.watch(t.Context(), "/headnode/h1/console?tail=1").ReadString('\r'); err != nil || line != "LS\r" {
		t.Errorf("got %q, %v", line, err)
	}
	if r := s.call("GET", "/headnode/h1/console?follow=false", ""); r.status != 200 || r.body != "hello\r\nLS\r" {
		t.Errorf("remembered: %d %q", r.status, r.body)
	}
	s.must("DELETE", "/headnode/h1", "")
	if m := c.until("end"); *m.Reason != "headnode h1 was deleted" || *m.Retry {
		t.Errorf("the end is %q, %t", *m.Reason, *m.Retry)
	}
	s.call("GET", "/headnode/h1/console", "").failure(t, 404, "NotFoundError")
}

// readScreen reads from a screen until the text has come.
func readScreen(t *testing.T, conn *websocket.Conn, want string) {
	t.Helper()
	for got := ""; got != want; {
		kind, p, err := conn.Read(t.Context())
		if err != nil || kind != websocket.MessageBinary {
			t.Fatalf("read %q, %v %v, want %q", got, kind, err, want)
		}
		got += string(p)
	}
}

// TestScreen opens a headnode's screen twice. One viewer leaves, the headnode goes from under the other.
func TestScreen(t *testing.T) {
	t.Parallel()
	s := newHeadnode(t)
	header := http.Header{"Sec-Websocket-Protocol": {"binary"}}
	first, status, err := s.dial(vncPath, "admin", "admin-secret", header)
	if err != nil || first.Subprotocol() != "binary" {
		t.Fatalf("%d, %v", status, err)
	}
	second, status, err := s.dial(vncPath, "admin", "admin-secret", nil)
	if err != nil {
		t.Fatalf("%d, %v", status, err)
	}
	for _, conn := range []*websocket.Conn{first, second} {
		readScreen(t, conn, "hello\r\n")
		if err := conn.Write(t.Context(), websocket.MessageBinary, []byte("rfb")); err != nil {
			t.Fatal(err)
		}
		readScreen(t, conn, "RFB")
	}
	if err := first.Write(t.Context(), websocket.MessageText, []byte("rfb")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := first.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
		t.Errorf("a text message is answered %v", err)
	}
	s.must("DELETE", "/headnode/h1", "")
	if _, _, err := second.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("after the headnode was deleted: %v", err)
	}
}

func TestHeadnodeSocketsAreRefused(t *testing.T) {
	t.Parallel()
	s := newHeadnode(t)
	for _, path := range []string{vncPath, "/v0/headnode/h1/console/ws"} {
		for _, c := range []struct {
			what, headnode, user string
			header               http.Header
			want                 int
		}{
			{"a stranger", "h1", "bob", nil, http.StatusUnauthorized},
			{"nobody", "h1", "", nil, http.StatusUnauthorized},
			{"a missing headnode", "h7", "admin", nil, http.StatusNotFound},
			{"one that was never started", "new", "admin", nil, http.StatusConflict},
			{"a page of another site", "h1", "admin", http.Header{"Origin": {"http://evil.example"}}, http.StatusForbidden},
		} {
			conn, status, err := s.dial(strings.Replace(path, "h1", c.headnode, 1), c.user, c.user+"-secret", c.header)
			if err == nil {
				_ = conn.CloseNow()
				t.Errorf("%s: %s is let in", path, c.what)
				continue
			}
			if status != c.want {
				t.Errorf("%s: %s: %d (%v), want %d", path, c.what, status, err, c.want)
			}
		}
		s.call("GET", path, "").failure(t, 400, "ValidationError")
	}
	s.user, s.password = "bob", "bob-secret"
	for _, query := range []string{"", "?follow=false"} {
		s.call("GET", "/headnode/h1/console"+query, "").failure(t, 401, "AuthorizationError")
	}
}
