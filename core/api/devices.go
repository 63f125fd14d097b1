package api

import (
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/sdk"
)

const schemas = "#/components/schemas/"

// device is a driver's type URL and, beside it, the settings that this driver wants. Requests are checked for the type
// alone; the settings are the driver's to judge.
type device struct{ service.DriverSettings }

// UnmarshalJSON parts the type from the settings.
func (d *device) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &d.Settings); err != nil {
		return err
	}
	url, given := d.Settings["type"]
	if !given {
		return nil
	}
	delete(d.Settings, "type")
	return json.Unmarshal(url, &d.Type)
}

// NodeOBM is the out-of-band controller of a new node.
type NodeOBM struct{ device }

// Schema refers to a component that depends on the loaded drivers.
func (NodeOBM) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Ref: schemas + "NodeOBM"} }

// SwitchRegistration is a new switch.
type SwitchRegistration struct{ device }

// Schema refers to a component that depends on the loaded drivers.
func (SwitchRegistration) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Ref: schemas + "SwitchRegistration"}
}

// SwitchSettings are changes of a registered switch.
type SwitchSettings struct{ device }

// Schema refers to a component that does not depend on the loaded drivers: which of them is meant does not show in the body.
func (SwitchSettings) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Ref: schemas + "SwitchSettings"}
}

// registrable are the kinds of devices that are registered through the API: the component that describes a
// registration, the drivers' kind, and what the names of the components for single types begin with.
var registrable = []struct{ component, kind, prefix string }{
	{"NodeOBM", "obm", "OBM"},
	{"SwitchRegistration", "switch", "Switch"},
}

// declareDevices describes the components as requests are checked by them: of any type.
func declareDevices(registry huma.Registry) {
	for _, r := range registrable {
		registry.Map()[r.component] = anyDevice("type")
	}
	settings := anyDevice()
	settings.Properties["type"].MinLength = new(1) // an empty one would be taken for none
	settings.PrecomputeMessages()
	registry.Map()["SwitchSettings"] = settings
}

func anyDevice(required ...string) *huma.Schema {
	s := &huma.Schema{
		Type: huma.TypeObject, Required: required, AdditionalProperties: true,
		Properties: map[string]*huma.Schema{
			"type": {Type: huma.TypeString, Description: "Type URL of the driver.", Examples: []any{"http://schema.massopencloud.org/haas/v0/switches/mock"}},
		},
	}
	s.PrecomputeMessages()
	return s
}

// deviceSchemas are the components as the document shows them: one of the loaded types, told apart by their URLs.
func deviceSchemas(drivers Drivers) map[string]*huma.Schema {
	components := map[string]*huma.Schema{}
	for _, r := range registrable {
		if one := oneOf(components, r.prefix, drivers.Types(r.kind)); one != nil {
			components[r.component] = one
		}
	}
	return components
}

// oneOf adds a component for each type, and returns their union; nil if there is no type.
func oneOf(components map[string]*huma.Schema, prefix string, types []sdk.Type) *huma.Schema {
	if len(types) == 0 {
		return nil
	}
	union := &huma.Schema{Discriminator: &huma.Discriminator{PropertyName: "type", Mapping: map[string]string{}}}
	for _, t := range slices.SortedFunc(slices.Values(types), func(a, b sdk.Type) int { return strings.Compare(a.URL, b.URL) }) {
		name := componentName(components, prefix, t.URL)
		components[name] = typeSchema(t)
		union.OneOf = append(union.OneOf, &huma.Schema{Ref: schemas + name})
		union.Discriminator.Mapping[t.URL] = schemas + name
	}
	return union
}

// unfit are characters that names of components must not have.
var unfit = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// componentName makes SwitchNexus of .../switches/nexus, and SwitchNexus2 of another vendor's.
func componentName(taken map[string]*huma.Schema, prefix, url string) string {
	word := unfit.ReplaceAllString(path.Base(url), "")
	initial := min(1, len(word))
	base := prefix + strings.ToUpper(word[:initial]) + word[initial:]
	name := base
	for i := 2; taken[name] != nil; i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// typeSchema is a driver's schema of its settings, with the member type added. A schema that is no object, or refers
// to parts of itself, which would be elsewhere in the document, is replaced by one that takes everything.
func typeSchema(t sdk.Type) *huma.Schema {
	var schema map[string]any
	if json.Unmarshal(t.Settings, &schema) != nil || strings.Contains(string(t.Settings), `"$ref"`) {
		schema = map[string]any{"type": "object", "additionalProperties": true}
	}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	schema["properties"] = withType(properties, t)
	schema["required"] = append([]any{"type"}, required...)
	schema["title"] = t.Title
	return &huma.Schema{Extensions: schema}
}

func withType(properties map[string]any, t sdk.Type) map[string]any {
	all := map[string]any{"type": map[string]any{"type": "string", "enum": []any{t.URL}, "description": "Type URL of " + t.Title + "."}}
	maps.Copy(all, properties)
	return all
}
