package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/api"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/drivers"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
)

// described is as much of the OpenAPI document as the tests look at.
type described struct {
	OpenAPI    string
	Paths      map[string]map[string]describedCall
	Components struct {
		Schemas map[string]struct {
			OneOf         []map[string]string
			Discriminator struct{ Mapping map[string]string }
			Properties    map[string]struct {
				WriteOnly bool
				Enum      []string
			}
		}
	}
}

type describedCall struct {
	OperationID string
	Summary     string
	Tags        []string
	Responses   map[string]any
	Security    *[]any
}

func describe(t testing.TB, file string, d api.Drivers) described {
	t.Helper()
	files, err := api.Documents(d)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, files[file])
}

func parse(t testing.TB, text []byte) described {
	t.Helper()
	var doc described
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	doc := describe(t, "openapi.json", drivers.Static{})
	for path, calls := range doc.Paths {
		for method, c := range calls {
			if c.OperationID == "" || c.Summary == "" || len(c.Tags) != 1 {
				t.Errorf("%s %s lacks id, summary or tag: %+v", method, path, c)
			}
			for _, status := range []string{"400", "500"} {
				if c.Responses[status] == nil {
					t.Errorf("%s does not declare %s", c.OperationID, status)
				}
			}
			if c.Responses["422"] != nil || c.Responses["default"] != nil {
				t.Errorf("%s declares what is never answered", c.OperationID)
			}
			if open := c.Security != nil; open == strings.HasPrefix(path, "/v0/") {
				t.Errorf("%s %s: open is %t", method, path, open)
			}
		}
	}
}

// TestEveryUseCaseHasItsOperation checks that the API and the service use the same words. What a use case would do, its
// plan, and what it would show without going on, are asked for with the operation of the use case itself; a page is none.
func TestEveryUseCaseHasItsOperation(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, calls := range describe(t, "openapi.json", drivers.Static{}).Paths {
		for _, c := range calls {
			ids = append(ids, c.OperationID)
		}
	}
	for m := range reflect.TypeFor[*service.Service]().Methods() {
		name := m.Name
		for _, suffix := range []string{"Plan", "Remembered", "Page"} {
			name = strings.TrimSuffix(name, suffix)
		}
		name = strings.ToLower(name)
		if !slices.ContainsFunc(ids, func(id string) bool { return strings.ReplaceAll(id, "-", "") == name }) {
			t.Errorf("the service's %s has no operation of that name", m.Name)
		}
	}
}

func TestReferencesLeadSomewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, name := range []string{"/openapi.json", "/openapi-3.0.json"} {
		var doc map[string]any
		text := s.call("GET", name, "").body
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		for _, ref := range regexp.MustCompile(`"#/(components/[^"]+)"`).FindAllStringSubmatch(text, -1) {
			if !reaches(doc, strings.Split(ref[1], "/")) {
				t.Errorf("%s: nothing is at %s", name, ref[1])
			}
		}
	}
}

func reaches(doc map[string]any, path []string) bool {
	for _, p := range path {
		doc, _ = doc[p].(map[string]any)
	}
	return doc != nil
}

func TestDocumentsCarryTheDriversSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, version := range map[string]string{"/openapi.json": "3.1.0", "/openapi-3.0.json": "3.0.3"} {
		doc := parse(t, []byte(s.call("GET", name, "").body))
		if doc.OpenAPI != version {
			t.Errorf("%s is OpenAPI %s", name, doc.OpenAPI)
		}
		schemas := doc.Components.Schemas
		if got := schemas["NodeOBM"].Discriminator.Mapping[obmType]; got != "#/components/schemas/OBMMock" {
			t.Errorf("%s: NodeOBM maps to %q", name, got)
		}
		settings := schemas["SwitchMock"].Properties
		if !settings["password"].WriteOnly || !slices.Equal(settings["type"].Enum, []string{switchType}) {
			t.Errorf("%s: SwitchMock is %+v", name, settings)
		}
	}
	for _, name := range []string{"/openapi.yaml", "/openapi-3.0.yaml"} {
		if r := s.call("GET", name, ""); r.status != 200 || !strings.Contains(r.body, "openapi: 3.") {
			t.Errorf("%s: got %d %.80s", name, r.status, r.body)
		}
	}
}

// changing are drivers that come and go.
type changing struct {
	generation atomic.Uint64
	types      atomic.Pointer[[]sdk.Type]
}

func (c *changing) Generation() uint64 { return c.generation.Load() }

func (c *changing) Types(kind string) []sdk.Type {
	if types := c.types.Load(); types != nil && kind == "switch" {
		return *types
	}
	return nil
}

func TestDocumentsFollowTheDrivers(t *testing.T) {
	t.Parallel()
	found := &changing{}
	handler := api.New(api.Config{Auth: auth.Null{}, Drivers: found, Log: hclog.NewNullLogger(), Version: "test"})
	get := func() described {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", http.NoBody))
		return parse(t, w.Body.Bytes())
	}
	if n := len(get().Components.Schemas["SwitchRegistration"].OneOf); n != 0 {
		t.Errorf("%d types without a driver", n)
	}
	found.types.Store(&[]sdk.Type{
		{URL: "http://a.example/switches/x-1", Title: "X", Settings: json.RawMessage(`{"type": "object"}`)},
		{URL: "http://b.example/switches/x-1", Title: "Another X", Settings: json.RawMessage(`{"$ref": "#/$defs/x"}`)},
		{URL: "http://c.example/switches/", Title: "Z", Settings: json.RawMessage(`junk`)},
	})
	found.generation.Add(1)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			mapping := get().Components.Schemas["SwitchRegistration"].Discriminator.Mapping
			want := map[string]string{
				"http://a.example/switches/x-1": "#/components/schemas/SwitchX-1",
				"http://b.example/switches/x-1": "#/components/schemas/SwitchX-12",
				"http://c.example/switches/":    "#/components/schemas/SwitchSwitches",
			}
			if !reflect.DeepEqual(mapping, want) {
				t.Errorf("got %v", mapping)
			}
		})
	}
	readers.Wait()
}
