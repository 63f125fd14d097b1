package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// refusal is how an error looks from outside.
type refusal struct {
	status int
	name   string
}

// The errors of section 1.2.
var (
	invalid      = refusal{400, "ValidationError"}
	badArgument  = refusal{400, "BadArgumentError"}
	unauthorized = refusal{401, "AuthorizationError"}
	notFound     = refusal{404, "NotFoundError"}
	notAllowed   = refusal{405, "MethodNotAllowedError"}
	duplicate    = refusal{409, "DuplicateError"}
	blocked      = refusal{409, "BlockedError"}
	mismatch     = refusal{409, "ProjectMismatchError"}
	illegalState = refusal{409, "IllegalStateError"}
	exhausted    = refusal{409, "AllocationError"}
)

// check wants the members that clients of both eras read, and that they agree.
func (r refusal) check(t *testing.T, request string, got servertest.Answer) {
	t.Helper()
	if got.Status != r.status {
		t.Fatalf("%s: want %d %s, got %d %s", request, r.status, r.name, got.Status, got.Body)
	}
	body := got.JSON(t)
	if body["type"] != r.name || body["title"] != http.StatusText(r.status) || body["status"] != float64(r.status) {
		t.Errorf("%s: want type %s, the title and the status %d, got %s", request, r.name, r.status, got.Body)
	}
	if body["msg"] == "" || body["msg"] != body["detail"] {
		t.Errorf("%s: msg and detail are not one text: %s", request, got.Body)
	}
	if asked := got.Header.Get("WWW-Authenticate"); (asked != "") != (r.status == 401) {
		t.Errorf("%s: %d with WWW-Authenticate %q", request, r.status, asked)
	}
}

// blames wants an error to name the argument at fault, both for people and for programs.
func blames(t *testing.T, got servertest.Answer, field string) {
	t.Helper()
	body := got.JSON(t)
	faults, _ := body["errors"].([]any)
	for _, f := range faults {
		at, _ := f.(map[string]any)["location"].(string)
		text, _ := body["msg"].(string)
		if strings.HasSuffix("."+at, "."+field) && strings.Contains(text, field) {
			return
		}
	}
	t.Errorf("does not blame %s: %s", field, got.Body)
}
