package remote

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/openapi/client"
)

const (
	// connectTimeout is how long a server may take to accept a connection.
	connectTimeout = 10 * time.Second
	// callTimeout is more than the server itself allows for the slowest device.
	callTimeout = 5 * time.Minute
)

// Server is a HaaS server, with a method for each of its operations.
type Server struct {
	*client.Client
	// Anonymous says that calls carry no user and password.
	Anonymous bool
	transport *http.Transport
	endpoint  string
}

// Dial prepares calls to the server. It reaches for nothing yet.
func Dial(s Settings) (*Server, error) {
	u, err := normalize(s.Endpoint)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout: connectTimeout,
		ForceAttemptHTTP2:   true,
		IdleConnTimeout:     time.Minute,
	}
	server := &Server{Anonymous: s.Username == "" && u.User == nil, transport: transport, endpoint: u.Redacted()}
	server.Client, err = client.NewClient(u.String(), client.WithHTTPClient(server.doer(callTimeout)), client.WithRequestEditorFn(
		func(_ context.Context, r *http.Request) error {
			if s.Username != "" {
				r.SetBasicAuth(s.Username, s.Password)
			}
			return nil
		}))
	return server, err
}

// Close gives up idle connections.
func (s *Server) Close() { s.transport.CloseIdleConnections() }

// Endpoint is the server's address without password.
func (s *Server) Endpoint() string { return s.endpoint }

// doer makes requests and explains why they fail; 0 means that answers may last for ever.
func (s *Server) doer(limit time.Duration) client.HttpRequestDoer {
	return doer{http: &http.Client{Transport: s.transport, Timeout: limit}, endpoint: s.endpoint}
}

type doer struct {
	http     *http.Client
	endpoint string
}

// Do is http.Client's.
func (d doer) Do(r *http.Request) (*http.Response, error) {
	resp, err := d.http.Do(r)
	if err != nil && r.Context().Err() == nil {
		return nil, &UnreachableError{Endpoint: d.endpoint, Err: err}
	}
	return resp, err
}

// Body is what the server answered a call with. An answer other than success is a *StatusError.
func Body(resp *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, &UnreachableError{Endpoint: resp.Request.URL.Host, Err: err}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, newStatusError(resp.StatusCode, body)
	}
	return body, nil
}

// Read is the answer to a call as a T.
func Read[T any](resp *http.Response, err error) (T, error) {
	var answer T
	body, err := Body(resp, err)
	if err != nil {
		return answer, err
	}
	if json.Unmarshal(body, &answer) != nil {
		return answer, &ForeignError{Address: resp.Request.URL.Redacted()}
	}
	return answer, nil
}

// Done is nil if the call succeeded.
func Done(resp *http.Response, err error) error {
	_, err = Body(resp, err)
	return err
}
