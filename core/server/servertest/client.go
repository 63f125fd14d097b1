package servertest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/store/storetest"
)

// Client makes requests as one user.
type Client struct {
	URL, User, Password string
	// ContentType is what the client says of its bodies; empty says nothing, as old clients do.
	ContentType string
	http        *http.Client
}

// As is a client of the server; an empty user sends no credentials.
func (s *Server) As(user, password string) Client {
	return Client{URL: s.URL, User: user, Password: password, http: s.http}
}

// At is a server that somebody else runs, a process of its own say. It cannot be stopped from here.
func At(t testing.TB, url string) *Server {
	t.Helper()
	s := &Server{URL: url, Log: &Log{}, http: newHTTP()}
	t.Cleanup(s.http.CloseIdleConnections)
	return s
}

// CloseIdle closes the connections that the server's clients keep for their next requests.
func (s *Server) CloseIdle() { s.http.CloseIdleConnections() }

// newHTTP keeps many connections, and follows no redirection: no client of the predecessor has to.
func newHTTP() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Answer is what a request was answered.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// JSON decodes the body.
func (a Answer) JSON(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("body is no JSON object: %v\n%s", err, a.Body)
	}
	return v
}

// List decodes a body that is a list of names.
func (a Answer) List(t testing.TB) []string {
	t.Helper()
	var v []string
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("body is no list: %v\n%s", err, a.Body)
	}
	return v
}

// Do makes a request with the path and the body as they stand.
func (c Client) Do(t testing.TB, method, path, body string) Answer {
	t.Helper()
	a, err := c.Try(t.Context(), method, path, body)
	must(t, err)
	return a
}

// Try is Do for requests that may find no server.
func (c Client) Try(ctx context.Context, method, path, body string) (Answer, error) {
	res, err := c.open(ctx, method, path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return Answer{Status: res.StatusCode, Body: string(text), Header: res.Header}, err
}

func (c Client) open(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return nil, err
	}
	if c.User != "" {
		req.SetBasicAuth(c.User, c.Password)
	}
	if c.ContentType != "" {
		req.Header.Set("Content-Type", c.ContentType)
	}
	return c.http.Do(req)
}

// Open makes a GET request whose answer does not end by itself, and must succeed.
func (c Client) Open(t testing.TB, path string) io.ReadCloser {
	t.Helper()
	res, err := c.open(t.Context(), http.MethodGet, path, http.NoBody)
	must(t, err)
	t.Cleanup(func() { _ = res.Body.Close() }) // it was only read
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", path, res.Status)
	}
	return res.Body
}

// OK makes a request that must succeed.
func (c Client) OK(t testing.TB, method, path, body string) Answer {
	t.Helper()
	a := c.Do(t, method, path, body)
	if a.Status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
	}
	return a
}

// Settled follows a networking action to its end and returns its last state.
func (c Client) Settled(t testing.TB, statusID string) map[string]any {
	t.Helper()
	var last map[string]any
	Eventually(t, "action "+statusID+" ends", func() (bool, any) {
		last = c.OK(t, "GET", "/v0/networking_action/"+statusID, "").JSON(t)
		return last["status"] != "PENDING", last
	})
	return last
}

// Act makes a networking request and follows its action to the end.
func (c Client) Act(t testing.TB, path, body string) map[string]any {
	t.Helper()
	id, ok := c.OK(t, "POST", path, body).JSON(t)["status_id"].(string)
	if !ok {
		t.Fatalf("POST %s: no status_id", path)
	}
	return c.Settled(t, id)
}

// Eventually waits until check says true, and fails with what it last saw if that takes too long.
func Eventually(t testing.TB, what string, check func() (ok bool, seen any)) {
	t.Helper()
	storetest.Eventually(t, what, check)
}
