package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/CCI-MOC/haas/core/auth"
)

// operation describes a call beyond what the types of its arguments and its answer say.
type operation struct {
	// id is the service's method in words: NodeConnectNetwork is node-connect-network.
	id      string
	method  string
	path    string
	summary string
	// description adds what the summary leaves out; it may be empty.
	description string
	// status is that of success, 200 if it is 0.
	status int
	// errors are the statuses of failures beside those that every call may have.
	errors []int
	// oldNames are the older spellings of members of the body, with the documented ones.
	oldNames map[string]string
	// nullable is the member of the body that may be null, if there is one.
	nullable string
	// open calls need no authentication.
	open bool
}

// group is where the operations of one noun are declared.
type group struct {
	*server
	tag string
}

func (s *server) group(tag, description string) group {
	doc := s.api.OpenAPI()
	doc.Tags = append(doc.Tags, &huma.Tag{Name: tag, Description: description})
	return group{server: s, tag: tag}
}

// register declares an operation to Huma, and nothing else does. A request passes, in this order: its body and
// arguments (400), authentication (401), one call of the service.
func register[I, O any](g group, op operation, call func(context.Context, *I) (*O, error)) {
	_, hasBody := reflect.TypeFor[I]().FieldByName("Body")
	huma.Register(g.api, g.describe(op, hasBody), func(ctx context.Context, in *I) (*O, error) {
		ctx, err := g.authenticate(ctx, op)
		if err != nil {
			return nil, g.model(ctx, err)
		}
		out, err := call(ctx, in)
		if err != nil {
			return nil, g.model(ctx, err)
		}
		return out, nil
	})
}

// command declares an operation that answers with a status alone.
func command[I any](g group, op operation, call func(context.Context, *I) error) {
	register(g, op, func(ctx context.Context, in *I) (*struct{}, error) { return nil, call(ctx, in) })
}

// result is an answer with a JSON body.
type result[T any] struct{ Body T }

// query declares an operation that answers with a T.
func query[I, T any](g group, op operation, call func(context.Context, *I) (T, error)) {
	register(g, op, func(ctx context.Context, in *I) (*result[T], error) {
		body, err := call(ctx, in)
		return &result[T]{Body: body}, err
	})
}

// authenticate puts the caller into the context.
func (s *server) authenticate(ctx context.Context, op operation) (context.Context, error) {
	if op.open {
		return ctx, nil
	}
	r := requestOf(ctx)
	caller, err := s.Auth.Authenticate(ctx, r.name, r.password, r.given)
	if err != nil {
		return ctx, err
	}
	return auth.With(ctx, caller), nil
}

// describe is the operation in Huma's terms.
func (g group) describe(op operation, hasBody bool) huma.Operation {
	o := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{g.tag},
		Summary: op.summary, Description: op.description, DefaultStatus: max(op.status, http.StatusOK),
		Responses: g.failures(op), Middlewares: huma.Middlewares{g.queryStage},
		// Negative: bodyStage has read the body already, with its own limits.
		MaxBodyBytes: -1, BodyReadTimeout: -1,
	}
	if op.method != http.MethodGet {
		o.Middlewares = append(o.Middlewares, g.bodyStage(op, hasBody))
	}
	if op.open {
		o.Security = []map[string][]string{}
	}
	return o
}

// failures are the error answers of an operation. They are not left to Huma, which would add a 422 that nobody gets.
func (g group) failures(op operation) map[string]*huma.Response {
	statuses := []int{http.StatusBadRequest, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if !op.open {
		statuses = append(statuses, http.StatusUnauthorized)
	}
	if op.method != http.MethodGet {
		statuses = append(statuses, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge)
	}
	schema := g.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ErrorModel](), true, "")
	responses := map[string]*huma.Response{}
	for _, status := range append(statuses, op.errors...) {
		responses[strconv.Itoa(status)] = &huma.Response{
			Description: meaning(status),
			Content:     map[string]*huma.MediaType{(*ErrorModel)(nil).ContentType(""): {Schema: schema}},
		}
	}
	return responses
}

// meaning says when a status is answered.
func meaning(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "The request is malformed (ValidationError), or an argument makes no sense (BadArgumentError)."
	case http.StatusUnauthorized:
		return "The caller is unknown, or not permitted to do this (AuthorizationError)."
	case http.StatusForbidden:
		return "A browser sent the request for a page of another site (AuthorizationError)."
	case http.StatusNotFound:
		return "A named object does not exist (NotFoundError)."
	case http.StatusConflict:
		return "The state of things forbids it (DuplicateError, BlockedError, ProjectMismatchError, IllegalStateError, AllocationError)."
	case http.StatusRequestTimeout:
		return "The body did not arrive in time."
	case http.StatusRequestEntityTooLarge:
		return "The body is larger than 1 MiB."
	case http.StatusBadGateway:
		return "The device refused (SwitchError, OBMError, HeadnodeError)."
	case http.StatusServiceUnavailable:
		return "The database, the device or its driver cannot be reached now."
	case http.StatusGatewayTimeout:
		return "The device did not answer in time."
	default:
		return http.StatusText(status)
	}
}
