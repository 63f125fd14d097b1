package servertest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what is about to happen, on a busy machine.
const patience = 60 * time.Second

// Client makes requests as one user.
type Client struct {
	URL, User, Password string
}

// As is a client of the server; an empty user sends no credentials.
func (s *Server) As(user, password string) Client { return Client{s.URL, user, password} }

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

// Do makes a request with the body as it stands, and without a content type, as old clients do.
func (c Client) Do(t testing.TB, method, path, body string) Answer {
	t.Helper()
	a, err := c.Try(t.Context(), method, path, body)
	must(t, err)
	return a
}

// Try is Do for requests that may find no server.
func (c Client) Try(ctx context.Context, method, path, body string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	if c.User != "" {
		req.SetBasicAuth(c.User, c.Password)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return Answer{Status: res.StatusCode, Body: string(text), Header: res.Header}, err
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
	deadline := time.Now().Add(patience)
	for {
		ok, seen := check()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s; last seen: %v", patience, what, seen)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("test ended before: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// PortState is what a mock switch carries on a port.
type PortState struct {
	Native int   `json:"native"`
	Tagged []int `json:"tagged"`
	Up     bool  `json:"up"`
}

// Device is a mock switch as its file shows it.
type Device struct {
	Running, Saved map[string]PortState
	Visits, Saves  int
}

// Device reads the file of the mock switch with the host name; a device that was never visited is empty.
func (s *Site) Device(t testing.TB, hostname string) Device {
	t.Helper()
	var d Device
	text, err := os.ReadFile(filepath.Join(s.State, "switch-"+hostname+".json"))
	if os.IsNotExist(err) {
		return d
	}
	must(t, err)
	must(t, json.Unmarshal(text, &d))
	return d
}
