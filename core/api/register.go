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
	// answers are those of success by status, for an operation whose body can be one of several.
	answers map[int]success
	// errors are the statuses of failures beside those that every call may have.
	errors []int
	// oldNames are the older spellings of members of the body, with the documented ones.
	oldNames map[string]string
	// nullable is the member of the body that may be null, if there is one.
	nullable string
	// removes says that a null removes a setting from a device; all members of the body but its type may be null.
	removes bool
	// open calls need no authentication.
	open bool
}

// success is an answer of success: what it means, and a zero value of each body that it may have.
type success struct {
	meaning string
	bodies  []any
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
		Responses: failures(op), Middlewares: huma.Middlewares{g.queryStage},
		// Negative: bodyStage has read the body already, with its own limits.
		MaxBodyBytes: -1, BodyReadTimeout: -1,
	}
	for status, a := range op.answers {
		o.Responses[strconv.Itoa(status)] = g.response(a)
	}
	if op.method != http.MethodGet {
		o.Middlewares = append(o.Middlewares, g.bodyStage(op, hasBody))
	}
	if op.open {
		o.Security = []map[string][]string{}
	}
	return o
}

func (g group) response(a success) *huma.Response {
	schema := &huma.Schema{}
	for _, body := range a.bodies {
		schema.OneOf = append(schema.OneOf, g.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(body), true, ""))
	}
	if len(schema.OneOf) == 1 {
		schema = schema.OneOf[0]
	}
	return &huma.Response{Description: a.meaning, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}
