package cli_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/CCI-MOC/haas/cmd/haas/internal/cli"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a server that notes what it is asked, and answers what the test wants.
type fake struct {
	url string
	// answer decides; without it every call is answered with 200 and {}.
	answer func(http.ResponseWriter, *http.Request)
	// description is the server's openapi.json; asking for it is not noted.
	description string

	mu       sync.Mutex
	requests []string
}

func newFake(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *fake {
	t.Helper()
	f := &fake{answer: answer}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

// ServeHTTP notes method, path and body.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/openapi.json" {
		_, _ = io.WriteString(w, f.description)
		return
	}
	body, _ := io.ReadAll(r.Body)
	line := strings.TrimSpace(r.Method + " " + r.URL.RequestURI() + " " + string(body))
	f.mu.Lock()
	f.requests = append(f.requests, line)
	f.mu.Unlock()
	if f.answer != nil {
		f.answer(w, r)
		return
	}
	_, _ = io.WriteString(w, "{}")
}

// asked are the requests so far, one in a line.
func (f *fake) asked() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.requests, "\n")
}

// outcome is what a command did.
type outcome struct {
	status   int
	out, err string
}

// run runs a command against the fake.
func (f *fake) run(t *testing.T, args ...string) outcome {
	t.Helper()
	return run(t, map[string]string{"HAAS_ENDPOINT": f.url}, "", args...)
}

// runUntil is run with an end from outside.
func (f *fake) runUntil(ctx context.Context, t *testing.T, args ...string) outcome {
	t.Helper()
	return runUntil(ctx, t, map[string]string{"HAAS_ENDPOINT": f.url}, "", args...)
}

func run(t *testing.T, environment map[string]string, in string, args ...string) outcome {
	t.Helper()
	return runUntil(t.Context(), t, environment, in, args...)
}

func runUntil(ctx context.Context, t *testing.T, environment map[string]string, in string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	vars := maps.Clone(environment)
	env := cli.Env{
		In: strings.NewReader(in), Out: &out, Err: &err, Dir: t.TempDir(), Version: "test",
		Getenv: func(key string) string { return vars[key] },
	}
	status := cli.Run(ctx, cli.New(env), env, args)
	return outcome{status: status, out: out.String(), err: err.String()}
}

// say answers with a status and a body.
func say(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
