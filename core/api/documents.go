package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/yaml"
	"github.com/hashicorp/go-hclog"
)

// apiVersion is the version of the API, not of the program: it changes when the API does.
const apiVersion = "0.5.0"

// description is what the document says about the API as a whole, and how Huma is to behave.
func description() huma.Config {
	c := huma.DefaultConfig("HaaS", apiVersion)
	c.Info.Description = "Hardware as a Service: reserve physical machines and join them by isolated networks.\n\n" +
		"Every path is also served without /v0. The Content-Type of requests does not matter: bodies are JSON objects, " +
		"and no body is the same as {}. Answers without a result have an empty body."
	c.Info.License = &huma.License{Name: "Apache-2.0", URL: "https://www.apache.org/licenses/LICENSE-2.0"}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"basic": {Type: "http", Scheme: "basic", Description: "Name and password of a user."},
	}
	c.Security = []map[string][]string{{"basic": {}}}
	c.RejectUnknownQueryParameters = true
	// Huma's own pages and $schema members are not for us.
	c.CreateHooks, c.OpenAPIPath, c.DocsPath, c.SchemasPath = nil, "", "", ""
	return c
}

// documents are the API's descriptions. They carry the settings of the loaded drivers, so they are made anew when
// these change.
type documents struct {
	doc     *huma.OpenAPI
	drivers Drivers
	log     hclog.Logger

	// mu guards what follows.
	mu         sync.Mutex
	generation uint64
	files      map[string][]byte
}

func newDocuments(doc *huma.OpenAPI, d Drivers, log hclog.Logger) *documents {
	return &documents{doc: doc, drivers: d, log: log}
}

// Documents are the descriptions of the API, by file name, as a server with these drivers answers them:
// openapi.json and openapi.yaml in OpenAPI 3.1, openapi-3.0.json and openapi-3.0.yaml for older tools.
func Documents(d Drivers) (map[string][]byte, error) {
	s := declare(http.NewServeMux(), Config{Drivers: d})
	return newDocuments(s.api.OpenAPI(), d, hclog.NewNullLogger()).current()
}

func (d *documents) mount(mux *http.ServeMux) {
	for _, name := range []string{"openapi.json", "openapi.yaml", "openapi-3.0.json", "openapi-3.0.yaml"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, name) })
	}
}

func (d *documents) serve(w http.ResponseWriter, r *http.Request, name string) {
	files, err := d.current()
	if err != nil {
		id := requestOf(r.Context()).id
		d.log.Error("cannot write the API's description", "request", id, "err", err)
		write(w, internal(id))
		return
	}
	format := "json"
	if strings.HasSuffix(name, ".yaml") {
		format = "yaml"
	}
	w.Header().Set("Content-Type", "application/openapi+"+format)
	// A failure to write means that the caller is gone.
	_, _ = w.Write(files[name])
}

// current are the documents for the drivers that are loaded now.
func (d *documents) current() (map[string][]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// Asked before the types are: a change in between is then noticed next time.
	generation := d.drivers.Generation()
	if d.files != nil && d.generation == generation {
		return d.files, nil
	}
	files, err := render(withDevices(d.doc, d.drivers))
	if err != nil {
		return nil, err
	}
	d.files, d.generation = files, generation
	return files, nil
}

// withDevices is the document with the drivers' schemas in place of the general ones.
func withDevices(doc *huma.OpenAPI, d Drivers) *huma.OpenAPI {
	full, components := *doc, *doc.Components
	all := maps.Clone(doc.Components.Schemas.Map())
	maps.Copy(all, deviceSchemas(d))
	components.Schemas = fixedSchemas{Registry: doc.Components.Schemas, all: all}
	full.Components = &components
	return &full
}

// fixedSchemas is a registry that shows other schemas than it has.
type fixedSchemas struct {
	huma.Registry
	all map[string]*huma.Schema
}

// MarshalJSON is how the registry gets into the document.
func (s fixedSchemas) MarshalJSON() ([]byte, error) { return json.Marshal(s.all) }

func render(doc *huma.OpenAPI) (map[string][]byte, error) {
	new31, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	old30, err := doc.Downgrade()
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI 3.0 document: %w", err)
	}
	files := map[string][]byte{}
	for name, text := range map[string][]byte{"openapi": new31, "openapi-3.0": old30} {
		var inJSON, inYAML bytes.Buffer
		if err := json.Indent(&inJSON, text, "", "  "); err != nil {
			return nil, fmt.Errorf("indent %s: %w", name, err)
		}
		if err := yaml.Convert(&inYAML, bytes.NewReader(text)); err != nil {
			return nil, fmt.Errorf("write %s as YAML: %w", name, err)
		}
		files[name+".json"], files[name+".yaml"] = append(inJSON.Bytes(), '\n'), inYAML.Bytes()
	}
	return files, nil
}
