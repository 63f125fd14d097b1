package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/CCI-MOC/haas/core"
)

// ErrorModel is the body of every error. It serves clients of both eras: type and msg are what HaaS and HIL always
// answered, the others are those of RFC 9457.
type ErrorModel struct {
	Type   string        `json:"type" example:"NotFoundError" doc:"The name of the error. Programs decide by it."`
	Title  string        `json:"title" example:"Not Found" doc:"What the status means."`
	Status int           `json:"status" example:"404" doc:"The status of the answer."`
	Detail string        `json:"detail" example:"node \"n7\" does not exist" doc:"What is wrong and what would help."`
	Msg    string        `json:"msg" example:"node \"n7\" does not exist" doc:"The same as detail."`
	Errors []ErrorDetail `json:"errors,omitempty" doc:"The arguments at fault, if single ones are."`
}

// ErrorDetail is one argument at fault. It never repeats the argument's value, which may be a secret.
type ErrorDetail struct {
	Location string `json:"location" example:"body.network" doc:"Where the argument stands."`
	Message  string `json:"message" example:"expected string" doc:"What is wrong with it."`
}

// Error is the text for people.
func (e *ErrorModel) Error() string { return e.Detail }

// GetStatus is the status of the answer.
func (e *ErrorModel) GetStatus() int { return e.Status }

// ContentType is RFC 9457's.
func (e *ErrorModel) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells a caller without permission how to log in.
func (e *ErrorModel) GetHeaders() http.Header {
	if e.Status != http.StatusUnauthorized {
		return nil
	}
	return http.Header{"Www-Authenticate": {`Basic realm="HaaS"`}}
}

// verdict is how a kind of error looks from outside.
type verdict struct {
	status int
	name   string
}

// verdictOf is the table of errors.
func verdictOf(e *core.Error) verdict {
	switch e.Kind {
	case core.Validation:
		return verdict{http.StatusBadRequest, "ValidationError"}
	case core.BadArgument:
		return verdict{http.StatusBadRequest, "BadArgumentError"}
	case core.Unauthorized:
		return verdict{http.StatusUnauthorized, "AuthorizationError"}
	case core.NotFound:
		return verdict{http.StatusNotFound, "NotFoundError"}
	case core.Duplicate:
		return verdict{http.StatusConflict, "DuplicateError"}
	case core.Blocked:
		return verdict{http.StatusConflict, "BlockedError"}
	case core.ProjectMismatch:
		return verdict{http.StatusConflict, "ProjectMismatchError"}
	case core.IllegalState:
		return verdict{http.StatusConflict, "IllegalStateError"}
	case core.Exhausted:
		return verdict{http.StatusConflict, "AllocationError"}
	case core.Refused:
		return verdict{http.StatusBadGateway, deviceError(e.Device)}
	case core.Unavailable:
		return verdict{http.StatusServiceUnavailable, deviceError(e.Device)}
	case core.Deadline:
		return verdict{http.StatusGatewayTimeout, deviceError(e.Device)}
	default:
		return verdict{http.StatusInternalServerError, "InternalError"}
	}
}

// deviceError is the name of the error of a kind of device.
func deviceError(device string) string {
	switch device {
	case "switch":
		return "SwitchError"
	case "obm":
		return "OBMError"
	case "headnode":
		return "HeadnodeError"
	default:
		return "UnavailableError"
	}
}

// nameOf is the name of an error that no *core.Error stands behind.
func nameOf(status int) string {
	switch status {
	case http.StatusForbidden:
		return "AuthorizationError"
	case http.StatusNotFound:
		return "NotFoundError"
	case http.StatusMethodNotAllowed:
		return "MethodNotAllowedError"
	case http.StatusInternalServerError:
		return "InternalError"
	default:
		return "ValidationError"
	}
}

// model turns an error of the service into the answer's body. What is not a *core.Error is none of the caller's
// business: its text goes to the log.
func (s *server) model(ctx context.Context, err error) *ErrorModel {
	e, ok := errors.AsType[*core.Error](err)
	if ok && e.Kind != core.Internal {
		return modelOf(e)
	}
	id := requestOf(ctx).id
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		s.Log.Debug("the caller went away", "request", id)
	} else {
		s.Log.Error("request failed", "request", id, "err", err)
	}
	return internal(id)
}

