package remote_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/cmd/haas/internal/remote/remotetest"
	"github.com/CCI-MOC/haas/openapi/client"
)

// attachTo joins the console of node n/1 and waits for the server to have the visit.
func attachTo(t *testing.T, c *remotetest.Console, o remote.ConsoleOptions) (*remote.Attachment, *remotetest.Visit) {
	t.Helper()
	server := dial(t, remote.Settings{Endpoint: c.URL + "/haas", Username: "u", Password: "p"})
	result := make(chan *remote.Attachment, 1)
	go func() {
		a, err := server.Attach(t.Context(), "n/1", o)
		if err != nil {
			t.Errorf("attach: %v", err)
		}
		result <- a
	}()
	v := c.Next(t)
	a := <-result
	if a == nil {
		t.FailNow()
	}
	t.Cleanup(a.Close)
	return a, v
}

// output receives n bytes of output.
func output(t *testing.T, a *remote.Attachment, n int) string {
	t.Helper()
	var all []byte
	for len(all) < n {
		piece, m, err := a.Receive()
		if err != nil || m != nil {
			t.Fatalf("got %+v, %v after %d bytes of output", m, err, len(all))
		}
		all = append(all, piece...)
	}
	return string(all)
}

func received(t *testing.T, a *remote.Attachment) client.ConsoleMessage {
	t.Helper()
	piece, m, err := a.Receive()
	if err != nil || m == nil {
		t.Fatalf("got %q, %v instead of a message", piece, err)
	}
	return *m
}

func TestAttachAsksAsOtherCallsDo(t *testing.T) {
	t.Parallel()
	_, v := attachTo(t, remotetest.NewConsole(t), remote.ConsoleOptions{Tail: new(int64(7)), Take: true, Resume: "s.1"})
	user, password, _ := v.Request.BasicAuth()
	if got, want := v.Request.URL.RequestURI(), "/haas/v0/node/n%2F1/console/ws?tail=7&take=true&resume=s.1"; got != want || user != "u" || password != "p" {
		t.Errorf("got %s as %s:%s, want %s", got, user, password, want)
	}
}

func TestAttachmentKeepsItsPosition(t *testing.T) {
	t.Parallel()
	a, v := attachTo(t, remotetest.NewConsole(t), remote.ConsoleOptions{})
	if a.Position() != "" {
		t.Errorf("before the welcome: %s", a.Position())
	}
	want := func(position string) {
		t.Helper()
		if got := a.Position(); got != position {
			t.Errorf("at %s, want %s", got, position)
		}
	}
	v.Welcome("se.ss", 5120)
	if m := received(t, a); m.Type != client.Welcome || *m.You != "ann" {
		t.Errorf("got %+v", m)
	}
	received(t, a)
	want("se.ss.5120")
	long := strings.Repeat("0123456789", 100_000)
	v.Print(long)
	if got := output(t, a, len(long)); got != long {
		t.Errorf("%d bytes of output differ", len(got))
	}
	want("se.ss.1005120")
	v.Print("")
	v.Tell(client.ConsoleMessage{Type: client.Lost, Bytes: new(int64(30))})
	if m := received(t, a); *m.Bytes != 30 {
		t.Errorf("got %+v", m)
	}
	want("se.ss.1005150")
	v.Tell(client.ConsoleMessage{Type: client.Welcome, Session: new("new"), At: new(int64(3))})
	received(t, a)
	want("new.3")
}

func TestAttachmentSends(t *testing.T) {
	t.Parallel()
	a, v := attachTo(t, remotetest.NewConsole(t), remote.ConsoleOptions{})
	if err := errors.Join(a.Type([]byte("a\x03\xff")), a.Tell(client.Ask), a.Type([]byte("b"))); err != nil {
		t.Error(err)
	}
	v.WantTyped("a\x03\xff")
	v.WantTold(`{"type":"ask"}`)
	v.WantTyped("b")
	a.Close()
	v.WantGone()
}

// TestTypingDoesNotRunAhead counts what comes between two pings.
func TestTypingDoesNotRunAhead(t *testing.T) {
	t.Parallel()
	read, pings := 0, 0
	done := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: func(context.Context, []byte) bool {
			pings++
			return true
		}})
		if err != nil {
			t.Error(err)
			return
		}
		for {
			_, message, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			if read += len(message); len(message) > 1<<10 || read > (pings+1)*5<<10 {
				t.Errorf("a message of %d bytes after %d bytes and %d pings", len(message), read, pings)
			}
		}
	})
	a, err := dial(t, remote.Settings{Endpoint: url}).Attach(t.Context(), "n", remote.ConsoleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _, _ = a.Receive() }() // the answers to pings
	for range 10 {
		if err := a.Type(make([]byte, 5000)); err != nil {
			t.Error(err)
		}
	}
	a.Close()
	if <-done; read != 50_000 {
		t.Errorf("%d bytes came", read)
	}
}

