package cli_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote/remotetest"
	"github.com/CCI-MOC/haas/openapi/client"
)

// consoleOf runs a command beside the server's part of its session.
func consoleOf(t *testing.T, in string, serve func(*remotetest.Visit), args ...string) outcome {
	t.Helper()
	c := remotetest.NewConsole(t)
	result := make(chan outcome, 1)
	go func() { result <- run(t, map[string]string{"HAAS_ENDPOINT": c.URL}, in, args...) }()
	serve(c.Next(t))
	return <-result
}

func TestConsole(t *testing.T) {
	t.Parallel()
	got := consoleOf(t, "reboot\n", func(v *remotetest.Visit) {
		if uri := v.Request.URL.RequestURI(); uri != "/v0/node/n1/console/ws?tail=3&take=true" {
			t.Errorf("asked for %s", uri)
		}
		v.Welcome("s", 0)
		v.WantTyped("reboot\r")
		v.WantGone()
	}, "console", "n1", "--tail", "3", "--take", "--silence", "1ms")
	if want := (outcome{}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestConsoleOfAHeadnode(t *testing.T) {
	t.Parallel()
	got := consoleOf(t, "reboot\n", func(v *remotetest.Visit) {
		if uri := v.Request.URL.RequestURI(); uri != "/v0/headnode/h1/console/ws?tail=3" {
			t.Errorf("asked for %s", uri)
		}
		v.Welcome("s", 0)
		v.WantTyped("reboot\r")
		v.WantGone()
	}, "headnode", "console", "h1", "--tail", "3", "--silence", "1ms")
	if want := (outcome{}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestConsoleThatIsEnded(t *testing.T) {
	t.Parallel()
	got := consoleOf(t, "not to be typed", func(v *remotetest.Visit) {
		v.Welcome("s", 0)
		v.Print("login: \x1b[2J\xff")
		v.Tell(client.ConsoleMessage{Type: client.End, Reason: new("node n1 was released")})
		v.WantGone()
	}, "console", "n1", "--read-only")
	if want := (outcome{1, "login: \x1b[2J\xff", "haas console: the console of n1 has ended: node n1 was released\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestConsoleIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{http.StatusUnauthorized, `{"type":"AuthorizationError","msg":"who are you?"}`, "who are you?\nlog in by setting HAAS_USERNAME and HAAS_PASSWORD\n"},
		{http.StatusConflict, `{"type":"BlockedError","msg":"it is disabled"}`, "it is disabled\n"},
		{http.StatusServiceUnavailable, `{"type":"OBMError","msg":"SOL already active"}`, "SOL already active\nif somebody outside of HaaS holds the console, --take takes it over\n" +
			"\"haas driver list\" shows whether the drivers run; then try again\n"},
		{http.StatusNotFound, `{"type":"NotFoundError","msg":"no node n1"}`, "no node n1\n"},
	} {
		if got := newFake(t, say(c.status, c.body)).run(t, "console", "n1", "--take"); got.status != 1 || strings.Contains(got.err, "takes it over") {
			t.Errorf("got %+v", got)
		}
		for _, command := range []string{"console", "node console show"} {
			got := newFake(t, say(c.status, c.body)).run(t, append(strings.Fields(command), "n1")...)
			if want := (outcome{1, "", "haas " + command + ": " + c.want}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
}

func TestConsoleShowEndsWithoutErrorWhenInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("login: "))
		_ = http.NewResponseController(w).Flush()
		interrupt()
		<-r.Context().Done()
	})
	if got := f.runUntil(ctx, t, "node", "console", "show", "n"); got.status != 0 || got.err != "" {
		t.Errorf("got %+v", got)
	}
}