func modelOf(e *core.Error) *ErrorModel {
	v, text := verdictOf(e), brief(e.Error())
	m := &ErrorModel{Type: v.name, Title: http.StatusText(v.status), Status: v.status, Detail: text, Msg: text}
	if e.Field != "" {
		m.Errors = []ErrorDetail{{Location: e.Field, Message: brief(e.Text)}}
	}
	return m
}

func newModel(status int, text string) *ErrorModel {
	return &ErrorModel{Type: nameOf(status), Title: http.StatusText(status), Status: status, Detail: text, Msg: text}
}

// modelText is what the caller is told of an error; nothing of one that is none of the caller's business.
func modelText(err error) string {
	if m, ok := errors.AsType[*ErrorModel](err); ok {
		return m.Detail
	}
	if e, ok := errors.AsType[*core.Error](err); ok && e.Kind != core.Internal {
		return brief(e.Error())
	}
	return "the server failed"
}

func unavailable(text string) *ErrorModel {
	m := newModel(http.StatusServiceUnavailable, text)
	m.Type = "UnavailableError"
	return m
}

func internal(id string) *ErrorModel {
	return newModel(http.StatusInternalServerError, "the server failed; its log says why under request "+id)
}

// invalid is the answer to a malformed request. Its text names every argument at fault.
func invalid(details ...ErrorDetail) *ErrorModel {
	slices.SortFunc(details, func(a, b ErrorDetail) int { return strings.Compare(a.Location, b.Location) })
	var texts []string
	for _, d := range details {
		texts = append(texts, strings.TrimPrefix(d.Location, "body.")+": "+d.Message)
	}
	m := newModel(http.StatusBadRequest, "the request is not valid: "+strings.Join(texts, "; "))
	m.Errors = details
	return m
}

// useErrorModel makes Huma answer with ErrorModel, and take member names as they are written. Huma keeps these choices
// in package variables, so they are set once.
var useErrorModel = sync.OnceFunc(func() {
	huma.NewError = fromHuma
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
})

// fromHuma is Huma's complaint about a request as an ErrorModel: 400 instead of 422, and without values.
func fromHuma(status int, text string, errs ...error) huma.StatusError {
	if status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
		return newModel(status, text)
	}
	details := make([]ErrorDetail, 0, len(errs))
	for _, err := range errs {
		details = append(details, detailOf(err))
	}
	return invalid(details...)
}

// detailOf is one complaint of Huma's. Of a missing member it says that the object around it is at fault.
func detailOf(err error) ErrorDetail {
	var d huma.ErrorDetailer
	if !errors.As(err, &d) {
		return ErrorDetail{Location: "request", Message: "cannot be read"}
	}
	at, text := d.ErrorDetail().Location, d.ErrorDetail().Message
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	if rest, ok := strings.CutPrefix(text, before); ok {
		if name, ok := strings.CutSuffix(rest, after); ok {
			at, text = at+"."+name, "is missing"
		}
	}
	return ErrorDetail{Location: clip(at), Message: text}
}

// clip shortens what is repeated of a caller's text.
func clip(s string) string {
	const enough = 200
	if len(s) <= enough {
		return s
	}
	return strings.ToValidUTF8(s[:enough], "") + "..."
}

// brief leaves the middle out of a text that repeats a caller's long one: what is wrong stands at the beginning, what
// would help at the end.
func brief(s string) string {
	const enough = 1000
	if len(s) <= 2*enough {
		return s
	}
	return strings.ToValidUTF8(s[:enough], "") + " ... " + strings.ToValidUTF8(s[len(s)-enough:], "")
}

// write sends an error that was found before any operation was.
func write(w http.ResponseWriter, m *ErrorModel) {
	for name, values := range m.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", m.ContentType(""))
	w.WriteHeader(m.Status)
	// A failure to write means that the caller is gone.
	_ = json.NewEncoder(w).Encode(m)
}
