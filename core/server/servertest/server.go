package servertest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/server"
)

// Server is a running server.
type Server struct {
	// URL is the address of the API, without a slash at its end.
	URL string
	// Log is what the server logged.
	Log *Log
	// Stop ends the server and waits for it; it may be called several times.
	Stop func()

	http  *http.Client
	ready chan string
	ended chan error
}

// Start runs the site's server in this process until the end of the test, or until it is stopped.
func (s *Site) Start(t testing.TB) *Server { return s.StartPart(t, true, true) }

// StartPart is Start for the API or the fabric alone.
func (s *Site) StartPart(t testing.TB, api, fabric bool) *Server {
	t.Helper()
	running := s.launch(t, api, fabric)
	select {
	case address := <-running.ready:
		running.URL = "http://" + address
	case err := <-running.ended:
		running.ended <- nil
		t.Fatalf("server ended before it was ready: %v\n%s", err, running.Log)
	}
	return running
}

// StartInVain runs the site's server, which must end by itself, and returns what it ended with.
func (s *Site) StartInVain(t testing.TB) error {
	t.Helper()
	running := s.launch(t, true, true)
	select {
	case address := <-running.ready:
		t.Fatalf("the server serves on %s", address)
		return nil
	case err := <-running.ended:
		running.ended <- nil
		return err
	}
}

func (s *Site) launch(t testing.TB, api, fabric bool) *Server {
	t.Helper()
	running := &Server{Log: &Log{}, http: newHTTP(), ready: make(chan string, 1), ended: make(chan error, 1)}
	cfg := s.load(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	srv, err := server.New(server.Options{
		Config: cfg, API: api, Fabric: fabric, Version: "test", Listener: listener,
		Log:     hclog.New(&hclog.LoggerOptions{Level: cfg.General.LogLevel, Output: running.Log}),
		OnReady: func(address string) { running.ready <- address },
	})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { running.ended <- srv.Run(ctx) }()
	var once sync.Once
	running.Stop = func() { once.Do(func() { running.stop(t, cancel) }) }
	t.Cleanup(func() {
		running.Stop()
		_ = listener.Close() // the server closes it, if it came that far
		if t.Failed() {
			t.Logf("the server's log ends with\n%s", running.Log.Tail(100))
		}
	})
	return running
}

func (s *Server) stop(t testing.TB, cancel context.CancelFunc) {
	t.Helper()
	cancel()
	if err := <-s.ended; err != nil {
		t.Errorf("server: %v", err)
	}
	s.http.CloseIdleConnections()
}
