package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// meanings are the statuses of failures, with what they tell.
var meanings = map[int]string{
	http.StatusBadRequest:            "The request is malformed (ValidationError), or an argument makes no sense (BadArgumentError).",
	http.StatusUnauthorized:          "The caller is unknown, or not permitted to do this (AuthorizationError).",
	http.StatusForbidden:             "A browser sent the request for a page of another site (AuthorizationError).",
	http.StatusNotFound:              "A named object does not exist (NotFoundError).",
	http.StatusRequestTimeout:        "The body did not arrive in time (ValidationError).",
	http.StatusConflict:              "The state of things forbids it (DuplicateError, BlockedError, ProjectMismatchError, IllegalStateError, AllocationError).",
	http.StatusRequestEntityTooLarge: "The body is larger than 1 MiB (ValidationError).",
	http.StatusInternalServerError:   "The server failed; its log says why (InternalError).",
	http.StatusBadGateway:            "The device refused (SwitchError, OBMError, HeadnodeError).",
	http.StatusServiceUnavailable:    "The database, the device or its driver cannot be reached now (UnavailableError, SwitchError, OBMError, HeadnodeError).",
	http.StatusGatewayTimeout:        "The device did not answer in time (SwitchError, OBMError, HeadnodeError).",
}

// declareFailures describes each failure once, for operations to refer to.
func declareFailures(c *huma.Components) {
	schema := c.Schemas.Schema(reflect.TypeFor[ErrorModel](), true, "")
	c.Responses = map[string]*huma.Response{}
	for status, text := range meanings {
		r := &huma.Response{
			Description: text,
			Content:     map[string]*huma.MediaType{(*ErrorModel)(nil).ContentType(""): {Schema: schema}},
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
