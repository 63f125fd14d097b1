package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
)

// TestConsole watches a console by two viewers, until one leaves and the console is closed under the other.
func TestConsole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/node/n1", strings.Replace(nodeBody, `"h"`, `"hello\r\n"`, 1))
	ctx, leave := context.WithCancel(t.Context())
	first := s.watch(ctx, "/node/n1/console")
	second := s.watch(t.Context(), "/v0/node/n1/console")
	for _, viewer := range []*bufio.Reader{first, second} {
		if line, err := viewer.ReadString('\n'); err != nil || line != "hello\r\n" {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	leave()
	if _, err := first.ReadByte(); err == nil {
		t.Error("a viewer who left still reads")
	}
	s.must("DELETE", "/node/n1/console", "")
	if b, err := second.ReadByte(); err == nil {
		t.Errorf("a closed console still says %q", b)
	}
}

func TestASilentConsoleIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/node/n1", strings.Replace(nodeBody, `"h"`, `""`, 1))
	s.watch(t.Context(), "/node/n1/console")
}

func TestConsoleHeadersAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("PUT", "/node/n1", nodeBody)
	r := s.call("HEAD", "/node/n1/console", "")
	if r.status != 200 || r.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("got %d, %v", r.status, r.header)
	}
	s.call("GET", "/node/n2/console", "").failure(t, 404, "NotFoundError")
}

// watch begins to read a console; it returns once the headers are there, though nothing else may be.
func (s *site) watch(ctx context.Context, path string) *bufio.Reader {
	s.tb.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, http.NoBody)
	if err != nil {
		s.tb.Fatal(err)
	}
	r.SetBasicAuth(s.user, s.password)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { _ = resp.Body.Close() }) // it was only read
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "application/octet-stream" {
		s.tb.Fatalf("got %d %s", resp.StatusCode, got)
	}
	return bufio.NewReader(resp.Body)
}