func TestAttachmentBreaks(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*remote.Attachment, *remotetest.Visit){
		"when the connection does":           func(_ *remote.Attachment, v *remotetest.Visit) { v.Drop() },
		"when it is closed meanwhile":        func(a *remote.Attachment, _ *remotetest.Visit) { a.Close() },
		"over a text that is no JSON":        func(_ *remote.Attachment, v *remotetest.Visit) { v.Say("hello") },
		"over a text that is endlessly long": func(_ *remote.Attachment, v *remotetest.Visit) { v.Say(strings.Repeat(" ", 1<<20) + "{}") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, v := attachTo(t, remotetest.NewConsole(t), remote.ConsoleOptions{})
			go breakIt(a, v)
			if piece, m, err := a.Receive(); err == nil {
				t.Errorf("got %q, %+v", piece, m)
			}
		})
	}
}

// TestAttachmentNoticesADeadServer has a server that does not even answer a ping.
func TestAttachmentNoticesADeadServer(t *testing.T) {
	t.Parallel()
	alive := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		<-alive
		_ = conn.CloseNow()
	})
	defer close(alive)
	a, err := dial(t, remote.Settings{Endpoint: url}).Attach(t.Context(), "n", remote.ConsoleOptions{PingEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if piece, m, err := a.Receive(); err == nil {
		t.Errorf("got %q, %+v", piece, m)
	}
}

// TestAttachmentBelievesASlowReader does not receive for a while, so that the server's pongs wait unread.
func TestAttachmentBelievesASlowReader(t *testing.T) {
	t.Parallel()
	pings, enough := make(chan struct{}), make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OnPingReceived: func(_ context.Context, _ []byte) bool {
			select {
			case pings <- struct{}{}:
				return false
			case <-enough:
				return true
			}
		}})
		if err != nil {
			t.Error(err)
			return
		}
		if err := conn.Write(r.Context(), websocket.MessageBinary, []byte("late")); err != nil {
			t.Error(err)
		}
		_, _, _ = conn.Read(r.Context())
	})
	a, err := dial(t, remote.Settings{Endpoint: url}).Attach(t.Context(), "n", remote.ConsoleOptions{PingEvery: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	<-pings
	<-pings // the first one was not answered in time
	close(enough)
	if got := output(t, a, len("late")); got != "late" {
		t.Errorf("got %q", got)
	}
}

func TestAttachIsRefusedAsOtherCallsAre(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 1000)
	c := remotetest.NewConsole(t)
	server := dial(t, remote.Settings{Endpoint: c.URL})
	for _, status := range []int{401, 404, 409, 502, 503, 504} {
		c.Refuse(1, status, `{"type":"SomeError","msg":"`+long+`"}`)
		_, err := server.Attach(t.Context(), "n", remote.ConsoleOptions{})
		e, ok := errors.AsType[*remote.StatusError](err)
		if !ok || e.Status != status || e.Type != "SomeError" || err.Error() != long {
			t.Errorf("%d gives %v", status, err)
		}
	}
	c.Refuse(1, 200, "<html>")
	if _, err := server.Attach(t.Context(), "n", remote.ConsoleOptions{}); !isForeign(err) {
		t.Errorf("another server: %v", err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err := dial(t, remote.Settings{Endpoint: strings.Replace(gone.URL, "http://", "http://u:hush@", 1)}).Attach(t.Context(), "n", remote.ConsoleOptions{})
	if _, ok := errors.AsType[*remote.UnreachableError](err); !ok || strings.Contains(err.Error(), "hush") {
		t.Errorf("no server: %v", err)
	}
}

func isForeign(err error) bool {
	_, ok := errors.AsType[*remote.ForeignError](err)
	return ok
}

func TestConsoleOptions(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.RequestURI()) })
	for want, o := range map[string]remote.ConsoleOptions{
		"":                                {},
		"?tail=0&follow=false":            {Tail: new(int64(0)), Remembered: true},
		"?tail=12&take=true&follow=false": {Tail: new(int64(12)), Take: true, Remembered: true},
	} {
		from, err := dial(t, remote.Settings{Endpoint: url}).Console(t.Context(), "n/1", o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(from)
		if err := errors.Join(err, from.Close()); err != nil || string(got) != "/v0/node/n%2F1/console"+want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
