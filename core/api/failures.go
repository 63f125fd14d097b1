package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// meaning is what a status of failure tells, and an example of an answer: the error's name and its text.
type meaning struct{ text, name, example string }

// meanings are the statuses of failures.
var meanings = map[int]meaning{
	http.StatusBadRequest:            {"The request is malformed (ValidationError), or an argument makes no sense (BadArgumentError).", "ValidationError", "body.network: expected string"},
	http.StatusUnauthorized:          {"The caller is unknown, or not permitted to do this (AuthorizationError).", "AuthorizationError", "the user name or the password is wrong"},
	http.StatusForbidden:             {"A browser sent the request for a page of another site (AuthorizationError).", "AuthorizationError", "requests of other web sites are refused; call the server from its own pages, or by a program"},
	http.StatusNotFound:              {"A named object does not exist (NotFoundError).", "NotFoundError", "node \"n7\" does not exist"},
	http.StatusRequestTimeout:        {"The body did not arrive in time (ValidationError).", "ValidationError", "the request body did not arrive in time"},
	http.StatusConflict:              {"The state of things forbids it (DuplicateError, BlockedError, ProjectMismatchError, IllegalStateError, AllocationError).", "BlockedError", "NIC eth0 is on network w1 already"},
	http.StatusRequestEntityTooLarge: {"The body is larger than 1 MiB (ValidationError).", "ValidationError", "the request body is larger than 1 MiB"},
	http.StatusInternalServerError:   {"The server failed; its log says why (InternalError).", "InternalError", "the server failed"},
	http.StatusBadGateway:            {"The device refused (SwitchError, OBMError, HeadnodeError).", "OBMError", "the node has no such boot device"},
	http.StatusServiceUnavailable:    {"The database, the device or its driver cannot be reached now (UnavailableError, SwitchError, OBMError, HeadnodeError).", "UnavailableError", "the database cannot be reached now; try again"},
	http.StatusGatewayTimeout:        {"The device did not answer in time (SwitchError, OBMError, HeadnodeError).", "OBMError", "the device did not answer in time; try again"},
}

// declareFailures describes each failure once, for operations to refer to.
func declareFailures(c *huma.Components) {
	schema := c.Schemas.Schema(reflect.TypeFor[ErrorModel](), true, "")
	c.Responses = map[string]*huma.Response{}
	for status, m := range meanings {
		example := newModel(status, m.example)
		example.Type = m.name
		r := &huma.Response{
			Description: m.text,
			Content: map[string]*huma.MediaType{
				(*ErrorModel)(nil).ContentType(""): {Schema: schema, Example: example},
			},
		}
		if status == http.StatusUnauthorized {
			r.Headers = map[string]*huma.Header{"WWW-Authenticate": {
				Description: "How to log in.", Schema: &huma.Schema{Type: huma.TypeString},
			}}
		}
		c.Responses[failureName(status)] = r
	}
}

// failureName is BadRequest for 400.
func failureName(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }

// failures are the error answers of an operation. They are not left to Huma, which would add a 422 that nobody gets.
func failures(op operation) map[string]*huma.Response {
	statuses := []int{http.StatusBadRequest, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if !op.open {
		statuses = append(statuses, http.StatusUnauthorized)
	}
	if op.method != http.MethodGet {
		statuses = append(statuses, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge)
	}
	responses := map[string]*huma.Response{}
	for _, status := range append(statuses, op.errors...) {
		responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + failureName(status)}
	}
	return responses
}
