package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/api"
)

const (
	// headerTimeout bounds how long a client may take to say what it wants.
	headerTimeout = 10 * time.Second
	// idleTimeout is how long a connection without requests is kept.
	idleTimeout = 2 * time.Minute
	// drainTimeout is how long requests may go on once the server is being stopped.
	drainTimeout = 10 * time.Second
	// maxHeader bounds a request's line and headers: the longest label in every place fits easily.
	maxHeader = 64 << 10
)

func (s *Server) listen(ctx context.Context) (net.Listener, error) {
	if !s.API || s.Listener != nil {
		return s.Listener, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Config.Server.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; stop what is there, or choose another port", s.Config.Server.Listen, err)
	}
	return l, nil
}

// serve answers requests until ctx ends, then lets those under way finish.
func (s *Server) serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: api.New(api.Config{
			Service: s.service, Auth: s.auth, Drivers: s.drivers, Log: s.Log.Named("api"), Version: s.Version,
		}),
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: s.Log.Named("http").StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		// Consoles and screens would go on for ever.
		s.consoles.Shutdown()
		s.screens.Shutdown()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		stopped <- errors.Join(server.Shutdown(drain), server.Close())
	})
	err := s.answer(server, l)
	if errors.Is(err, http.ErrServerClosed) {
		return <-stopped
	}
	stop()
	return err
}

func (s *Server) answer(server *http.Server, l net.Listener) error {
	c := s.Config.Server
	if c.TLSCert == "" {
		return server.Serve(l)
	}
	return server.ServeTLS(l, c.TLSCert, c.TLSKey)
}
