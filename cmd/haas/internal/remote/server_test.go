package remote_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dial(t *testing.T, s remote.Settings) *remote.Server {
	t.Helper()
	server, err := remote.Dial(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

func TestDialKeepsThePrefix(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		_, _ = io.WriteString(w, `["`+r.URL.EscapedPath()+" "+user+" "+password+`"]`)
	})
	for end, want := range map[string]string{"": "/v0/", "/": "/v0/", "/v0": "/v0/", "/v0/": "/v0/", "/haas": "/haas/v0/", "/haas/v0//": "/haas/v0/"} {
		got, err := remote.Read[[]string](dial(t, remote.Settings{Endpoint: url + end, Username: "u", Password: "p"}).ProjectNodes(t.Context(), "a/b c"))
		if want += "project/a%2Fb%20c/nodes u p"; err != nil || got[0] != want {
			t.Errorf("%q gives %q, %v, want %q", end, got, err, want)
		}
	}
}

func TestDialRefusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"", "haas", "127.0.0.1:5000", "ftp://haas", "http://", "http://haas?x=y", "http://haas#x", "http://h%zz"} {
		if _, err := remote.Dial(remote.Settings{Endpoint: endpoint}); err == nil || !strings.Contains(err.Error(), "HAAS_ENDPOINT") {
			t.Errorf("%q gives %v", endpoint, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	address := strings.Replace(gone.URL, "http://", "http://u:hush@", 1)
	err := remote.Done(dial(t, remote.Settings{Endpoint: address}).Health(t.Context()))
	if _, ok := errors.AsType[*remote.UnreachableError](err); !ok || !strings.Contains(err.Error(), "haas serve") {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("the password is in %v", err)
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	const answer = `{"components": {"schemas": {
		"NodeOBM": {"discriminator": {"mapping": {"http://x/obm/a": "#/components/schemas/OBMA"}}},
		"OBMA": {"properties": {"type": {"type": "string"}, "n": {"type": ["integer", "null"]}, "s": {"type": "string", "writeOnly": true, "title": "S"}}}
	}}}`
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/haas/openapi.json" {
			_, _ = io.WriteString(w, answer)
		}
	})
	got, err := dial(t, remote.Settings{Endpoint: url + "/haas/v0"}).Catalogue(t.Context(), remote.OBM)
	want := remote.Catalogue{"http://x/obm/a": {"n": {}, "s": {Type: "string", Secret: true, Text: "S"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := dial(t, remote.Settings{Endpoint: url}).Catalogue(t.Context(), remote.OBM); err != nil || got != nil {
		t.Errorf("of a server that does not describe itself: %v, %v", got, err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err = dial(t, remote.Settings{Endpoint: gone.URL}).Catalogue(t.Context(), remote.OBM)
	if _, ok := errors.AsType[*remote.UnreachableError](err); !ok {
		t.Errorf("of no server: %v", err)
	}
}

func TestUntrusted(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	err := remote.Done(dial(t, remote.Settings{Endpoint: s.URL}).Health(t.Context()))
	if err == nil || !strings.Contains(err.Error(), "SSL_CERT_FILE") {
		t.Errorf("got %v", err)
	}
}

func TestForeign(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	_, err := remote.Read[[]string](dial(t, remote.Settings{Endpoint: url}).ProjectList(t.Context(), nil))
	if _, ok := errors.AsType[*remote.ForeignError](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestStatusErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status             int
		body, text, advice string
		known              bool
	}{
		{404, `{"type":"NotFoundError","msg":"no node n1"}`, "no node n1", "", false},
		{401, `{"type":"AuthorizationError","msg":"who?"}`, "who?", "by setting HAAS_USERNAME", false},
		{401, `{"type":"AuthorizationError","msg":"no"}`, "no", "ask an administrator", true},
		{502, `{"type":"SwitchError","msg":"it refused"}`, "it refused", "the device's answer; mend", false},
		{503, `{"type":"SwitchError","msg":"no route"}`, "no route", "the switch's address", false},
		{504, `{"type":"OBMError","msg":"too late"}`, "too late", "haas driver list", false},
		{500, `{"type":"InternalError","msg":"the server failed"}`, "the server failed", "log", false},
		{404, `<html>`, "the server answered 404 Not Found", "HAAS_ENDPOINT", false},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		err := remote.Done(dial(t, remote.Settings{Endpoint: url}).ProjectCreate(t.Context(), "p1"))
		e, ok := errors.AsType[*remote.StatusError](err)
		if !ok || e.Status != c.status || e.Error() != c.text || string(e.Body) != c.body {
			t.Errorf("%d %s gives %v", c.status, c.body, err)
		}
		if advice := remote.Advice(err, !c.known); c.advice == "" != (advice == "") || !strings.Contains(advice, c.advice) {
			t.Errorf("%d %s advises %q, want %q", c.status, c.body, advice, c.advice)
		}
	}
}

func TestConsoleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "login: ")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	output, err := dial(t, remote.Settings{Endpoint: url}).Console(ctx, "n1", remote.ConsoleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	seen := make([]byte, len("login: "))
	if _, err := io.ReadFull(output, seen); err != nil || string(seen) != "login: " {
		t.Errorf("got %q, %v", seen, err)
	}
	cancel()
	if _, err := output.Read(seen); !errors.Is(err, context.Canceled) {
		t.Errorf("afterwards: %v", err)
	}
}
