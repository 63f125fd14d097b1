package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/CCI-MOC/haas/core"
)

// readyTimeout is how long the database and the drivers have to answer: a load balancer does not wait longer.
const readyTimeout = 3 * time.Second

// Health is the answer of the health checks.
type Health struct {
	Status  string `json:"status" doc:"Always ok; a server that is not answers with an error." example:"ok"`
	Version string `json:"version" doc:"Version of the program." example:"1.0.0"`
}

func (s *server) health() {
	g := s.group("health", "For load balancers and supervisors. No credentials are needed.")
	ok := Health{Status: "ok", Version: s.Version}

	query(g, operation{
		id: "health", method: http.MethodGet, path: "/healthz", summary: "Tell that the server lives", open: true,
	}, func(context.Context, *struct{}) (Health, error) { return ok, nil })

	query(g, operation{
		id: "ready", method: http.MethodGet, path: "/readyz", summary: "Tell whether the server can work", open: true,
		description: "503 until the database answers and the drivers have been looked for.",
	}, func(ctx context.Context, _ *struct{}) (Health, error) { return ok, s.ready(ctx) })
}

// ready makes every reason not to be ready a 503.
func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	err := s.Service.Ready(ctx)
	if e, ok := errors.AsType[*core.Error](err); err == nil || ok && e.Kind == core.Unavailable {
		return err
	}
	s.Log.Warn("not ready", "err", err)
	return core.Errorf(core.Unavailable, "the server is not ready; its log says why")
}
