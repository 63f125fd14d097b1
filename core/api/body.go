package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	// maxBody is far more than any call needs.
	maxBody = 1 << 20
	// bodyTimeout is how long a body may take: bodies are small, and slow ones hold a connection.
	bodyTimeout = 5 * time.Second
)

// members is a request's body: always a JSON object, whatever the Content-Type says, and {} if there is none.
type members map[string]json.RawMessage

// bodyStage is the first stage of every operation but GET: it reads the body, brings old spellings into the documented
// form, and refuses what Huma would let through.
func (s *server) bodyStage(op operation, hasBody bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		body, bad := readBody(ctx)
		if bad == nil {
			bad = op.respell(body)
		}
		if bad == nil {
			bad = op.check(body, hasBody)
		}
		if bad != nil {
			s.refuse(ctx, bad)
			return
		}
		next(withBody(ctx, body))
	}
}

// queryStage refuses query parameters without a value, which Huma takes for absent ones, and repeated ones, of which
// Huma takes the first: who asks for a dry run in the second must not get the real thing.
func (s *server) queryStage(ctx huma.Context, next func(huma.Context)) {
	u := ctx.URL()
	if u.RawQuery == "" {
		next(ctx)
		return
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		s.refuse(ctx, invalid(ErrorDetail{Location: "query", Message: "is not written as the rules for URLs demand"}))
		return
	}
	for name, values := range query {
		if len(values) > 1 || values[0] == "" {
			s.refuse(ctx, invalid(ErrorDetail{Location: "query." + clip(name), Message: "must have one value"}))
			return
		}
	}
	next(ctx)
}

func (s *server) refuse(ctx huma.Context, m *ErrorModel) {
	_, w := humago.Unwrap(ctx)
	write(w, m)
}

func readBody(ctx huma.Context) (members, *ErrorModel) {
	r, w := humago.Unwrap(ctx)
	raw, bad := readAll(r, w)
	if bad != nil {
		// The rest of the body stays unread, so the connection is of no more use.
		w.Header().Set("Connection", "close")
		return nil, bad
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return members{}, nil
	}
	var body members
	err := json.Unmarshal(raw, &body)
	switch {
	case err != nil && !json.Valid(raw):
		return nil, newModel(http.StatusBadRequest, "the request body is not valid JSON")
	case err != nil || body == nil:
		return nil, newModel(http.StatusBadRequest, "the request body must be a JSON object, like {\"name\": \"value\"}")
	}
	return body, nil
}

// readAll reads a body, for which the front has set a deadline. It lifts the deadline afterwards, because net/http
// takes a passed one for the caller's departure and would cancel a call that is still at work.
func readAll(r *http.Request, w http.ResponseWriter) ([]byte, *ErrorModel) {
	if r.ContentLength > maxBody {
		return nil, newModel(http.StatusRequestEntityTooLarge, "the request body is larger than 1 MiB")
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	var late net.Error
	switch {
	case errors.As(err, &late) && late.Timeout():
		return nil, newModel(http.StatusRequestTimeout, "the request body did not arrive in time")
	case err != nil:
		return nil, newModel(http.StatusBadRequest, "the request body ended too early")
	case len(raw) > maxBody:
		return nil, newModel(http.StatusRequestEntityTooLarge, "the request body is larger than 1 MiB")
	}
	_ = huma.SetReadDeadline(w, time.Time{})
	return raw, nil
}

// respell renames members that have an older spelling. Both spellings may be given if they say the same.
func (op operation) respell(body members) *ErrorModel {
	for old, name := range op.oldNames {
		value, given := body[old]
		if !given {
			continue
		}
		if other, both := body[name]; both && !bytes.Equal(value, other) {
			return invalid(ErrorDetail{Location: "body." + old, Message: "contradicts " + name + ", its newer name; give one of them"})
		}
		delete(body, old)
		body[name] = value
	}
	return nil
}

// check refuses nulls, which Huma takes for absent members, the character NUL, and members of a body where there should
// be none.
func (op operation) check(body members, hasBody bool) *ErrorModel {
	var bad []ErrorDetail
	for name, value := range body {
		switch {
		case !hasBody:
			bad = append(bad, ErrorDetail{Location: "body." + clip(name), Message: "unexpected property; this call takes none"})
		case string(value) == "null" && !op.takesNull(name):
			bad = append(bad, ErrorDetail{Location: "body." + clip(name), Message: "must not be null"})
		case hasNUL(name) || jsonHasNUL(value):
			bad = append(bad, ErrorDetail{Location: "body." + clip(name), Message: "must not contain the character NUL"})
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return invalid(bad...)
}

// takesNull reports whether a member of the body may be null.
func (op operation) takesNull(name string) bool {
	return name == op.nullable || op.removes && name != "type"
}

// bodyContext gives Huma a body that was read before.
type bodyContext struct {
	humaContext
	body []byte
}

// humaContext is embedded under a name that does not hide the method Context.
type humaContext huma.Context

func withBody(ctx huma.Context, body members) huma.Context {
	// Raw messages that were parsed before can be put together again.
	raw, _ := json.Marshal(body)
	return bodyContext{humaContext: ctx, body: raw}
}

// BodyReader reads the body again.
func (c bodyContext) BodyReader() io.Reader { return bytes.NewReader(c.body) }

// Header says that the body is JSON.
func (c bodyContext) Header(name string) string {
	if name == "Content-Type" {
		return "application/json"
	}
	return c.humaContext.Header(name)
}

// Unwrap is the context around the request itself.
func (c bodyContext) Unwrap() huma.Context { return c.humaContext }
