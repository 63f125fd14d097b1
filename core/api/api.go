// Package api speaks HTTP: it maps every call of HaaS and HIL to one method of the service, and the service's errors
// to statuses and bodies. Paths, old spellings, status codes and JSON shapes exist only here; rules about nodes,
// networks and projects do not.
package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
)

// Drivers knows the types of devices that can be registered; the driver manager does.
type Drivers interface {
	// Types are the types that drivers of the kind ("switch", "obm", "headnode") serve.
	Types(kind string) []sdk.Type
	// Generation changes whenever Types does.
	Generation() uint64
}

// Config is what the API is made of. All members are required.
type Config struct {
	Service *service.Service
	Auth    auth.Authenticator
	Drivers Drivers
	Log     hclog.Logger
	// Version is the program's, told by /healthz.
	Version string
}

// server holds what the handlers need.
type server struct {
	Config
	api huma.API
}

// New is the handler of everything the server answers: the API, its description, the pages for people and the health checks.
//
// It sets no limit on how long an answer takes, since consoles have no end. The http.Server around it should have a
// ReadHeaderTimeout and neither a ReadTimeout nor a WriteTimeout: bodies have their own deadline here.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	s := declare(mux, c)
	newDocuments(s.api.OpenAPI(), c.Drivers, c.Log).mount(mux)
	s.pages(mux)
	mux.HandleFunc("/", unmatched(mux))
	return &front{mux: mux, log: c.Log, guard: http.NewCrossOriginProtection()}
}

// declare registers every operation on the mux.
func declare(mux *http.ServeMux, c Config) *server {
	useErrorModel()
	s := &server{Config: c, api: humago.New(mux, description())}
	declareFailures(s.api.OpenAPI().Components)
	declareDevices(s.api.OpenAPI().Components.Schemas)
	s.projects()
	s.nodes()
	s.nics()
	s.power()
	s.console()
	s.networks()
	s.actions()
	s.switches()
	s.ports()
	s.headnodes()
	s.users()
	s.drivers()
	s.health()
	return s
}

// requestKey is where the front leaves a request's facts in its context.
type requestKey struct{}

// request is what operations know of the HTTP request beside their arguments.
type request struct {
	// id is in the log and in the answer's X-Request-Id.
	id string
	// name and password are the caller's; given says that there was an Authorization header.
	name, password string
	given          bool
	// forwarded says that another server has passed the request on.
	forwarded bool
}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}
