package remote

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// StatusError is an answer that says no.
type StatusError struct {
	Status int
	// Type is the name of the error, such as NotFoundError; empty if the answer was not HaaS's.
	Type string
	// Text is the server's sentence for people.
	Text string
	// Body is the answer as it came.
	Body []byte
}

func newStatusError(status int, body []byte) *StatusError {
	e := &StatusError{Status: status, Body: body}
	var answer struct{ Type, Msg string }
	if json.Unmarshal(body, &answer) == nil {
		e.Type, e.Text = answer.Type, answer.Msg
	}
	return e
}

// Error is the server's sentence, if it said one.
func (e *StatusError) Error() string {
	if e.Text != "" {
		return e.Text
	}
	return fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status))
}

// UnreachableError says that no answer came.
type UnreachableError struct {
	Endpoint string
	Err      error
}

// Error says what to do about it.
func (e *UnreachableError) Error() string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](e.Err); ok {
		return fmt.Sprintf("do not trust the HaaS server at %s: its certificate is signed by nobody known here; "+
			"name the signer's certificate in SSL_CERT_FILE", e.Endpoint)
	}
	return fmt.Sprintf("cannot reach the HaaS server at %s: %v; start it with \"haas serve\", or set HAAS_ENDPOINT to where it is",
		e.Endpoint, cause(e.Err))
}

// cause leaves out the method and address that url.Error repeats.
func cause(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// Unwrap is what went wrong below.
func (e *UnreachableError) Unwrap() error { return e.Err }

// ForeignError says that an answer came from something that is no HaaS server.
type ForeignError struct{ Address string }

// Error says what to do about it.
func (e *ForeignError) Error() string {
	return e.Address + " does not answer as a HaaS server does; check HAAS_ENDPOINT"
}

// Advice is what a person can do about an error, empty if the error says so itself.
func Advice(err error, anonymous bool) string {
	e, ok := errors.AsType[*StatusError](err)
	switch {
	case !ok:
		return ""
	case e.Type == "":
		return "check that HAAS_ENDPOINT is the address of a HaaS server"
	case e.Status == http.StatusUnauthorized && anonymous:
		return "log in by setting HAAS_USERNAME and HAAS_PASSWORD"
	case e.Status == http.StatusUnauthorized:
		return "check HAAS_USERNAME and HAAS_PASSWORD, or ask an administrator"
	case e.Status == http.StatusBadGateway:
		return "that is the device's answer; mend what it names before you try again"
	case e.Type == "SwitchError":
		return "check the switch's address and the way to it; \"haas driver list\" shows whether its driver runs"
	case e.Status == http.StatusServiceUnavailable || e.Status == http.StatusGatewayTimeout:
		return "\"haas driver list\" shows whether the drivers run; then try again"
	case strings.HasPrefix(e.Type, "Internal"):
		return "ask an administrator to look into the server's log"
	default:
		return ""
	}
}
